/**
 * The machine forms of the asof joins: the right rows of each key are a run, as in joins, and the place of a left value in
 * its run is searched: from the place of the row before where there is one run, since left values mostly ascend, too; else
 * in the whole run.
 */

import { invariant, isFloatKind, type ScalarKind, type TypedArray } from '../../compiler/index.ts';
import { bin, cast, cmp, type Get, KernelBuilder, lit, type SExpr, sel, un } from '../../compiler/kernels.ts';
import { vector } from '../column.ts';
import { MAP_ROWS, type Machine, type MachineForm, once } from '../machine.ts';
import { minus, num, plus, times } from '../terms.ts';
import { type AsofArgs, type AsofName, asofArgs, refuseOrder, sameKey } from './asof.ts';
import { hitsOf } from './hits.ts';
import type { Side } from './keys.ts';
import { wordsOf } from './many-keys.ts';
import type { Runs } from './runs.ts';
import { sumOf, zeros } from './table.ts';

/** Left rows that are searched one after the other. */
const STRETCH = 1 << 12;
const LONGEST_STEP = 1 << 28;

export const asofMachine =
  (name: AsofName): MachineForm =>
  async (args, m) => {
    const given = asofArgs(name, args);
    const { on, tolerance } = given;
    const left = await withoutNaN(m, on.kind, on.left, given.left);
    const right = await withoutNaN(m, on.kind, on.right, given.right);
    const groups = await groupsOf(m, { ...given, left, right });
    const values = groups === null ? on.right : await gathered(m, on.kind, on.right, groups.runs);
    await checkOrder(m, name, on.kind, values, groups);
    const to = m.alloc.alloc('i64', left.rows);
    const length = Math.max(1, Math.min(STRETCH, Math.ceil(left.rows / m.threads)));
    await m.launch(search(name, on.kind, groups !== null, tolerance !== null), {
      rows: Math.ceil(left.rows / length),
      rowsPerPart: 1,
      bufs: [on.left, values, to, ...(groups === null ? [] : [groups.hits, groups.runs.lengths, groups.runs.order])],
      scalars: [left.rows, length, values.length, tolerance ?? 0],
    });
    return vector('i64', to);
  };

/** A side without the rows whose value is NaN. */
async function withoutNaN(m: Machine, kind: ScalarKind, on: TypedArray, side: Side): Promise<Side> {
  if (!isFloatKind(kind)) return side;
  const all = { rows: side.rows, rowsPerPart: MAP_ROWS };
  if (sumOf(await m.launch(countNaN(kind), { ...all, bufs: [on] })) === 0) return side;
  const valid = m.alloc.alloc('bool', side.rows);
  const own = side.valid === null ? [] : [side.valid];
  await m.launch(noNaN(kind, side.valid !== null), { ...all, bufs: [on, ...own, valid] });
  return { ...side, valid };
}

interface Groups {
  /** Of each left row where its run begins, plus one. */
  readonly hits: TypedArray;
  readonly runs: Runs;
}

/** The runs of right rows by key; null where they are one, of all rows. */
async function groupsOf(m: Machine, given: AsofArgs): Promise<Groups | null> {
  const { left, right, pairs } = given;
  if (pairs.length === 0 && left.valid === null && right.valid === null) return null;
  const words = await wordsOf(m, { left, right, pairs: pairs.length > 0 ? pairs : [sameKey(given)] });
  const { hits, runs } = await hitsOf(m, words, 'always');
  invariant(runs !== null, () => 'runs were asked for');
  return { hits, runs };
}

async function gathered(m: Machine, kind: ScalarKind, on: TypedArray, { order }: Runs): Promise<TypedArray> {
  const values = m.alloc.alloc(kind, order.length);
  await m.launch(gather(kind), { rows: order.length, rowsPerPart: MAP_ROWS, bufs: [on, order, values] });
  return values;
}

async function checkOrder(m: Machine, name: AsofName, kind: ScalarKind, values: TypedArray, groups: Groups | null) {
  const bufs = groups === null ? [] : [groups.runs.lengths, groups.runs.order, await inRuns(m, groups.runs)];
  const launch = { rows: values.length, rowsPerPart: MAP_ROWS, bufs: [values, ...bufs] };
  const report = await m.launch(firstFall(kind, groups !== null), launch);
  let row = values.length;
  for (let part = 0; part < report.parts; part++) row = Math.min(row, Number(report.cell(part, 0)));
  if (row < values.length) refuseOrder(name, row);
}

/** Which places are in a run: behind the last one stand the rows that do not count. */
async function inRuns(m: Machine, { lengths }: Runs): Promise<TypedArray> {
  const inside = zeros(m.alloc.alloc('bool', lengths.length));
  await m.launch(markRuns(), { rows: lengths.length, rowsPerPart: MAP_ROWS, bufs: [lengths, inside] });
  return inside;
}

// ---- kernels -----------------------------------------------------------------------------------------------------

const not = (e: SExpr): SExpr => un('not', e);

const countNaN = once((kind: ScalarKind) => {
  const k = new KernelBuilder(`count_nan_${kind}`);
  const on = k.buf('on', kind, 'read');
  const nan = k.reduction('nan', 'i64', '+');
  const value = k.load(on, k.index);
  k.accum(nan, cast(cmp('!=', value, value), 'i64'));
  return k.finish();
});

const noNaN = once((kind: ScalarKind, masked: boolean) => {
  const k = KernelBuilder.packed(`no_nan_${kind}${masked ? '_masked' : ''}`);
  const on = k.buf('on', kind, 'read');
  const own = masked ? k.buf('own', 'bool', 'read') : null;
  const valid = k.buf('valid', 'bool', 'write');
  const value = k.load(on, k.index);
  const number = cmp('==', value, value);
  k.store(valid, k.index, own === null ? number : bin('&', number, k.load(own, k.index)));
  return k.finish();
});

const gather = once((kind: ScalarKind) => {
  const k = KernelBuilder.packed(`gather_values_${kind}`);
  const [on, order, to] = [k.buf('on', kind, 'read'), k.buf('order', 'u32', 'read'), k.buf('to', kind, 'write')];
  k.store(to, k.index, k.load(on, k.let(cast(k.load(order, k.index), 'i32'))));
  return k.finish();
});

const markRuns = once(() => {
  const k = KernelBuilder.packed('mark_runs');
  const [lengths, inside] = [k.buf('lengths', 'u32', 'read'), k.buf('inside', 'bool', 'write')];
  k.range(k.index, plus(k.index, cast(k.load(lengths, k.index), 'i32')), (place) => {
    k.store(inside, place, lit('bool', true));
  });
  return k.finish();
});

/** The first row whose value is below the one before it in its run. */
const firstFall = once((kind: ScalarKind, grouped: boolean) => {
  const k = KernelBuilder.packed(`first_fall_${kind}${grouped ? '_of_runs' : ''}`);
  const values = k.buf('values', kind, 'read');
  const [lengths, order, inside] = grouped
    ? [k.buf('lengths', 'u32', 'read'), k.buf('order', 'u32', 'read'), k.buf('inside', 'bool', 'read')]
    : [null, null, null];
  const row = k.reduction('row', 'i64', 'min');
  const before = k.load(values, k.let(bin('max', minus(k.index, num(1)), num(0))));
  const falls = k.let(cmp('<', k.load(values, k.index), before));
  if (lengths === null || order === null || inside === null) {
    k.if(falls, () => k.accum(row, cast(k.index, 'i64')));
  } else {
    const same = bin('&', cmp('==', k.load(lengths, k.index), lit('u32', 0)), k.load(inside, k.index));
    k.if(bin('&', falls, same), () => k.accum(row, cast(k.load(order, k.index), 'i64')));
  }
  return k.finish();
});

const search = once((name: AsofName, kind: ScalarKind, grouped: boolean, bounded: boolean) => {
  const k = KernelBuilder.packed(`${name}_${kind}${grouped ? '_of_runs' : ''}${bounded ? '_bounded' : ''}`);
  const [on, values] = [k.buf('on', kind, 'read'), k.buf('values', kind, 'read')];
  const to = k.buf('to', 'i64', 'write');
  const runs = grouped
    ? {
        hits: k.buf('hits', 'u32', 'read'),
        lengths: k.buf('lengths', 'u32', 'read'),
        order: k.buf('order', 'u32', 'read'),
      }
    : null;
  const [rows, length] = [k.scalar('rows', 'i32'), k.scalar('length', 'i32')];
  const all = k.scalar('values', 'i32');
  const tolerance = k.scalar('tolerance', kind);
  const from = k.let(times(k.index, length));
  /** How many of the values that one search has passed: of one run, where the next begins. */
  const passed = k.var(num(0));
  const between = { known: k.var(lit('bool', false)), low: k.var(lit(kind, 0)), high: k.var(lit(kind, 0)) };

  k.range(from, plus(from, bin('min', length, minus(rows, from))), (row) => {
    const value = k.load(on, row);
    const isPassed = (e: SExpr): SExpr => cmp(name === 'asof_forward' ? '<' : '<=', e, value);
    const found = k.var(lit('i64', -1));
    const answer = (begin: SExpr, end: SExpr): void => {
      const isNear = (place: SExpr, far: (v: Get) => SExpr): SExpr =>
        bounded ? far(k.load(values, place)) : lit('bool', true);
      const give = (place: SExpr): void => {
        k.set(found, runs === null ? cast(place, 'i64') : cast(k.load(runs.order, place), 'i64'));
      };
      const before = k.let(minus(passed, num(1)));
      const hasBefore = cmp('>=', before, begin);
      const hasBehind = cmp('<', passed, end);
      const takeBefore = (): void =>
        k.if(
          isNear(before, (v) => cmp('<=', distance(kind, value, v), limit(kind, tolerance))),
          () => give(before),
        );
      const takeBehind = (): void =>
        k.if(
          isNear(passed, (v) => cmp('<=', distance(kind, v, value), limit(kind, tolerance))),
          () => give(passed),
        );
      if (name === 'asof_backward') k.if(hasBefore, takeBefore);
      else if (name === 'asof_forward') k.if(hasBehind, takeBehind);
      else {
        const both = (): void => {
          const [b, f] = [k.load(values, before), k.load(values, passed)];
          k.if(cmp('<=', distance(kind, value, b), distance(kind, f, value)), takeBefore, takeBehind);
        };
        k.if(
          hasBefore,
          () => k.if(hasBehind, both, takeBefore),
          () => k.if(hasBehind, takeBehind),
        );
      }
    };
    if (runs === null) {
      // Mostly a row is between the same two values as the one before it.
      const stays = bin('&', between.known, bin('&', isPassed(between.low), not(isPassed(between.high))));
      k.if(not(stays), () => {
        const [base, left] = [k.var(passed), k.var(num(0))];
        gallop(k, values, all, base, left, isPassed);
        halve(k, values, base, left, isPassed);
        k.set(passed, base);
        k.set(between.known, bin('&', cmp('>', base, num(0)), cmp('<', base, all)));
        k.if(between.known, () => {
          k.set(between.low, k.load(values, k.let(minus(base, num(1)))));
          k.set(between.high, k.load(values, base));
        });
      });
      answer(num(0), all);
    } else {
      const hit = k.load(runs.hits, row);
      k.if(cmp('!=', hit, lit('u32', 0)), () => {
        const begin = k.let(minus(cast(hit, 'i32'), num(1)));
        const [base, left] = [k.var(begin), k.var(cast(k.load(runs.lengths, begin), 'i32'))];
        const end = k.let(plus(begin, left));
        halve(k, values, base, left, isPassed);
        k.set(passed, base);
        answer(begin, end);
      });
    }
    k.store(to, row, found);
  });
  return k.finish();
});

/** How far a is above b, where it is: of integers as unsigned numbers, which do not overflow. */
function distance(kind: ScalarKind, a: SExpr, b: SExpr): SExpr {
  if (isFloatKind(kind)) return sel(cmp('==', a, b), lit('f64', 0), minus(cast(a, 'f64'), cast(b, 'f64')));
  return cast(minus(cast(a, 'i64'), cast(b, 'i64')), 'u64');
}
const limit = (kind: ScalarKind, tolerance: SExpr): SExpr => cast(tolerance, isFloatKind(kind) ? 'f64' : 'u64');

/** From `base` on steps that double, as long as what they end at is passed; what is left to search is behind `base`. */
function gallop(
  k: KernelBuilder,
  values: number,
  all: SExpr,
  base: Get,
  left: Get,
  isPassed: (e: SExpr) => SExpr,
): void {
  const step = k.var(num(1));
  const [goes, falls] = [k.var(lit('bool', false)), k.var(lit('bool', false))];
  const look = (): void => {
    k.set(goes, lit('bool', false));
    k.if(cmp('<=', step, minus(all, base)), () => {
      const last = k.load(values, k.let(plus(base, minus(step, num(1)))));
      k.set(goes, isPassed(last));
    });
  };
  k.if(cmp('>', base, num(0)), () => {
    const last = k.load(values, k.let(minus(base, num(1))));
    k.set(falls, not(isPassed(last)));
  });
  k.if(
    falls,
    () => {
      k.set(left, base);
      k.set(base, num(0));
    },
    () => {
      look();
      k.while(goes, () => {
        k.set(base, plus(base, step));
        k.set(step, bin('min', bin('<<', step, num(1)), num(LONGEST_STEP)));
        look();
      });
      k.set(left, bin('min', minus(step, num(1)), minus(all, base)));
    },
  );
}

/** Moves `base` behind the values that are passed, of `left` ones that are in order. */
function halve(k: KernelBuilder, values: number, base: Get, left: Get, isPassed: (e: SExpr) => SExpr): void {
  k.while(cmp('>', left, num(0)), () => {
    const half = k.let(bin('>>', left, num(1)));
    const middle = k.let(plus(base, half));
    const passes = k.let(isPassed(k.load(values, middle)));
    k.set(base, sel(passes, plus(middle, num(1)), base));
    k.set(left, sel(passes, minus(minus(left, half), num(1)), half));
  });
}
