/** What the grammar accepts and what tree it means, shown by the one-line print; what it refuses and how it says so. */

import { describe, expect, it } from 'vitest';
import { typeText } from '../core/types.ts';
import { RESERVED_WORDS } from '../core/words.ts';
import { printTree } from './compact.ts';
import { tokensOf } from './grammar.ts';
import { parseAliased, parseExpression, parseMacros, parseProgram, parseType } from './parse.ts';

function shown(text: string): string {
  const { tree, diagnostics } = parseExpression(text);
  return tree === null ? diagnostics.map((d) => `${d.code} ${d.message}`).join('; ') : printTree(tree);
}
function refusal(text: string): string {
  const { tree, diagnostics } = parseProgram(text);
  expect(tree === null).toBe(diagnostics.length > 0);
  return diagnostics.map((d) => `${d.code} ${d.message}${d.help === null ? '' : ` (${d.help})`}`).join('; ');
}

describe('words', () => {
  it('every reserved word is one token of its own, and a name when it goes on', () => {
    for (const word of RESERVED_WORDS) {
      const kinds = [word, `${word}_`, `${word}1`, `${word}$`, `x${word}`].map((w) =>
        tokensOf(w).map((t) => t.tokenType),
      );
      const [[own] = [], ...names] = kinds;
      expect(own?.name, word).not.toBe('Ident');
      expect(
        own?.CATEGORIES?.map((c) => c.name),
        word,
      ).toContain('Word');
      for (const n of names)
        expect(
          n.map((t) => t.name),
          word,
        ).toEqual(['Ident']);
    }
  });

  it('the names of the built-in macros are names', () => {
    expect(shown('let map = filter + flatten; map * sum - compare')).toBe(
      '(let map=((filter+flatten));((map*sum)-compare))',
    );
  });
});

describe('operators', () => {
  it.each([
    ['a || b && c || d', '((a||(b&&c))||d)'],
    ['a & b | c ^ d & e', '((a&b)|(c^(d&e)))'],
    ['a + b < c - d == e * f >= g', '(((a+b)<(c-d))==((e*f)>=g))'],
    ['a % b * c / d', '(((a%b)*c)/d)'],
    ['a - (b - c) - d', '((a-(b-c))-d)'],
    ['- a + ! b', '((-a)+(!b))'],
    ['-!-a', '(-(!(-a)))'],
    ['-a.$0', '(-a).$0'],
    ['-(a.$0)', '(-(a.$0))'],
    ['-f(1)', '((-f))(1)'],
    ['-(f(1))', '(-((f)(1)))'],
    ['-len(v)', '(-len(v))'],
    ['a: i32 * b: i32', '(a*b)'],
    ['f(a): i32', '(f)(a)'],
    ['a.$0.$12', 'a.$0.$12'],
    ['a.$007', 'a.$7'],
    ['f()(g).$1(h, i,)', '(((f)())(g).$1)(h,i)'],
    ['(|x| x + 1)(2)', '(|x|(x+1))(2)'],
    ['1 + (|x| x)', '(1+(|x|x))'],
    ['{1, {}, }', '{1,{}}'],
    ['[ ]', '[]'],
    ['(|a| (|b| a))', '|a:?|(|b|a)'],
  ])('%s', (text, print) => {
    expect(shown(text)).toBe(print);
  });

  it.each([
    ['a < b > c', 'W1002 comparisons do not chain: found > after <'],
    ['a == b != c', 'W1002 comparisons do not chain: found != after =='],
    ['a < (b > c)', '(a<(b>c))'],
    ['a min b', 'W1002 expected the end of the text, found "min"'],
    ['a ~ b', 'W1001 "~" starts no token'],
    ['a +', 'W1002 expected an expression, found the end of the text'],
    ['* a', 'W1002 expected an expression, found "*"'],
    ['a b', 'W1002 expected the end of the text, found "b"'],
  ])('%s: %s', (text, message) => {
    expect(shown(text)).toBe(message);
  });
});

describe('forms', () => {
  it.each([
    ['min(a, pow(b, c))', 'min(a,pow(b,c))'],
    ['erf(u8(x))', '(erf((u8(x))))'],
    ['bool(1)', '(bool(1))'],
    ['if(c, let x = 1; x, |y| y)', 'if(c,(let x=(1);x),|y|y)'],
    ['sort(v, |a, b| compare(a, b))', 'sort(v,|a,b|(compare)(a,b))'],
    ['sort(v, |a, b| compare(a, b), 3L)', 'sort(v,|a,b|(compare)(a,b),3L)'],
    ['assert(c) && c', '(assert(c)&&c)'],
    ['serialize(deserialize[vec[i8]](b))', 'serialize(deserialize[vec[i8]](b))'],
    ['broadcast(1.0f)', 'broadcast(1.0F)'],
    ['for(simditer(v), b, f)', 'for(simditer(v),b,f)'],
    ['for(fringeiter(v, 0L, 1L, 1L), b, f)', 'for(fringeiter(v,0L,1L,1L),b,f)'],
    ['for(rangeiter(0L, n, 1L), b, f)', 'for(rangeiter(0L,n,1L),b,f)'],
    ['for(zip(iter(a), iter(b, 0L, 1L, 1L)), c, f)', 'for(zip(a,iter(b,0L,1L,1L)),c,f)'],
    ['for(zip(iter(a)), c, f)', 'for(a,c,f)'],
    ['map(zip(a, b), f)', '(map)(zip(a,b),f)'],
    ['f(iter(a))', '(f)(iter(a))'],
    ['cudf[f,i64](a b, c,)', 'cudf[f,i64](a,b,c)'],
    ['cudf[f,i64]()', 'cudf[f,i64]()'],
    ['cudf[sort,i64](-a -b)', 'cudf[sort,i64](((-a)-b))'],
  ])('%s', (text, print) => {
    expect(shown(text)).toBe(print);
  });

  it.each([
    ['len()', 'W2005 len takes 1 argument, found 0'],
    ['lookup(a, b, c)', 'W2005 lookup takes 2 arguments, found 3'],
    ['iter(a, b)', 'W2005 iter takes 1 or 4 arguments, found 2'],
    ['zip()', 'W2005 zip takes one or more arguments, found 0'],
    ['f64(1, 2)', 'W2005 f64 takes 1 argument, found 2'],
    ['zip(a)', 'W2005 zip of one iterator stands only as the data of a loop'],
    ['for(a, zip(b), c)', 'W2005 zip of one iterator stands only as the data of a loop'],
    ['for(zip(zip(a), b), c, d)', 'W2005 zip of one iterator stands only as the data of a loop'],
    ['f(zip(a))', 'W2005 zip of one iterator stands only as the data of a loop'],
    ['deserialize(b)', 'W1002 deserialize is written deserialize[T](bytes)'],
    ['len + 1', 'W1002 expected "(", found "+"'],
    ['len[i8](v)', 'W1002 expected "(", found "["'],
  ])('%s: %s', (text, message) => {
    expect(shown(text)).toBe(message);
  });
});

describe('builders', () => {
  it.each([
    ['appender', 'appender[?]'],
    ['appender(8L)', 'appender[?](8L)'],
    ['merger[?, min]', 'merger[?,min]'],
    ['vecmerger[{f64,i64}, *](v,)', 'vecmerger[{f64,i64},*](v)'],
    ['dictmerger[vec[i8], ?, max](5L)', 'dictmerger[vec[i8],?,max](5L)'],
    ['groupmerger[i32, {i32}]', 'groupmerger[i32,{i32}]'],
    [
      '@(size:5L, b:-1.5, c:"x y", d:type, e:true, f:"true") merger[f32,+]',
      '@(size:5,b:-1.5,c:"x y",d:type,e:true,f:"true")merger[f32,+]',
    ],
    ['@(a:1) @(a:2, b:x) for(v, b, f)', '@(a:2,b:x)for(v,b,f)'],
    ['@(a:1) exp(x)', '(@(a:1)exp(x))'],
    ['@(a:1) (for(v, b, f))', 'for(v,b,f)'],
    ['@(a:1) x', 'x'],
    ['@(a:1) -for(v, b, f)', '(-for(v,b,f))'],
    ['-@(a:1)for(v, b, f)', '(-@(a:1)for(v,b,f))'],
    ['@(a:4000000000) if(a, b, c)', '@(a:4000000000)if(a,b,c)'],
  ])('%s', (text, print) => {
    expect(shown(text)).toBe(print);
  });

  it.each([
    ['merger', 'W1002 merger is written merger[T,op] with op one of + * min max'],
    ['merger[f64]', 'W1002 merger is written merger[T,op] with op one of + * min max'],
    ['merger[f64, /]', 'W1002 expected a type or one of + * min max, found "/"'],
    ['appender[f64, +]', 'W1002 appender is written appender[T]'],
    ['dictmerger[f64, +]', 'W1002 dictmerger is written dictmerger[K,V,op] with op one of + * min max'],
    ['groupmerger[f64, f64, +]', 'W1002 groupmerger is written groupmerger[K,V]'],
    ['vecmerger[f64, +]', 'W2005 vecmerger[f64,+] needs an initial vector'],
    ['groupmerger[f64, f64](1L)', 'W2005 groupmerger[f64,f64] takes no argument'],
    ['appender[f64](1L, 2L)', 'W2005 appender[f64] takes at most one argument, found 2'],
    ['@(a:9007199254740993) merger[f64,+]', 'W1003 9007199254740993 is too large for an annotation'],
  ])('%s: %s', (text, message) => {
    expect(shown(text)).toBe(message);
  });
});

describe('types', () => {
  it.each([
    ['vec[ vec[ ? ] ]', 'vec[vec[?]]'],
    ['{ }', '{}'],
    ['{i8, {bool,},}', '{i8,{bool}}'],
    ['dict[{i32,vec[u8]},simd[f32]]', 'dict[{i32,vec[u8]},simd[f32]]'],
    ['vecmerger[f64,min]', 'vecmerger[f64,min]'],
    [
      '{appender[i8],@(a:1)dictmerger[i8,f32,*],groupmerger[?,i8]}',
      '{appender[i8],dictmerger[i8,f32,*],groupmerger[?,i8]}',
    ],
    ['appender', 'appender[?]'],
  ])('%s', (text, print) => {
    const { tree } = parseType(text);
    expect(tree && typeText(tree)).toBe(print);
  });

  it.each([
    ['vec', 'expected "[", found the end of the text'],
    ['vec[i8', 'expected "]", found the end of the text'],
    ['dict[i8]', 'expected ",", found "]"'],
    ['i8 i8', 'expected the end of the text, found "i8"'],
    ['len', 'expected a type, found "len"'],
    ['veg[i8]', 'unknown type veg'],
  ])('%s: %s', (text, message) => {
    expect(parseType(text).diagnostics.map((d) => d.message)).toContain(message);
  });
});

describe('programs', () => {
  it('are aliases, macros and an expression', () => {
    const { tree } = parseProgram(`
      type real = f64;
      type pair = {real, vec[real]};
      macro first(p) = p.$0;
      macro both(p, q) = |x| first(p) + q;
      |p: pair, n: real| let y: real = p.$0; both(p, y)`);
    expect(tree?.macros.map((m) => [m.name, m.params, printTree(m.body)])).toEqual([
      ['first', ['p'], 'p.$0'],
      ['both', ['p', 'q'], '|x:?|((first)(p)+q)'],
    ]);
    expect(tree && printTree(tree.body)).toBe('|p:{f64,vec[f64]},n:f64|(let y=(p.$0);(both)(p,y))');
    expect(tree && printTree(tree.body, 'written')).toBe(
      '|p:{f64,vec[f64]},n:f64|(let y:f64=(p.$0);(both:?)(p:?,y:?))',
    );
  });

  it('an alias means what the aliases before it meant', () => {
    const { tree } = parseAliased('type a = i8; type b = {a, vec[a]};', '|x: b, y: a| x');
    expect(tree && printTree(tree)).toBe('|x:{i8,vec[i8]},y:i8|x');
    expect(parseAliased('', '1').tree).not.toBeNull();
    expect(parseAliased('type a = b;', '1').diagnostics.map((d) => d.message)).toEqual(['unknown type b']);
  });

  it('a text of macros may be empty', () => {
    expect(parseMacros(' # none\n').tree).toEqual([]);
    expect(parseMacros('macro f() = 1;').tree?.length).toBe(1);
    expect(parseMacros('macro f() = 1; 2').diagnostics.map((d) => d.message)).toEqual([
      'expected the end of the text, found "2"',
    ]);
  });

  it.each([
    [
      '',
      'W1002 the text is empty: there is no program (a program is a lambda: |x: vec[f64]| result(for(x, merger[f64,+], |b, i, e| merge(b, e))))',
    ],
    ['type a = i8; type a = i16; 1', 'W1006 type a is defined twice'],
    ['macro f(p) = p; macro f(q) = q; 1', 'W1006 macro f is defined twice (take another name, such as f_)'],
    ['macro sum(p) = p; 1', 'W1006 sum is a built-in macro (take another name, such as sum_)'],
    ['macro f(p, p) = p; 1', 'W1006 macro f has two parameters p'],
    ['macro f(p) = p; type a = i8; 1', 'W1002 a type alias stands behind a macro (aliases come before macros)'],
    ['type vec = i8; 1', 'W1005 vec is a reserved word, a name belongs here (take another name, such as vec_)'],
    ['macro len(v) = v; 1', 'W1005 len is a reserved word, a name belongs here (take another name, such as len_)'],
    ['|if| 1', 'W1005 if is a reserved word, a name belongs here (take another name, such as if_)'],
    ['let for = 1; for + 2', 'W1005 for is a reserved word, a name belongs here (take another name, such as for_)'],
    ['|x: reel| x', 'W2003 unknown type reel'],
    ['type real = f64; |x: reel| x', 'W2003 unknown type reel (did you mean real?)'],
    ['|x: f46| x', 'W2003 unknown type f46 (did you mean f64?)'],
    [
      'let f = |x| x; f(1)',
      'W1002 expected an expression, found "|" (a lambda inside an expression stands in parentheses: (|x| x))',
    ],
    [
      'let a = let b = 1; b; a',
      'W1002 expected an expression, found "let" (a let inside an expression stands in parentheses: (let x = 1; x))',
    ],
    [
      '1 + 2;',
      'W1002 expected the end of the text, found ";" (only definitions end in a semicolon, the last expression has none)',
    ],
    ['x = 2', 'W1002 expected the end of the text, found "=" (a comparison is written ==, a name is given by let)'],
    ['a << 2', 'W1002 expected an expression, found "<" (there are no shifts: multiply or divide by a power of two)'],
    ['x.name', 'W1002 a field is written .$0, .$1, ..., found .name'],
    [
      "'a'",
      `W1001 "'" starts no token (a text stands in double quotes); W1001 "'" starts no token (a text stands in double quotes)`,
    ],
    [
      'gr\u00f6\u00dfe',
      'W1001 "\u00f6\u00df" starts no token (outside comments a program is ASCII: names are made of letters, digits, _ and $)',
    ],
  ])('%s is refused', (text, message) => {
    expect(refusal(text)).toBe(message);
  });
});
