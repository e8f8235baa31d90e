import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { renderDiagnostic } from '../diag/render.ts';
import { runs } from '../testing/runs.ts';
import type { Expr } from './ast.ts';
import { BUILTIN_MACROS } from './builtins.ts';
import { printTree } from './compact.ts';
import { expandMacros } from './macros.ts';
import { eachExpr, freeNames } from './names.ts';
import { parseMacros, parseProgram } from './parse.ts';

/** The expanded body of a program as one line. */
function expanded(text: string): string {
  return printTree(tree(text));
}
function tree(text: string): Expr {
  const read = parseProgram(text);
  const out = read.tree === null ? read : expandMacros(read.tree.macros, read.tree.body);
  if (out.tree === null || !('k' in out.tree)) throw new Error(out.diagnostics.map((d) => d.message).join('; '));
  return out.tree;
}
/** What is shown for a program whose macros cannot be expanded. */
function refusal(text: string): string {
  const read = parseProgram(text);
  if (read.tree === null) throw new Error('the text does not parse');
  const { tree: out, diagnostics } = expandMacros(read.tree.macros, read.tree.body);
  expect(out === null).toBe(diagnostics.length > 0);
  return diagnostics.map((d) => renderDiagnostic(d, { name: 'm.weld', text })).join('\n');
}
const repeat = (open: string, middle: string, close: string, n: number): string =>
  open.repeat(n) + middle + close.repeat(n);

describe('expansion', () => {
  it.each([
    ['arguments stand for parameters, as often as these are read', 'macro sq(p) = p * p; sq(a + 1)', '((a+1)*(a+1))'],
    ['also not at all', 'macro k(p) = 1; k(a)', '1'],
    ['all at once', 'macro swap(p, q) = {q, p}; swap(q, p)', '{p,q}'],
    ['arguments of arguments', 'macro sq(p) = p * p; sq(sq(a))', '((a*a)*(a*a))'],
    ['in the bodies of other macros, before or behind', 'macro f(p) = g(p) + 1; macro g(p) = -p; f(a)', '((-a)+1)'],
    ['without arguments', 'macro seven() = 7; seven() * seven()', '(7*7)'],
    [
      'a parameter that is called is a function',
      'macro twice(f, p) = f(f(p)); twice(|x| x + 1, a)',
      '(|x|(x+1))((|x|(x+1))(a))',
    ],
    ['or a macro', 'macro twice(f, p) = f(f(p)); macro sq(p) = p * p; twice(sq, a)', '((a*a)*(a*a))'],
    ['or a let-bound lambda', 'macro call(f, p) = f(p); let g = (|x| x); call(g, 1)', '(let g=(|x|x);(g)(1))'],
    ['a lambda may be the body', 'macro plus(p) = |x| x + p; plus(1)(2)', '(|x|(x+1))(2)'],
    [
      'everywhere',
      'macro m(p) = p; {m(1), [m(2)], -(m(3)), m(4).$0, m(5): i32, exp(m(6)), appender(m(7)), cudf[f,i32](m(8))}',
      '{1,[2],(-3),4.$0,5,(exp(6)),appender[?](7),cudf[f,i32](8)}',
    ],
    ['in a let and in its body', 'macro m(p) = p; let a = m(1); m(a)', '(let a=(1);a)'],
    ['nothing to do', 'macro m(p) = p; f(1) + m', '((f)(1)+m)'],
  ])('%s', (_what, text, expected) => {
    expect(expanded(text)).toBe(expected);
  });

  it('of the built-in macros', () => {
    expect(expanded('map(v, |e| e + 1)')).toBe('result(for(v,appender[?],|b,i,x|merge(b,(|e|(e+1))(x))))');
    expect(expanded('filter(v, p)')).toBe('result(for(v,appender[?],|b,i,x|if((p)(x),merge(b,x),b)))');
    expect(expanded('flatten(u)')).toBe('result(for(u,appender[?],|b,i,v|for(v,b,|inner,j,x|merge(inner,x))))');
    expect(expanded('sum(v)')).toBe('result(for(v,merger[?,+],|b,i,x|merge(b,x)))');
    expect(expanded('compare(a, b)')).toBe('if((a<b),(-1),if((a>b),1,0))');
    expect([...BUILTIN_MACROS.keys()]).toEqual(['map', 'filter', 'flatten', 'sum', 'compare']);
  });

  it('gives every node of the result a place of its own', () => {
    const seen = new Set<Expr>();
    const text = 'macro sq(p) = p * p; macro both(p) = {sq(p), sq(p)}; both(a + b)';
    eachExpr(tree(text), (e) => {
      expect(seen.has(e)).toBe(false);
      seen.add(e);
    });
    expect(seen.size).toBe(15);
  });

  it('what comes from a body has the place of the call, an argument keeps its own', () => {
    const text = 'macro sq(p) = p * p; macro f(p) = sq(p) + 1; f(a)';
    const found = tree(text);
    const call = { start: text.lastIndexOf('f(a)'), end: text.length };
    expect(found.span).toEqual(call);
    if (found.k !== 'binary' || found.a.k !== 'binary') throw new Error('not a sum of a product');
    expect(found.a.span).toEqual(call);
    expect(found.a.a.span).toEqual({ start: call.start + 2, end: call.start + 3 });
  });
});

describe('hygiene', () => {
  it.each([
    [
      'a binder that would capture an argument gets another name',
      'macro plus(p) = |n| n + p; plus(n)',
      '|n__1:?|(n__1+n)',
    ],
    ['others keep theirs', 'macro plus(p) = |n| n + p; plus(m)', '|n:?|(n+m)'],
    ['let names too', 'macro h(p) = (let n = p; n + p); h(n)', '(let n__1=(n);(n__1+n))'],
    ['a new name is new', 'macro plus(p) = |n| n + p; plus(n + n__1)', '|n__2:?|(n__2+(n+n__1))'],
    ['only what is free in an argument counts', 'macro call(f) = |x| f(x); call(|x| x)', '|x:?|(|x|x)(x)'],
    ['through a second macro', 'macro in(p) = |n| p; macro out(q) = |n| in(q + n); out(n)', '|n__1:?|(|n__2|(n+n__1))'],
    ['an argument of an argument', 'macro f(p) = |n| g(p); macro g(q) = |n| q; f(n)', '|n__1:?|(|n__2|n)'],
    ['what a macro reads without binding it', 'macro free() = n; macro f(p) = |n| p; f(free())', '|n__1:?|n'],
    [
      'built-in macros',
      'map(b, |e| e + x + i)',
      'result(for(b,appender[?],|b__1,i__1,x__1|merge(b__1,(|e|((e+x)+i))(x__1))))',
    ],
    ['let by let', 'macro f(p) = (let a = 1; let a = a + p; a); f(a)', '(let a__1=(1);(let a__2=((a__1+a));a__2))'],
  ])('%s', (_what, text, expected) => {
    expect(expanded(text)).toBe(expected);
  });
});

describe('names in call position', () => {
  it.each([
    [
      'a variable does not hide a macro',
      'let filter = 1; filter(v, |x| x > filter)',
      '(let filter=(1);result(for(v,appender[?],|b,i,x|if((|x|(x>filter))(x),merge(b,x),b))))',
    ],
    ['nor does a parameter', '|sum: i32| sum + sum(v)', '|sum:i32|(sum+result(for(v,merger[?,+],|b,i,x|merge(b,x))))'],
    ['a let with a lambda does', 'let sum = (|x| x); sum(v)', '(let sum=(|x|x);(sum)(v))'],
    [
      'until the next let',
      'let sum = (|x| x); let sum = 1; sum([2])',
      '(let sum=(|x|x);(let sum=(1);result(for([2],merger[?,+],|b,i,x|merge(b,x)))))',
    ],
    ['behind it only', 'macro f(p) = p; f(let f = (|x| x); f(1)) + f(2)', '((let f=(|x|x);(f)(1))+2)'],
    ['what is no macro stays', 'f(g(1))', '(f)((g)(1))'],
    ['as does what is called in turn', 'macro m(p) = p; m(f)(m(1))', '(f)(1)'],
  ])('%s', (_what, text, expected) => {
    expect(expanded(text)).toBe(expected);
  });
});

describe('refusals', () => {
  it('of a wrong number of arguments, each call once', () => {
    expect(refusal('macro f(p, q) = p; f(1) + map(v) + f(2, 3)')).toMatchInlineSnapshot(`
      "error[W2005]: macro f takes 2 arguments, found 1
       --> m.weld:1:20
        |
      1 | macro f(p, q) = p; f(1) + map(v) + f(2, 3)
        |                    ^^^^
      error[W2005]: macro map takes 2 arguments, found 1
       --> m.weld:1:27
        |
      1 | macro f(p, q) = p; f(1) + map(v) + f(2, 3)
        |                           ^^^^^^"
    `);
    expect(refusal('macro f(p) = g(p, p) + g(p, p); macro g(p) = p; f(1)').split('error[').length).toBe(2);
  });

  it('of macros that call each other', () => {
    expect(refusal('macro ping(p) = pong(p); macro pong(p) = ping(p); 1 + ping(2)')).toMatchInlineSnapshot(`
      "error[W1007]: macros call each other more than 30 deep, up to ping
       --> m.weld:1:55
        |
      1 | macro ping(p) = pong(p); macro pong(p) = ping(p); 1 + ping(2)
        |                                                       ^^^^^^^
        = help: a macro cannot call itself, also not by way of others"
    `);
    expect(refusal('macro om(x) = x(x); om(om)')).toMatch(/^error\[W1007\]: macros call each other/);
  });

  it('of trees that grow too large', () => {
    expect(refusal(`macro f(p) = p + p; ${repeat('f(', 'x', ')', 40)}`)).toMatch(
      /^error\[W1007\]: the program is more than 1000000 expressions once its macros are expanded\n/,
    );
    expect(refusal(`macro f(p) = ${repeat('exp(', 'p', ')', 150)}; ${repeat('f(', 'x', ')', 150)}`)).toMatch(
      /^error\[W1007\]: the program nests more than 800 deep once its macros are expanded\n/,
    );
  });

  it('of names that are taken, also when the macros come from elsewhere', () => {
    const macros = parseMacros('macro f() = 1; macro f() = 2; macro map(p) = p;').tree ?? [];
    const { tree: none, diagnostics } = expandMacros(macros, tree('1'));
    expect([none, ...diagnostics.map((d) => `${d.code} ${d.message}`)]).toEqual([
      null,
      'W1006 macro f is defined twice',
      'W1006 map is a built-in macro',
    ]);
  });
});

describe('large programs', () => {
  it('are expanded without recursion on their length', () => {
    const sum = expanded(`macro sq(p) = p * p; sq(a)${' + a'.repeat(30_000)} + sq(b)`);
    expect(sum.startsWith(`${'('.repeat(30_001)}(a*a)+a)`)).toBe(true);
    expect(sum.endsWith('+a)+(b*b))')).toBe(true);
    const lets = tree(`macro sq(p) = (let y = p; y * y); ${'let y = sq(y); '.repeat(10_000)}y`);
    expect(lets.k === 'lets' && lets.lets.length).toBe(10_000);
    expect(expanded(`macro m(p) = p; m(a)${'.$0(b)'.repeat(10_000)}`).length).toBeGreaterThan(60_000);
  });

  it('may nest calls as deep as the text may nest', () => {
    expect(expanded(`macro f(p) = exp(p); ${repeat('f(', 'x', ')', 190)}`)).toBe(repeat('(exp(', 'x', '))', 190));
    const chain = Array.from({ length: 29 }, (_, k) => `macro f${k}(p) = f${k + 1}(p);`).join(' ');
    expect(expanded(`${chain} macro f29(p) = -p; ${repeat('f0(', 'x', ')', 190)}`)).toBe(repeat('(-', 'x', ')', 190));
  });
});

// A random macro over a random argument: what a name refers to does not change.

/** Arithmetic over a few names, with binders: its text and its meaning under values of free names. */
interface Term {
  readonly text: string;
  readonly value: (names: ReadonlyMap<string, number>) => number;
}
const NAMES = ['n', 'm', 'k'] as const;
const term = (free: readonly string[]): fc.Arbitrary<Term> =>
  fc.letrec<{ t: Term }>((tie) => ({
    t: fc.oneof(
      { maxDepth: 4 },
      fc.constantFrom(...free).map((n): Term => ({ text: n, value: (v) => v.get(n) ?? Number.NaN })),
      fc.tuple(tie('t'), tie('t')).map(([a, b]): Term => {
        return { text: `(${a.text} - ${b.text})`, value: (v) => a.value(v) - b.value(v) };
      }),
      fc.tuple(fc.constantFrom(...NAMES), tie('t'), tie('t')).map(
        ([n, a, b]): Term => ({
          text: `(let ${n} = ${a.text}; ${b.text})`,
          value: (v) => b.value(new Map([...v, [n, a.value(v)]])),
        }),
      ),
      fc.tuple(fc.constantFrom(...NAMES), tie('t'), tie('t')).map(
        ([n, a, b]): Term => ({
          text: `(|${n}| ${b.text})(${a.text})`,
          value: (v) => b.value(new Map([...v, [n, a.value(v)]])),
        }),
      ),
    ),
  })).t;

function evaluate(e: Expr, names: ReadonlyMap<string, number>): number {
  if (e.k === 'name') return names.get(e.name) ?? Number.NaN;
  if (e.k === 'binary') return evaluate(e.a, names) - evaluate(e.b, names);
  if (e.k === 'lets') {
    const inner = new Map(names);
    for (const l of e.lets) inner.set(l.name, evaluate(l.value, inner));
    return evaluate(e.body, inner);
  }
  const [arg] = e.k === 'apply' ? e.args : [];
  if (e.k !== 'apply' || e.f.k !== 'lambda' || arg === undefined) throw new Error(`not in a term: ${e.k}`);
  return evaluate(e.f.body, new Map([...names, [e.f.params[0]?.name ?? '', evaluate(arg, names)]]));
}

describe('random macros', () => {
  it('mean what a function of their parameters would mean', () => {
    const outside = new Map([
      ['n', 2],
      ['m', 30],
      ['k', 500],
    ]);
    fc.assert(
      fc.property(term(['p', 'q']), term(NAMES), term(NAMES), term(['r', 'n']), (body, a, b, caller) => {
        const text = `macro f(p, q) = ${body.text}; macro g(r, n) = f(${caller.text}, n); {f(${a.text}, ${b.text}), g(${a.text}, ${b.text})}`;
        const found = tree(text);
        if (found.k !== 'struct') throw new Error('not a struct');
        const [p, q] = [a.value(outside), b.value(outside)];
        const direct = body.value(
          new Map([
            ['p', p],
            ['q', q],
          ]),
        );
        const inner = caller.value(
          new Map([
            ['r', p],
            ['n', q],
          ]),
        );
        const through = body.value(
          new Map([
            ['p', inner],
            ['q', q],
          ]),
        );
        expect(found.items.map((e) => evaluate(e, outside))).toEqual([direct, through]);
        for (const name of freeNames(found)) expect(NAMES).toContain(name);
      }),
      runs(41, 2),
    );
  });
});
