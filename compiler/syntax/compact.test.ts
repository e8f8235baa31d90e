import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type BinOp, NO_NOTES } from '../core/op.ts';
import {
  appender,
  F64,
  I32,
  I64,
  merger,
  SCALAR_KINDS,
  struct,
  type Type,
  unknown,
  vec,
  vecmerger,
} from '../core/types.ts';
import { RESERVED_WORDS } from '../core/words.ts';
import { runs } from '../testing/runs.ts';
import type { Expr, LetNode } from './ast.ts';
import { printTree } from './compact.ts';
import { aritiesOf, type FormWord, isForm, MATHS } from './forms.ts';
import { parseExpression } from './parse.ts';

function read(text: string): Expr {
  const { tree, diagnostics } = parseExpression(text);
  if (tree === null) throw new Error(`${text}\n${diagnostics.map((d) => d.message).join('\n')}`);
  return tree;
}
const print = (text: string): string => printTree(read(text));
const written = (text: string): string => printTree(read(text), 'written');

describe('the one-line print', () => {
  it.each([
    ['let a: i64 = 1L + 2L; let b = a; b', '(let a=((1L+2L));(let b=(a);b))'],
    ['|x: i32, y| |z: i8| x', '|x:i32,y:?|(|z|x)'],
    ['let f = (|x| x); f(1)', '(let f=(|x|x);(f)(1))'],
    ['(|x| x).$0', '(|x|x).$0'],
    ['7.$0 + 1.5.$1', '(7.$0+1.5.$1)'],
    ['-(|x| x)', '(-(|x|x))'],
    ['-(a: i8)', '(-a)'],
    ['(a: {i8}).$0', 'a.$0'],
    ['"a\nb\\t"', '"a\\nb\\t"'],
    ['1e21 + 0.000001 + 1e-7f + 100f', '(((1e+21+0.000001)+1e-7F)+100.0F)'],
    ['[1u8, 2u16, 3u32, 4u64, 5si, 6c, 7, 8L, true]', '[1u8,2u16,3u32,4u64,5si,6c,7,8L,true]'],
    ['sqrt(min(a, b)) * pow(c, 2.0)', '((sqrt(min(a,b)))*pow(c,2.0))'],
    ['for(iter(iter(v)), appender, |b, i, e| b)', 'for(v,appender[?],|b,i,e|b)'],
    ['result(merge(appender[i8](4L), 1c))', 'result(merge(appender[i8](4L),1c))'],
  ])('%s', (text, expected) => {
    expect(print(text)).toBe(expected);
    // The types at the outermost parameters are part of the text, others are not.
    expect(print(expected)).toBe(expected);
  });
});

describe('the print with types', () => {
  it.each([
    ['f(a: i8, b)', '(f:?)(a:i8,b:?)'],
    ['a.$0 + (b: {i8}).$0', '(a.$0+b.$0)'],
    ['let a: i8 = b; let c: i8 = b + b; a', '(let a:i8=(b:i8);(let c:i8=((b:?+b:?));a:?))'],
    ['|a: i8| |b, c: vec[?]| -a', '|a:i8|(|b:?,c:vec[?]|(-a:?))'],
  ])('as written: %s', (text, expected) => {
    expect(written(text)).toBe(expected);
  });

  it('as inferred: names, parameters, let names, and what writes types with holes', () => {
    const tree = read('|p, b| let s = deserialize[?](p); {result(merge(appender, s)), cudf[f,?](b), b.$0}');
    const types = {
      name: (e: Expr): Type => (e.k === 'builder' ? appender(I32) : e.k === 'name' && e.name === 'p' ? vec(I64) : F64),
      param: () => I64,
      letName: () => I32,
    };
    expect(printTree(tree, types)).toBe(
      '|p:i64,b:i64|(let s:i32=(deserialize[f64](p:vec[i64]));{result(merge(appender[i32],s:f64)),cudf[f,f64](b:f64),b.$0})',
    );
  });
});

describe('long trees', () => {
  it('are printed without recursion on their length', () => {
    const count = 30_000;
    const lets = print(`${'let a = a + 1; '.repeat(count)}a`);
    expect(lets.startsWith('(let a=((a+1));(let a=((a+1));')).toBe(true);
    expect(lets.endsWith(`a${')'.repeat(count)}`)).toBe(true);
    expect(print(`a${' + a'.repeat(count)}`)).toBe(`${'('.repeat(count)}a${'+a)'.repeat(count)}`);
    expect(print(`a${'.$1'.repeat(count)}`)).toBe(`a${'.$1'.repeat(count)}`);
    expect(print(`a${'(b)'.repeat(count)}`)).toBe(`${'('.repeat(count)}a${')(b)'.repeat(count)}`);
  });
});

// Random trees: whatever can be built can be printed, and reads back as what it was.

const span = { start: 0, end: 0 };
const name = fc.constantFrom('a', 'b', 'x', '$0', '_t1', 'map', 'format', 'e3');
const words: readonly FormWord[] = [...RESERVED_WORDS].filter(isForm);
const BIN: readonly BinOp[] = ['+', '-', '*', '/', '%', '==', '!=', '<', '<=', '>', '>=', '&&', '||', '&', '|', '^'];
const ty: fc.Arbitrary<Type> = fc.constantFrom(I32, vec(F64), struct([I64, vec(I32)]), unknown(0));
const notes = fc.oneof(
  { weight: 3, arbitrary: fc.constant(NO_NOTES) },
  {
    weight: 1,
    arbitrary: fc
      .tuple(
        fc.constantFrom('size', 'loopsize', 'type'),
        fc.oneof(fc.nat(), fc.boolean(), fc.constantFrom('x y', 'true', 'if', '"', '-1', ''), fc.constant(-2.5)),
      )
      .map(([k, v]) => ({ [k]: v })),
  },
);

const literal: fc.Arbitrary<Expr> = fc.oneof(
  fc.boolean().map((value): Expr => ({ k: 'lit', kind: 'bool', value, span })),
  fc.nat(127).chain((value) =>
    fc.constantFrom(...SCALAR_KINDS.filter((k) => k !== 'bool')).map((kind): Expr => {
      return { k: 'lit', kind, value: kind === 'i64' || kind === 'u64' ? BigInt(value) : value, span };
    }),
  ),
  fc
    .double({ noNaN: true, noDefaultInfinity: true, min: 0 })
    .map((value): Expr => ({ k: 'lit', kind: 'f64', value: value === 0 ? 0 : value, span })),
  fc
    .float({ noNaN: true, noDefaultInfinity: true, min: 0 })
    .map((value): Expr => ({ k: 'lit', kind: 'f32', value: value === 0 ? 0 : value, span })),
  fc.string({ unit: 'binary-ascii', maxLength: 6 }).map((value): Expr => ({ k: 'text', value, span })),
);

const { tree } = fc.letrec<{ tree: Expr }>((tie) => {
  const some = (min: number, max: number) => fc.array(tie('tree'), { minLength: min, maxLength: max });
  const form = fc.constantFrom(...words).chain((word) => {
    const counts = aritiesOf(word) ?? [2, 3];
    const args = fc.constantFrom(...counts).chain((n) => some(n, n));
    return fc.tuple(args, ty, notes).map(([list, t, note]): Expr => {
      return { k: 'form', word, ty: word === 'deserialize' ? t : null, args: list, notes: note, span };
    });
  });
  const builder = fc
    .tuple(fc.constantFrom('appender', 'merger', 'vecmerger'), ty, fc.option(tie('tree')), tie('tree'), notes)
    .map(([head, t, arg, needed, note]): Expr => {
      if (head === 'vecmerger') return { k: 'builder', ty: vecmerger(t, 'min'), arg: needed, notes: note, span };
      return { k: 'builder', ty: head === 'appender' ? appender(t) : merger(t, '+'), arg, notes: note, span };
    });
  const lets = fc
    .tuple(fc.array(fc.tuple(name, tie('tree')), { minLength: 1, maxLength: 3 }), tie('tree'))
    .map(([list, body]): Expr => {
      const nodes = list.map(([n, value]): LetNode => ({ name: n, ty: null, span, value }));
      return { k: 'lets', lets: nodes, body, span };
    });
  const lambda = fc.tuple(fc.array(name, { maxLength: 3 }), tie('tree')).map(([params, body]): Expr => {
    return { k: 'lambda', params: params.map((n) => ({ name: n, ty: null, span })), body, span };
  });
  return {
    tree: fc.oneof(
      { maxDepth: 5, depthSize: 'small' },
      fc.oneof(
        literal,
        name.map((n): Expr => ({ k: 'name', name: n, span })),
      ),
      fc.tuple(fc.constantFrom<'-' | '!'>('-', '!'), tie('tree')).map(([op, a]): Expr => ({ k: 'unary', op, a, span })),
      fc
        .tuple(fc.constantFrom(...BIN), tie('tree'), tie('tree'))
        .map(([op, a, b]): Expr => ({ k: 'binary', op, a, b, span })),
      form,
      fc.tuple(tie('tree'), some(0, 2)).map(([f, args]): Expr => ({ k: 'apply', f, args, span })),
      fc.tuple(tie('tree'), fc.nat(12)).map(([of, index]): Expr => ({ k: 'field', of, index, span })),
      some(0, 3).map((items): Expr => ({ k: 'struct', items, span })),
      some(0, 3).map((items): Expr => ({ k: 'vec', items, span })),
      lets,
      lambda,
      builder,
      fc
        .tuple(name, ty, some(0, 2), notes)
        .map(([n, t, args, note]): Expr => ({ k: 'cudf', name: n, ty: t, args, notes: note, span })),
    ),
  };
});

/** A tree as text, so that trees can be compared: without spans; lets one by one; what prints as nothing left out. */
const shape = (e: Expr): string =>
  JSON.stringify(e, (key, value: unknown) => {
    if (key === 'span' || key === 'id') return undefined;
    return typeof value === 'bigint' ? `${value}n` : Object.is(value, -0) ? '-0' : value;
  });
const oneByOne = (e: Expr): Expr =>
  mapTree(e, (x) => {
    if (x.k === 'lambda') return { ...x, params: x.params.map((p) => ({ ...p, ty: null })) };
    if (x.k === 'form' && x.word === 'for') return { ...x, args: x.args.map((a, k) => (k === 0 ? onlyVector(a) : a)) };
    if (x.k === 'form' && x.word === 'zip') return { ...x, args: x.args.map(onlyVector) };
    if (x.k !== 'lets') return x;
    return x.lets.reduceRight((body: Expr, l): Expr => ({ k: 'lets', lets: [l], body, span }), x.body);
  });
const onlyVector = (e: Expr): Expr => {
  const [first] = e.k === 'form' && e.word === 'iter' && e.args.length === 1 ? e.args : [];
  return first === undefined ? e : onlyVector(first);
};
function mapTree(e: Expr, f: (e: Expr) => Expr): Expr {
  const all = (list: readonly Expr[]): readonly Expr[] => list.map((x) => mapTree(x, f));
  switch (e.k) {
    case 'unary':
      return f({ ...e, a: mapTree(e.a, f) });
    case 'binary':
      return f({ ...e, a: mapTree(e.a, f), b: mapTree(e.b, f) });
    case 'form':
    case 'cudf':
      return f({ ...e, args: all(e.args) });
    case 'apply':
      return f({ ...e, f: mapTree(e.f, f), args: all(e.args) });
    case 'field':
      return f({ ...e, of: mapTree(e.of, f) });
    case 'struct':
    case 'vec':
      return f({ ...e, items: all(e.items) });
    case 'lets':
      return f({ ...e, lets: e.lets.map((l) => ({ ...l, value: mapTree(l.value, f) })), body: mapTree(e.body, f) });
    case 'lambda':
      return f({ ...e, body: mapTree(e.body, f) });
    case 'builder':
      return f({ ...e, arg: e.arg === null ? null : mapTree(e.arg, f) });
    default:
      return f(e);
  }
}

describe('random trees', () => {
  it('read back as what they were, and print again as they did', () => {
    const kinds = new Set<string>();
    fc.assert(
      fc.property(tree, (e) => {
        mapTree(e, (x) => {
          kinds.add(x.k === 'form' ? x.word : x.k);
          return x;
        });
        const text = printTree(e);
        expect(text).not.toMatch(/[^ -~]/);
        const again = read(text);
        expect(printTree(again)).toBe(text);
        expect(shape(oneByOne(again))).toBe(shape(oneByOne(e)));
      }),
      runs(31, 5),
    );
    for (const kind of ['lit', 'text', 'apply', 'field', 'lets', 'lambda', 'builder', 'cudf', 'for', ...MATHS]) {
      expect([...kinds]).toContain(kind);
    }
  }, 300_000);
});
