/**
 * The three functions that generic code needs to know about the shape of an operation: which atoms it reads, which
 * blocks it holds, and the same operation with both mapped. Everything generic (clone, uses, dead code, keys,
 * scopes) derives from them, so a new operation is added here once.
 */

import type { Atom, Block, Iter, Op } from './op.ts';

/** The atoms that an operation reads itself, not those inside its blocks. */
export function atomsOf(op: Op): readonly Atom[] {
  switch (op.kind) {
    case 'bin':
      return [op.a, op.b];
    case 'un':
    case 'cast':
      return [op.a];
    case 'select':
      return [op.cond, op.a, op.b];
    case 'if':
      return [op.cond];
    case 'struct':
      return op.fields;
    case 'field':
    case 'len':
    case 'tovec':
      return [op.of];
    case 'vec':
      return op.items;
    case 'lookup':
      return [op.of, op.index];
    case 'keyexists':
      return [op.of, op.key];
    case 'slice':
      return [op.of, op.start, op.size];
    case 'builder':
      return op.arg === null ? [] : [op.arg];
    case 'merge':
      return [op.builder, op.value];
    case 'result':
      return [op.builder];
    case 'for':
      return [...op.iters.flatMap(iterAtoms), op.builder];
    case 'cudf':
      return op.args;
    default:
      return op satisfies never;
  }
}

export function iterAtoms(it: Iter): readonly Atom[] {
  return it.kind === 'scan' ? [it.vec] : [it.start, it.end, it.stride];
}

export function mapIter(it: Iter, f: (a: Atom) => Atom): Iter {
  return it.kind === 'scan'
    ? { kind: 'scan', vec: f(it.vec) }
    : { kind: 'range', start: f(it.start), end: f(it.end), stride: f(it.stride) };
}

/** The blocks that an operation holds, in order of evaluation. */
export function blocksOf(op: Op): readonly Block[] {
  switch (op.kind) {
    case 'if':
      return [op.then, op.else];
    case 'for':
      return [op.body];
    default:
      return NO_BLOCKS;
  }
}
const NO_BLOCKS: readonly Block[] = [];

/** The operation with every atom and every block replaced. Atoms inside blocks are the business of `g`. */
export function mapOp(op: Op, f: (a: Atom) => Atom, g: (b: Block) => Block): Op {
  switch (op.kind) {
    case 'bin':
      return { ...op, a: f(op.a), b: f(op.b) };
    case 'un':
    case 'cast':
      return { ...op, a: f(op.a) };
    case 'select':
      return { ...op, cond: f(op.cond), a: f(op.a), b: f(op.b) };
    case 'if':
      return { ...op, cond: f(op.cond), then: g(op.then), else: g(op.else) };
    case 'struct':
      return { ...op, fields: op.fields.map(f) };
    case 'field':
    case 'len':
    case 'tovec':
      return { ...op, of: f(op.of) };
    case 'vec':
      return { ...op, items: op.items.map(f) };
    case 'lookup':
      return { ...op, of: f(op.of), index: f(op.index) };
    case 'keyexists':
      return { ...op, of: f(op.of), key: f(op.key) };
    case 'slice':
      return { ...op, of: f(op.of), start: f(op.start), size: f(op.size) };
    case 'builder':
      return op.arg === null ? op : { ...op, arg: f(op.arg) };
    case 'merge':
      return { ...op, builder: f(op.builder), value: f(op.value) };
    case 'result':
      return { ...op, builder: f(op.builder) };
    case 'for':
      return { ...op, iters: op.iters.map((it) => mapIter(it, f)), builder: f(op.builder), body: g(op.body) };
    case 'cudf':
      return { ...op, args: op.args.map(f) };
    default:
      return op satisfies never;
  }
}
