/**
 * Cells to Core: each cell once in a block, reads at a row as field accesses of the loop's elements.
 *
 * Uniform cells are computed before the loop (`hoist`), so that a mean that is subtracted from every row is divided
 * once. What is computed inside a guarded block stays in that block's scope.
 */

import type { Atom, Iter, Sym } from '../../compiler/index.ts';
import { I64, lit, scan } from '../../compiler/index.ts';
import type { Cell } from './cell.ts';
import { walkCells } from './cell.ts';
import type { Emission } from './emission.ts';
import { Scope } from './emission.ts';
import { type FieldRef, loopInputs } from './node.ts';

/** The atom of a cell in `scope`, which is the block being built. */
export function emitCell(e: Emission, scope: Scope, c: Cell): Atom {
  const known = scope.get(c);
  if (known !== undefined) return known;
  const atom = make(e, scope, c);
  scope.set(c, atom);
  return atom;
}

function make(e: Emission, scope: Scope, c: Cell): Atom {
  const { b } = e;
  const of = (x: Cell): Atom => emitCell(e, scope, x);
  switch (c.kind) {
    case 'input': {
      const { vec, path } = e.place(c.ref);
      return scope.path(b, scope.elem(vec), path);
    }
    case 'at': {
      const { vec, path } = e.place(c.table);
      return scope.path(b, b.lookup(vec, of(c.index)), path);
    }
    case 'outer':
      return e.scalar(c.node, c.index);
    case 'given':
      return e.given(c);
    case 'row':
      return scope.row();
    case 'find': {
      const dict = e.dict(c.node);
      const key = of(c.key);
      return b.if(
        b.keyexists(dict, key),
        () => b.lookup(dict, key),
        () => lit(I64, -1n),
      );
    }
    case 'lit':
      return c.lit;
    case 'bin':
      return b.bin(c.op, of(c.a), of(c.b));
    case 'un':
      return b.un(c.op, of(c.a));
    case 'cast':
      return b.cast(c.ty, of(c.a));
    case 'select':
      return b.select(of(c.cond), of(c.a), of(c.b));
    case 'guard':
      return b.if(
        of(c.cond),
        () => emitCell(e, scope.inner(), c.then),
        () => emitCell(e, scope.inner(), c.otherwise),
      );
    default:
      return c satisfies never;
  }
}

/** Computes the uniform parts of cells here, before the loop that reads them. */
export function hoist(e: Emission, cells: readonly Cell[]): void {
  walkCells(cells, (c) => {
    if (c.uniform) emitCell(e, e.top, c);
  });
}

/** The iterators of a loop over `cells`, each vector once, and the scope of its body once the loop gives elements. */
export interface Walk {
  readonly iters: readonly Iter[];
  scope(row: Atom, elems: readonly Sym[]): Scope;
}
export function walkOf(e: Emission, cells: readonly Cell[], anchor: FieldRef): Walk {
  hoist(e, cells);
  const vectors = [...new Set(loopInputs(cells, anchor).map((ref) => e.place(ref).vec))];
  return {
    iters: vectors.map((v) => scan(v)),
    scope: (row, elems) => {
      const byVector = new Map<Sym, Sym>();
      for (const [k, v] of vectors.entries()) {
        const elem = elems[k];
        if (elem !== undefined) byVector.set(v, elem);
      }
      return new Scope(e.top, { row, elems: byVector });
    },
  };
}
