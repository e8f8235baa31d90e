/**
 * The Core operations: a readonly discriminated union with named fields. `build.ts` is the only constructor.
 *
 * Core is in A-normal form with regions: operands are atoms (a symbol or a literal), bodies are blocks with
 * parameters. Where an operation has a word in Weld's surface syntax, its `kind` is that word.
 * To add an operation follow `spec/add-an-op.md`.
 */

import type { BuilderType, ScalarType, Type } from './types.ts';

/** A value bound once in a program: a parameter, a block parameter or the name of a let. Never reused. */
export type Sym = number & { readonly __sym: never };

/** A scalar constant. i64/u64 hold a bigint, other numbers a number (f32 already rounded), bool a boolean. */
export interface Lit {
  readonly lit: number | bigint | boolean;
  readonly ty: ScalarType;
}

export type Atom = Sym | Lit;

export const isSym = (a: Atom): a is Sym => typeof a === 'number';
export const isLit = (a: Atom): a is Lit => typeof a === 'object';
/** The same symbol, or the same literal of the same type; 0.0 and -0.0 are two. */
export const sameAtom = (a: Atom, b: Atom): boolean =>
  a === b || (isLit(a) && isLit(b) && a.ty === b.ty && Object.is(a.lit, b.lit));

export interface Let {
  readonly sym: Sym;
  readonly op: Op;
}

export interface Block {
  readonly params: readonly Sym[];
  readonly lets: readonly Let[];
  readonly result: Atom;
}

/** `+ - * / %` wrap on integers; `&& ||` are strict here (the surface short-circuits by `if`); `pow` and `atan2` (of y, x) are
 *  float only. */
export type BinOp =
  | '+'
  | '-'
  | '*'
  | '/'
  | '%'
  | '=='
  | '!='
  | '<'
  | '<='
  | '>'
  | '>='
  | '&&'
  | '||'
  | '&'
  | '|'
  | '^'
  | 'min'
  | 'max'
  | 'pow'
  | 'atan2';

/** `neg` prints as `-`, `not` as `!`; the rest are calls by the same word, on floats only. `round` goes to the nearest
 *  whole number and from the middle to the even one. */
export type UnOp =
  | 'neg'
  | 'not'
  | 'exp'
  | 'expm1'
  | 'log'
  | 'log1p'
  | 'log2'
  | 'log10'
  | 'sqrt'
  | 'sin'
  | 'cos'
  | 'tan'
  | 'asin'
  | 'acos'
  | 'atan'
  | 'sinh'
  | 'cosh'
  | 'tanh'
  | 'erf'
  | 'erfc'
  | 'normcdf'
  | 'floor'
  | 'ceil'
  | 'round'
  | 'trunc';

/** What a loop walks. Bounds are i64; the number of iterations is (end - start) / stride where there are bounds. */
export type Iter =
  /** `v`: every element of a vector. */
  | { readonly kind: 'scan'; readonly vec: Atom }
  /** `rangeiter(start,end,stride)`: the values start, start+stride, ... below end. */
  | { readonly kind: 'range'; readonly start: Atom; readonly end: Atom; readonly stride: Atom }
  /** `iter(v,start,end,stride)`: the elements at start, start+stride, ... below end. */
  | {
      readonly kind: 'iter';
      readonly vec: Atom;
      readonly start: Atom;
      readonly end: Atom;
      readonly stride: Atom;
    }
  /** `nditer(v,start,end,stride,shape,steps)`: the elements at start + sum(index * step), last dimension fastest. */
  | {
      readonly kind: 'nditer';
      readonly vec: Atom;
      readonly start: Atom;
      readonly end: Atom;
      readonly stride: Atom;
      readonly shape: Atom;
      readonly steps: Atom;
    };

/** `@(key:value)` hints of the surface syntax. They never change a result. */
export type Annotations = Readonly<Record<string, string | number | boolean>>;

export type Op =
  /** `a + b`, `min(a,b)` ... on scalars; comparisons also on vectors and structs (lexicographic) and give bool. */
  | { readonly kind: 'bin'; readonly op: BinOp; readonly a: Atom; readonly b: Atom }
  /** `-a`, `!a`, `exp(a)` ... */
  | { readonly kind: 'un'; readonly op: UnOp; readonly a: Atom }
  /** `f64(a)`: int to int wraps, float to int saturates (NaN gives 0), int to float rounds once. */
  | { readonly kind: 'cast'; readonly to: ScalarType; readonly a: Atom }
  /** `select(cond,a,b)`: both sides are evaluated. */
  | { readonly kind: 'select'; readonly cond: Atom; readonly a: Atom; readonly b: Atom }
  /** `if(cond, then, else)`: one side is evaluated. Blocks take no parameters. */
  | { readonly kind: 'if'; readonly cond: Atom; readonly then: Block; readonly else: Block }
  /** `{a,b}` */
  | { readonly kind: 'struct'; readonly fields: readonly Atom[] }
  /** `a.$n` */
  | { readonly kind: 'field'; readonly of: Atom; readonly index: number }
  /** `[a,b]`; the element type is kept because the list may be empty. */
  | { readonly kind: 'vec'; readonly elem: Type; readonly items: readonly Atom[] }
  /** `len(v)`: i64. */
  | { readonly kind: 'len'; readonly of: Atom }
  /** `lookup(v,i)` by i64 index (ArrayOutOfBounds), `lookup(d,k)` by key (KeyNotFoundError). */
  | { readonly kind: 'lookup'; readonly of: Atom; readonly index: Atom }
  /** `optlookup(d,k)`: `{found,value}`; the value of a miss is not specified. */
  | { readonly kind: 'optlookup'; readonly of: Atom; readonly key: Atom }
  /** `keyexists(d,k)`: bool. */
  | { readonly kind: 'keyexists'; readonly of: Atom; readonly key: Atom }
  /** `slice(v,start,size)`: cut at the end of v; start outside 0..len is ArrayOutOfBounds. */
  | { readonly kind: 'slice'; readonly of: Atom; readonly start: Atom; readonly size: Atom }
  /** `tovec(d)`: `vec[{K,V}]` in first-insertion order. */
  | { readonly kind: 'tovec'; readonly of: Atom }
  /**
   * `sort(v,|a,b| ..)`: stable, by a comparator that gives i32 below, equal to or above 0. `sort(v,|a,b| ..,k)`: of that
   * order the first k (i64) elements, as `slice` from 0 would give them.
   */
  | { readonly kind: 'sort'; readonly of: Atom; readonly by: Block; readonly limit: Atom | null }
  /** `iterate(x,|x| {next, again})`: the body runs at least once, and again as long as it says so. */
  | { readonly kind: 'iterate'; readonly init: Atom; readonly body: Block }
  /** `assert(c)`: true, or AssertionError. */
  | { readonly kind: 'assert'; readonly cond: Atom }
  /** `serialize(x)`: `vec[u8]`, packed and little-endian, vectors and dictionaries after their i64 length. */
  | { readonly kind: 'serialize'; readonly of: Atom }
  /** `deserialize[T](bytes)`: the value back, or DeserializationError. */
  | { readonly kind: 'deserialize'; readonly ty: Type; readonly of: Atom }
  /** A fresh builder. `arg`: appender size hint, merger initial value, vecmerger initial vector, dictmerger size hint. */
  | { readonly kind: 'builder'; readonly ty: BuilderType; readonly arg: Atom | null; readonly notes: Annotations }
  /** `merge(b,v)`: the builder after the merge. vecmerger takes `{index,value}`, dictmerger and groupmerger `{key,value}`. */
  | { readonly kind: 'merge'; readonly builder: Atom; readonly value: Atom }
  /** `result(b)`: a builder's value; a struct of builders gives the struct of their values. */
  | { readonly kind: 'result'; readonly builder: Atom }
  /** `for(iters,b,|b,i,e...|)`: body params are the builder, the i64 iteration number, one element per iterator. */
  | {
      readonly kind: 'for';
      readonly iters: readonly Iter[];
      readonly builder: Atom;
      readonly body: Block;
      readonly notes: Annotations;
    }
  /** `cudf[name,T](args)`: a primitive or extern registered with the session. Noted `pure:false`, each call counts. */
  | {
      readonly kind: 'cudf';
      readonly name: string;
      readonly ty: Type;
      readonly args: readonly Atom[];
      readonly notes: Annotations;
    };

export type OpKind = Op['kind'];
export type OpOf<K extends OpKind> = Extract<Op, { readonly kind: K }>;

export const COMPARISONS: ReadonlySet<BinOp> = new Set<BinOp>(['==', '!=', '<', '<=', '>', '>=']);
/** Written as a call, `min(a, b)`; the other operations on two values stand between them. */
export const CALLED = ['min', 'max', 'pow', 'atan2'] as const satisfies readonly BinOp[];
export const isCalled = (op: string): op is (typeof CALLED)[number] => CALLED.some((c) => c === op);
export const NO_NOTES: Annotations = Object.freeze({});
