/**
 * Keys: complete encodings of operations and blocks as strings. Two blocks have the same key exactly when they are
 * equal up to the names of the symbols that they bind; free symbols count by identity. The key holds everything (it
 * is not a hash), so equal keys are structural equality and nothing needs to be confirmed after a look-up.
 *
 * Used by value numbering and by caches inside one process: types appear by their interned number. For a key that
 * outlives the process see `programKey` in `print.ts`. A linear operation has a key too, but two builders with one
 * key are still two builders: whoever numbers values must skip them.
 */

import type { Annotations, Atom, Block, Iter, Op, Sym } from './op.ts';
import { isLit } from './op.ts';
import { atomsOf, blocksOf } from './shape.ts';

/** The key of one operation with its blocks. */
export function opKey(op: Op): string {
  return opKeyIn(op, new Map());
}

/** The key of a block: alpha-invariant in its params and lets. */
export function blockKey(b: Block): string {
  return blockKeyIn(b, new Map());
}

/** Bound symbols by their number in order of binding. */
type Bound = Map<Sym, number>;

function opKeyIn(op: Op, bound: Bound): string {
  const atoms = atomsOf(op).map((a) => atomKey(a, bound));
  const blocks = blocksOf(op).map((b) => blockKeyIn(b, bound));
  return `${op.kind}${attributes(op)}(${atoms.join(',')}${blocks.map((b) => `;${b}`).join('')})`;
}

function blockKeyIn(b: Block, bound: Bound): string {
  const bind = (s: Sym): void => void bound.set(s, bound.size);
  for (const p of b.params) bind(p);
  const lets: string[] = [];
  for (const l of b.lets) {
    lets.push(opKeyIn(l.op, bound));
    bind(l.sym);
  }
  return `|${b.params.length}|${lets.join(';')}>${atomKey(b.result, bound)}`;
}

function atomKey(a: Atom, bound: Bound): string {
  if (isLit(a)) return `${a.ty.scalar}:${Object.is(a.lit, -0) ? '-0' : String(a.lit)}`;
  const n = bound.get(a);
  return n === undefined ? `%${a}` : `^${n}`;
}

/** What an operation says besides its atoms and blocks. */
function attributes(op: Op): string {
  switch (op.kind) {
    case 'bin':
    case 'un':
      return op.op;
    case 'cast':
      return `#${op.to.id}`;
    case 'field':
      return `$${op.index}`;
    case 'vec':
      return `#${op.elem.id}`;
    case 'builder':
      return `#${op.ty.id}${notesKey(op.notes)}`;
    case 'for':
      return `${op.iters.map(iterKind).join('')}${notesKey(op.notes)}`;
    case 'deserialize':
      return `#${op.ty.id}`;
    case 'cudf':
      return `${JSON.stringify(op.name)}#${op.ty.id}${notesKey(op.notes)}`;
    case 'select':
    case 'if':
    case 'struct':
    case 'len':
    case 'lookup':
    case 'optlookup':
    case 'keyexists':
    case 'slice':
    case 'tovec':
    case 'sort':
    case 'iterate':
    case 'assert':
    case 'serialize':
    case 'merge':
    case 'result':
      return '';
    default:
      return op satisfies never;
  }
}

const iterKind = (it: Iter): string => it.kind[0] ?? '';
const notesKey = (notes: Annotations): string => {
  const keys = Object.keys(notes).sort();
  return keys.length === 0 ? '' : `@${JSON.stringify(keys.map((k) => [k, notes[k]]))}`;
};
