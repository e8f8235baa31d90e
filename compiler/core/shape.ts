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
    case 'serialize':
    case 'deserialize':
      return [op.of];
    case 'sort':
      return op.limit === null ? [op.of] : [op.of, op.limit];
    case 'iterate':
      return [op.init];
    case 'assert':
      return [op.cond];
    case 'vec':
      return op.items;
    case 'lookup':
      return [op.of, op.index];
    case 'optlookup':
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
  switch (it.kind) {
    case 'scan':
      return [it.vec];
    case 'range':
      return [it.start, it.end, it.stride];
    case 'iter':
      return [it.vec, it.start, it.end, it.stride];
    case 'nditer':
      return [it.vec, it.start, it.end, it.stride, it.shape, it.steps];
    default:
      return it satisfies never;
  }
}

export function mapIter(it: Iter, f: (a: Atom) => Atom): Iter {
  if (it.kind === 'scan') return { kind: 'scan', vec: f(it.vec) };
  const bounds = { start: f(it.start), end: f(it.end), stride: f(it.stride) };
  switch (it.kind) {
    case 'range':
      return { kind: 'range', ...bounds };
    case 'iter':
      return { kind: 'iter', vec: f(it.vec), ...bounds };
    case 'nditer':
      return { kind: 'nditer', vec: f(it.vec), ...bounds, shape: f(it.shape), steps: f(it.steps) };
    default:
      return it satisfies never;
  }
}

/** The blocks that an operation holds, in order of evaluation. */
export function blocksOf(op: Op): readonly Block[] {
  switch (op.kind) {
    case 'if':
      return [op.then, op.else];
    case 'for':
    case 'iterate':
      return [op.body];
    case 'sort':
      return [op.by];
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
    case 'serialize':
    case 'deserialize':
      return { ...op, of: f(op.of) };
    case 'sort':
      return { ...op, of: f(op.of), by: g(op.by), limit: op.limit === null ? null : f(op.limit) };
    case 'iterate':
      return { ...op, init: f(op.init), body: g(op.body) };
    case 'assert':
      return { ...op, cond: f(op.cond) };
    case 'vec':
      return { ...op, items: op.items.map(f) };
    case 'lookup':
      return { ...op, of: f(op.of), index: f(op.index) };
    case 'optlookup':
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
