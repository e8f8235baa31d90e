/**
 * Makes the wide form of a kernel from its scalar body, or says why not.
 *
 * Lanes: 2 if the wide part computes a 64-bit kind anywhere, else 4. Addresses that are the row (plus something
 * fixed) do not count, however many 64-bit operations they came through. Statements whose effects the next row can
 * see stay scalar, one copy a lane (`row-order.ts` finds them, `widen.ts` writes both parts).
 *
 * The form is kept if it pays by a rough count: lane operations, loads and stores win, single lanes taken out of
 * registers and put into them lose. Float reductions come out in another order of additions than row by row: lanes
 * are part of the defined order, and the count of lanes depends on the kernel alone.
 *
 * Runs before `expand-math`, so that the count sees whole functions and their code is written for lanes.
 */

import { APART_BALANCE } from '../../analysis/cost.ts';
import type { ScalarKind } from '../../core/types.ts';
import { scalarBytes } from '../../core/types.ts';
import { KernelBuilder } from '../build.ts';
import type { Kernel, Reg, SExpr, Stmt, Wide } from '../kernel.ts';
import { blocksOf, exprsOf, operands, readsOnly } from '../shape.ts';
import { countsOf, inlineSteps, stepOf } from './counts.ts';
import { dropDead } from './drop-dead.ts';
import { joinPushes } from './join-pushes.ts';
import { laneGain, savedJumps } from './lane-gain.ts';
import { plainAddresses, type RowOrder, rowOrder } from './row-order.ts';
import { type RowPart, rowPart } from './row-part.ts';
import type { RowPlace } from './row-phase.ts';
import type { Skipping } from './skip.ts';
import { uniformValues } from './uniform.ts';
import { widen } from './widen.ts';

export interface Vectorized {
  /** With `wide` set, or null where vectorising is not possible or does not pay. */
  readonly kernel: Kernel;
  /** What was done and why, for `explain`: `2 lanes (f64)`, `not vectorised: only pushes`. */
  readonly reason: string;
  /** The same kernel in the form that jumps over blocks of rows, where asked for and possible. */
  readonly skipping: SkippingKernel | null;
}

/** Both kernels of a pair have the counter as a reduction; the plain one leaves it as it is. */
export interface SkippingKernel {
  readonly kernel: Kernel;
  /** The reduction to which each of the `branches` adds the rows of the blocks that it computes. */
  readonly counter: number;
  readonly branches: number;
}

export interface VectorizeOptions {
  /** Take the wide form whether it pays or not. */
  readonly always?: boolean;
  /** May the row-by-row part become a phase of its own, which adds scratch buffers to the kernel? Default: where it
   *  pays; with `always`, true makes it one in any case. */
  readonly apart?: boolean;
  /** Also make the form that jumps over branches of so much work (in additions a row) where no row takes them. */
  readonly skip?: number;
  /** May inner loops be done for all lanes at once? Default: those that go round equally often in all rows. */
  readonly loops?: boolean;
}

/** The kernel with a wide form of its body. */
export function vectorize(kernel: Kernel, options: VectorizeOptions = {}): Vectorized {
  const joined = joinPushes(kernel);
  const { kernel: parted, body, order } = splitRows(joined, options.loops);
  const steps = countsOf(kernel, body);
  const narrow = wideKinds(kernel, body, order, steps);
  const isNarrow = !narrow.some((kind) => scalarBytes(kind) === 8);
  const width = isNarrow ? 4 : 2;
  const kinds = isNarrow ? narrow : wideKinds(kernel, body, order, NO_COUNTS);

  const make = (place: RowPlace, skipping: Skipping | null = null): readonly [made: Kernel, skipped: number] => {
    const k = KernelBuilder.from(parted);
    if (skipping !== null) k.reduction('computed', 'i32', '+');
    for (const s of kernel.body) k.emit(s);
    let skipped = 0;
    k.wide(width, () => {
      skipped = widen(k, kernel, body, order, width, { place, skipping });
    });
    const made = k.finish();
    return [made.wide === null ? made : { ...made, wide: withoutDead(made.wide) }, skipped];
  };
  let place: RowPlace = options.apart === false ? 'beside' : 'picked';
  let [made] = make(place);
  const { wide } = made;
  const anyLanes = body.some((s) => !order.stmts.has(s));
  const jumps = width * savedJumps(body, order.stmts);
  const beside = order.stmts.size > 0 && wide?.rows === null;
  const gained = wide === null || !anyLanes ? 0 : laneGain(wide, made.reductions, beside) + jumps;
  const pays = gained > 0;
  const rest = order.what.join(', ');
  if (!pays && options.always !== true) {
    const why = kinds.length === 0 ? `only ${rest || 'constants'}` : `too little work beside ${rest || 'moving data'}`;
    return { kernel: { ...kernel, wide: null }, reason: `not vectorised: ${why}`, skipping: null };
  }
  const shown = [...kinds].sort((a, b) => scalarBytes(b) - scalarBytes(a)).join(', ');
  const worth = gained >= APART_BALANCE || (options.always === true && options.apart === true);
  if (rest !== '' && worth && options.apart !== false && made.wide?.rows === null) {
    place = 'apart';
    [made] = make(place);
  }
  const rows = made.wide?.rows ?? null;
  const tail =
    rest === ''
      ? ''
      : `; ${rows === null ? '' : 'then '}row by row${rows?.picked == null ? '' : ' where picked'}: ${rest}`;
  const loops = body.some((s) => s.s === 'while' && !order.stmts.has(s)) ? ', inner loops for all lanes at once' : '';
  const reason = `${width} lanes (${shown || 'bool'})${loops}${tail}`;
  if (options.skip === undefined) return { kernel: made, reason, skipping: null };
  const counter = kernel.reductions.length;
  const [other, branches] = make(place, { counter, worth: options.skip });
  if (branches === 0) return { kernel: made, reason, skipping: null };
  const skipping = { kernel: { ...other, name: `${kernel.name}_skipping` }, counter, branches };
  return { kernel: { ...made, reductions: other.reductions }, reason, skipping };
}

/** What lanes are made of: the body with plain addresses, and what of it runs row by row. */
function splitRows(kernel: Kernel, loops: boolean | undefined): RowPart {
  const body = dropDead(inlineSteps(plainAddresses(kernel)));
  return rowPart(kernel, body, rowOrder(kernel, body, loops));
}

function withoutDead(wide: Wide): Wide {
  const rows = wide.rows === null ? null : { ...wide.rows, body: dropDead(wide.rows.body) };
  return { ...wide, body: dropDead(wide.body), rows };
}

const NO_COUNTS: ReadonlySet<number> = new Set();

/** The kinds, bool aside, that the wide part of a body has values of, if the reductions `counts` count in i32. */
function wideKinds(
  kernel: Kernel,
  body: readonly Stmt[],
  order: RowOrder,
  counts: ReadonlySet<number>,
): readonly ScalarKind[] {
  const uniform = uniformValues(kernel, body);
  const kinds = new Set<ScalarKind>();
  const note = (e: SExpr): void => {
    kinds.add(e.ty.kind);
    for (const a of operands(e)) if (!readsOnly(a, uniform)) note(a);
  };
  const visit = (s: Stmt): void => {
    if (order.stmts.has(s)) return;
    if (s.s === 'load') {
      if (!readsOnly(s.index, uniform)) kinds.add(s.ty.kind);
      if (s.index.x !== 'get' && !isBeside(s.index, kernel.index, uniform)) note(s.index);
    } else if (s.s === 'store') note(s.value);
    else if (s.s === 'accum' && counts.has(s.red))
      [stepOf(s.value) ?? s.value, ...(s.mask === null ? [] : [s.mask])].forEach(note);
    else if (!('reg' in s && uniform.has(s.reg))) exprsOf(s).forEach(note);
    for (const b of blocksOf(s)) b.forEach(visit);
  };
  body.forEach(visit);
  kinds.delete('bool');
  return [...kinds];
}

/** Is an address the row plus something uniform? Such a load has no wide address. */
function isBeside(e: SExpr, index: Reg, uniform: ReadonlySet<Reg>): boolean {
  return e.x === 'bin' && e.a.x === 'get' && e.a.reg === index && readsOnly(e.b, uniform);
}
