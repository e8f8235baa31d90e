/**
 * How many bytes a program moves between memory and registers, estimated: what each loop reads of its iterators, what
 * builders write, what lookups fetch. This is what fusion saves, so `explain` shows it before and after the passes.
 *
 *     v = result(for(x, appender[f64], |b,i,e| merge(b, e * 2.0)));     reads 8 ROWS, writes 8 ROWS
 *     result(for(v, merger[f64,+], |b,i,e| merge(b, e)))                reads 8 ROWS
 *     fused                                                             reads 8 ROWS
 *
 * Lengths and frequencies are those of `expect.ts`. What is counted, each time that it happens:
 * - an iterator over a vector: the fields of an element that the body reads, columns being apart; whether a branch
 *   reads them or all of the body makes no difference, since memory comes by the line;
 * - `lookup` and its kind: the fields that are read of what is found, and a key for a dictionary;
 * - a merge: appender one write; vecmerger a read and a write; dictmerger a key read, a value read and written;
 *   groupmerger a key and a value written, and both moved once more by its result; merger nothing, it is a register;
 * - an initial vector of a vecmerger, `tovec`, `sort`, `serialize`: everything read and written once;
 * - a vector literal: its items written; `cudf`: its arguments read and its result written.
 * Structs, fields, `len` and `slice` move nothing. A vector that is an element counts as its place and length.
 */

import type { Atom, Block, Iter, Op, Sym } from '../core/op.ts';
import { isLit, isSym } from '../core/op.ts';
import type { Program, SymTab } from '../core/program.ts';
import { atomsOf, blocksOf } from '../core/shape.ts';
import { BOOL, scalarBytes, type Type } from '../core/types.ts';
import { forEachLet } from '../core/walk.ts';
import {
  afterRounds,
  binary,
  clamp,
  elemOf,
  entriesOf,
  fieldOf,
  type Guess,
  INNER_ROWS,
  ITERATIONS,
  lengthOf,
  literal,
  meanOf,
  mix,
  number,
  ROWS,
  resultOf,
  shareOf,
  UNKNOWN,
  unknownOf,
  untouched,
} from './expect.ts';

/** Where a vector is and how long it is, or a dictionary. */
const REFERENCE_BYTES = 16;

/** No loop is taken to be longer: lengths may be constants of any size. */
const MOST_ROUNDS = 2 ** 53;

/** The bytes that one run moves, for parameters of `ROWS` elements; a whole number. */
export function bytesMoved(p: Program): number {
  const walk = new Walk(p);
  for (const s of p.body.params) walk.values.set(s, unknownOf(p.syms.type(s), ROWS));
  walk.block(p.body, 1);
  return Math.round(Math.min(walk.bytes, Number.MAX_VALUE));
}

/** Bytes of a value as an element of a column. */
function sizeOf(t: Type): number {
  if (t.kind === 'scalar') return scalarBytes(t.scalar);
  return t.kind === 'struct' ? t.fields.reduce((sum, f) => sum + sizeOf(f), 0) : REFERENCE_BYTES;
}

/** Bytes of a value with all that it refers to. */
function wholeSize(t: Type, g: Guess): number {
  switch (t.kind) {
    case 'vec':
      return lengthOf(g) * wholeSize(t.elem, elemOf(g));
    case 'struct':
      return t.fields.reduce((sum, f, k) => sum + wholeSize(f, fieldOf(g, k)), 0);
    case 'dict':
      return entriesOf(g) * (sizeOf(t.key) + sizeOf(t.value));
    default:
      return sizeOf(t);
  }
}

/** Bytes of a key that is hashed and compared: text as a whole. */
const keySize = (t: Type): number => wholeSize(t, unknownOf(t));

class Walk {
  bytes = 0;
  readonly values = new Map<Sym, Guess>();
  readonly #syms: SymTab;
  readonly #reads: Reads;

  constructor(p: Program) {
    this.#syms = p.syms;
    this.#reads = readsOf(p);
  }

  /** Adds what a block moves that runs `times` times; the expectation of its result. */
  block(b: Block, times: number): Guess {
    for (const { sym, op } of b.lets) this.values.set(sym, this.#op(op, sym, times));
    return this.#of(b.result);
  }

  #of(a: Atom): Guess {
    return isLit(a) ? literal(a) : (this.values.get(a) ?? UNKNOWN);
  }
  #type(a: Atom): Type {
    return this.#syms.typeOf(a);
  }
  #whole(a: Atom): number {
    return wholeSize(this.#type(a), this.#of(a));
  }

  #op(op: Op, sym: Sym, times: number): Guess {
    const type = this.#syms.type(sym);
    const move = (bytes: number): void => {
      this.bytes += times * bytes;
    };
    const unknown = (): Guess => unknownOf(type);
    switch (op.kind) {
      case 'bin':
        if (this.#type(op.a).kind === 'scalar') return binary(op.op, this.#of(op.a), this.#of(op.b));
        move(this.#whole(op.a) + this.#whole(op.b));
        return UNKNOWN;
      case 'un': {
        const mean = meanOf(this.#of(op.a));
        if (mean === null || (op.op !== 'neg' && op.op !== 'not')) return UNKNOWN;
        return number(op.op === 'neg' ? -mean : 1 - mean);
      }
      case 'cast':
        return this.#of(op.a);
      case 'select':
        return choice(type, shareOf(this.#of(op.cond)), this.#of(op.a), this.#of(op.b));
      case 'if': {
        const share = shareOf(this.#of(op.cond));
        const then = this.#branch(op.cond, op.then, 1, times * share);
        return choice(type, share, then, this.#branch(op.cond, op.else, 0, times * (1 - share)));
      }
      case 'struct':
        return { kind: 'struct', fields: op.fields.map((f) => this.#of(f)) };
      case 'field':
        return fieldOf(this.#of(op.of), op.index);
      case 'vec':
        move(op.items.length * sizeOf(op.elem));
        return {
          kind: 'vec',
          length: op.items.length,
          elem: op.items[0] === undefined ? UNKNOWN : this.#of(op.items[0]),
        };
      case 'len': {
        const of = this.#of(op.of);
        return number(of.kind === 'dict' ? of.entries : lengthOf(of));
      }
      case 'lookup': {
        const of = this.#type(op.of);
        move((of.kind === 'dict' ? keySize(of.key) : 0) + this.#readBytes([sym]));
        const from = this.#of(op.of);
        return from.kind === 'dict' ? from.value : elemOf(from);
      }
      case 'optlookup':
      case 'keyexists': {
        const of = this.#type(op.of);
        move(of.kind === 'dict' ? keySize(of.key) + (op.kind === 'optlookup' ? sizeOf(of.value) : 0) : 0);
        return unknown();
      }
      case 'slice': {
        const length = Math.min(lengthOf(this.#of(op.of)), meanOf(this.#of(op.size)) ?? INNER_ROWS);
        return { kind: 'vec', length, elem: elemOf(this.#of(op.of)) };
      }
      case 'tovec': {
        const from = this.#of(op.of);
        move(2 * this.#whole(op.of));
        if (from.kind !== 'dict') return unknown();
        return { kind: 'vec', length: from.entries, elem: { kind: 'struct', fields: [from.key, from.value] } };
      }
      case 'sort': {
        const from = this.#of(op.of);
        const most = op.limit === null ? null : meanOf(this.#of(op.limit));
        if (most === null || most >= lengthOf(from)) {
          move(2 * this.#whole(op.of));
          return from;
        }
        move(this.#whole(op.of));
        return { kind: 'vec', length: Math.max(0, most), elem: elemOf(from) };
      }
      case 'serialize':
        move(2 * this.#whole(op.of));
        return { kind: 'vec', length: this.#whole(op.of), elem: UNKNOWN };
      case 'deserialize':
        move(2 * wholeSize(type, unknown()));
        return unknown();
      case 'iterate':
        for (const s of op.body.params) this.values.set(s, unknownOf(this.#syms.type(s)));
        this.block(op.body, times * ITERATIONS);
        return unknown();
      case 'assert':
        return number(1);
      case 'builder': {
        const base = op.arg === null ? null : this.#of(op.arg);
        if (op.ty.kind === 'vecmerger' && base !== null) move(2 * lengthOf(base) * sizeOf(op.ty.elem));
        return { kind: 'builder', merges: 0, elem: null, base };
      }
      case 'merge': {
        move(mergeBytes(type));
        const before = this.#of(op.builder);
        if (before.kind !== 'builder') return before;
        return { ...before, merges: before.merges + 1, elem: this.#of(op.value) };
      }
      case 'result': {
        const builder = this.#type(op.builder);
        move(resultBytes(builder, this.#of(op.builder)));
        return resultOf(builder, this.#of(op.builder));
      }
      case 'for':
        return this.#loop(op.iters, op.builder, op.body, times);
      case 'cudf':
        move(op.args.reduce((sum, a) => sum + this.#whole(a), wholeSize(type, unknown())));
        return unknown();
      default:
        return op satisfies never;
    }
  }

  /** A branch, in which the condition is known. */
  #branch(cond: Atom, b: Block, holds: 0 | 1, times: number): Guess {
    const before = this.#of(cond);
    if (isSym(cond)) this.values.set(cond, number(holds));
    const result = this.block(b, times);
    if (isSym(cond)) this.values.set(cond, before);
    return result;
  }

  #loop(iters: readonly Iter[], builder: Atom, body: Block, times: number): Guess {
    const rounds = Math.min(...iters.map((it) => this.#roundsOf(it, times)));
    const [b, index, ...elems] = body.params;
    const start = this.#of(builder);
    if (b !== undefined) this.values.set(b, untouched(start));
    if (index !== undefined) this.values.set(index, number((rounds - 1) / 2));
    for (const [k, it] of iters.entries()) {
      const elem = elems[k];
      if (elem === undefined) continue;
      if (it.kind !== 'range') {
        this.bytes += times * rounds * this.#readBytes([elem]);
        this.values.set(elem, elemOf(this.#of(it.vec)));
      } else {
        const [from, stride] = [meanOf(this.#of(it.start)), meanOf(this.#of(it.stride))];
        this.values.set(elem, from === null || stride === null ? UNKNOWN : number(from + (stride * (rounds - 1)) / 2));
      }
    }
    const each = this.block(body, times * rounds);
    return afterRounds(start, each, rounds);
  }

  /** How many elements an iterator gives. Where bounds are not known, a loop that runs once is an outer one. */
  #roundsOf(it: Iter, times: number): number {
    const most = it.kind === 'range' ? MOST_ROUNDS : lengthOf(this.#of(it.vec));
    if (it.kind === 'scan') return most;
    const [start, end, stride] = [it.start, it.end, it.stride].map((a) => meanOf(this.#of(a)));
    if (start == null || end == null || stride == null || stride === 0) {
      return Math.min(most, times > 1 ? INNER_ROWS : ROWS);
    }
    return clamp((end - start) / stride, 0, most);
  }

  /** Bytes of the fields that are read of symbols that stand for one value. */
  #readBytes(syms: readonly Sym[]): number {
    const [first] = syms;
    if (first === undefined) return 0;
    const t = this.#syms.type(first);
    if (syms.some((s) => this.#reads.whole.has(s))) return sizeOf(t);
    if (t.kind !== 'struct') return 0;
    const fields = syms.flatMap((s) => this.#reads.fields.get(s) ?? []);
    return t.fields.reduce(
      (sum, _, k) => sum + this.#readBytes(fields.filter((f) => f.index === k).map((f) => f.sym)),
      0,
    );
  }
}

/** One of two values, where it is a condition one of two likelihoods: `a && b` is `if(a, b, false)`. */
function choice(t: Type, share: number, x: Guess, y: Guess): Guess {
  return t === BOOL ? number(share * shareOf(x) + (1 - share) * shareOf(y)) : mix(share, x, y);
}

/** What is moved by one merge. */
function mergeBytes(builder: Type): number {
  switch (builder.kind) {
    case 'appender':
      return sizeOf(builder.elem);
    case 'vecmerger':
      return 2 * sizeOf(builder.elem);
    case 'dictmerger':
      return keySize(builder.key) + 2 * sizeOf(builder.value);
    case 'groupmerger':
      return keySize(builder.key) + sizeOf(builder.value);
    default:
      return 0;
  }
}

/** What is moved when a builder is finished: elements are brought together by their groups. */
function resultBytes(builder: Type, g: Guess): number {
  if (builder.kind === 'struct') return builder.fields.reduce((sum, f, k) => sum + resultBytes(f, fieldOf(g, k)), 0);
  if (builder.kind !== 'groupmerger' || g.kind !== 'builder') return 0;
  return 2 * g.merges * sizeOf(builder.value);
}

/** How each symbol is read: as a whole, or by its fields. */
interface Reads {
  readonly whole: ReadonlySet<Sym>;
  readonly fields: ReadonlyMap<Sym, readonly { readonly index: number; readonly sym: Sym }[]>;
}

function readsOf(p: Program): Reads {
  const whole = new Set<Sym>();
  const fields = new Map<Sym, { readonly index: number; readonly sym: Sym }[]>();
  const read = (a: Atom): void => {
    if (isSym(a)) whole.add(a);
  };
  forEachLet(p.body, ({ sym, op }) => {
    if (op.kind === 'field' && isSym(op.of)) {
      const known = fields.get(op.of) ?? [];
      known.push({ index: op.index, sym });
      fields.set(op.of, known);
    } else {
      for (const a of atomsOf(op)) read(a);
    }
    for (const b of blocksOf(op)) read(b.result);
  });
  read(p.body.result);
  return { whole, fields };
}
