/**
 * Rows of a matrix that is kept as one vector: windows from `row * width` to `row * width + width`.
 *
 *     let s = row * n;  let e = s + n;  iter(m, s, e, 1L)          row `row` of m, which has n columns
 *
 * Where nothing wraps around, windows of different rows have nothing in common, the windows of all rows below `count`
 * are inside a vector of `count * width` elements, and an index x of the window is `row * width` and the column, so
 * that x / width is the row and x % width the column.
 */

import type { Atom, Op, Sym } from '../core/op.ts';
import { isLit, isSym, sameAtom } from '../core/op.ts';
import type { Program } from '../core/program.ts';
import { forEachLet } from '../core/walk.ts';
import { allOf, type Interval, interval } from './interval.ts';
import { type Fact, isInterval, rangesOf } from './range.ts';

/** The definitions and ranges of a program, found when first asked for. Symbols made later are unknown. */
export class Knowledge {
  readonly #program: Program;
  #defs: Map<Sym, Op> | null = null;
  #ranges: ReadonlyMap<Sym, Fact> | null = null;

  constructor(program: Program) {
    this.#program = program;
  }

  /** The operation of the let that binds `a`. */
  def(a: Atom): Op | undefined {
    if (!isSym(a)) return undefined;
    if (this.#defs === null) {
      const defs = new Map<Sym, Op>();
      forEachLet(this.#program.body, (l) => defs.set(l.sym, l.op));
      this.#defs = defs;
    }
    return this.#defs.get(a);
  }

  /** The i64 that `a` can be. */
  range(a: Atom): Interval {
    if (isLit(a)) return interval(BigInt(a.lit), BigInt(a.lit));
    this.#ranges ??= rangesOf(this.#program.body, this.#program.syms);
    const fact = this.#ranges.get(a) ?? null;
    return isInterval(fact) ? fact : I64;
  }
}
const I64 = allOf('i64') ?? interval(0n, 0n);

export interface RowWindow {
  readonly row: Sym;
  readonly width: Atom;
}

/** The ways to read the window from `start` to `end` as a row; a product of two may be read in two. */
export function rowWindows(start: Atom, end: Atom, known: Knowledge): readonly RowWindow[] {
  const e = known.def(end);
  if (e?.kind !== 'bin' || e.op !== '+') return [];
  return factors(start, known).flatMap(([row, width]) => {
    const isStart = (a: Atom): boolean =>
      sameAtom(a, start) || factors(a, known).some(([r, w]) => sameAtom(r, row) && sameAtom(w, width));
    const ends = (sameAtom(e.b, width) && isStart(e.a)) || (sameAtom(e.a, width) && isStart(e.b));
    return ends && isSym(row) ? [{ row, width }] : [];
  });
}

/** The factors of a product, in both orders. */
function factors(a: Atom, known: Knowledge): readonly (readonly [Atom, Atom])[] {
  const made = known.def(a);
  if (made?.kind !== 'bin' || made.op !== '*') return [];
  return [
    [made.a, made.b],
    [made.b, made.a],
  ];
}

/** True when no index of the window is negative or wraps around, whatever the row. */
export function isExact({ row, width }: RowWindow, known: Knowledge): boolean {
  const [r, w] = [known.range(row), known.range(width)];
  return r.lo >= 0n && w.lo >= 0n && (r.hi + 1n) * w.hi <= I64.hi;
}

/** True when `length` is known to be `count * width`, without wrapping around. */
export function isRowsOf(length: Atom, count: Atom, width: Atom, known: Knowledge): boolean {
  if (!factors(length, known).some(([c, w]) => sameAtom(c, count) && sameAtom(w, width))) return false;
  const [c, w] = [known.range(count), known.range(width)];
  return c.lo >= 0n && w.lo >= 0n && c.hi * w.hi <= I64.hi;
}
