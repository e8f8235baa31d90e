/**
 * The built-in macros, as the texts that they are. `|b, i, x|` are names of the macro: expansion keeps them apart from
 * those of the arguments.
 */

export const BUILTIN_MACROS: ReadonlyMap<string, string> = new Map([
  ['map', 'macro map(data, f) = result(for(data, appender, |b, i, x| merge(b, f(x))));'],
  ['filter', 'macro filter(data, f) = result(for(data, appender, |b, i, x| if(f(x), merge(b, x), b)));'],
  ['flatten', 'macro flatten(data) = result(for(data, appender, |b, i, v| for(v, b, |inner, j, x| merge(inner, x))));'],
  ['sum', 'macro sum(data) = result(for(data, merger[?, +], |b, i, x| merge(b, x)));'],
  ['compare', 'macro compare(x, y) = if(x < y, -1, if(x > y, 1, 0));'],
]);
