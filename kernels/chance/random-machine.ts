/**
 * The machine forms of random columns. A row of a launch is a group of blocks that fills whole registers; the rows behind
 * the last full group are what the definition says. The words of a block are made with scalar instructions, four products
 * of 64 bits at a time: for lanes WebAssembly has no such product that engines are quick at.
 */

import type { TypedArray, Value } from '../../compiler/index.ts';
import {
  bin,
  cast,
  cmp,
  type Get,
  type Kernel,
  KernelBuilder,
  lane,
  lanes,
  lit,
  type SExpr,
  splat,
  un,
} from '../../compiler/kernels.ts';
import { vector } from '../column.ts';
import { type Machine, type MachineForm, once } from '../machine.ts';
import { argsortMachine } from '../order/argsort-machine.ts';
import { cutOf, type Draw, type Float, integerDraw, keyDraw, normalDraw, uniformDraw } from './draws.ts';
import { philoxWords, type Seeded, seeded, seedScalars } from './philox.ts';
import { type Asked, byKeys, fillRows, integersOf, normalOf, permutationOf, uniformOf } from './random.ts';
import { turnLanes } from './turn.ts';

export const randomUniformMachine: MachineForm = async (args, m) => {
  const { kind, start, width, ...asked } = uniformOf(args);
  return filled(m, uniformDraw(kind, start, width), uniform(kind), asked, [start, width]);
};
export const randomNormalMachine: MachineForm = async (args, m) => {
  const { kind, start, width, ...asked } = normalOf(args);
  return filled(m, normalDraw(kind, start, width), normal(kind), asked, [start, width]);
};
export const randomIntegersMachine: MachineForm = async (args, m) => {
  const { low, range, ...asked } = integersOf(args);
  const { wide, least } = cutOf(range);
  return filled(m, integerDraw(low, range), integers(wide), asked, [low, range, least]);
};
export const randomPermutationMachine: MachineForm = async (args, m) => {
  const keys = await filled(m, keyDraw, sortKeys(), permutationOf(args), []);
  return argsortMachine(byKeys(keys), m);
};

/** Groups of a part: some tens of microseconds. */
const GROUPS = 1 << 12;
/** Values of a group: two registers or more, and whole blocks. */
const GROUP: Readonly<Record<Draw['kind'], number>> = { f64: 4, f32: 8, i64: 4, u64: 4 };

async function filled(
  m: Machine,
  draw: Draw,
  kernel: Kernel,
  { stream, rows }: Asked,
  scalars: readonly (number | bigint)[],
): Promise<Value> {
  const to: TypedArray = m.alloc.alloc(draw.kind, rows);
  const group = GROUP[draw.kind];
  const full = Math.floor(rows / group);
  await m.launch(kernel, {
    rows: full,
    rowsPerPart: GROUPS,
    bufs: [to],
    scalars: [...seedScalars(stream), ...scalars],
  });
  fillRows(draw, stream, (full * group) / draw.perBlock, to.subarray(full * group));
  return vector(draw.kind, to);
}

// ---- kernels -----------------------------------------------------------------------------------------------------

const word = (value: number): SExpr => lit('u32', value);

/** The words of the `count` blocks of a group. */
function groupWords(k: KernelBuilder, s: Seeded, count: number): readonly (readonly Get[])[] {
  const first = k.let(bin('*', cast(k.index, 'u32'), word(count)));
  return Array.from({ length: count }, (_, b) => philoxWords(k, s, bin('+', first, word(b)), word(0)));
}

/** A number in [0, 1) of 53 bits, plus `more` units in the last place. */
function unit(w0: SExpr, w1: SExpr, more = 0n): SExpr {
  const upper = bin('<<', cast(bin('>>', w0, word(5)), 'i64'), lit('i64', 26n));
  const bits = bin('|', upper, cast(bin('>>', w1, word(6)), 'i64'));
  const sum = more === 0n ? bits : bin('+', bits, lit('i64', more));
  return bin('*', cast(sum, 'f64'), lit('f64', 2 ** -53));
}
const unit32 = (w: SExpr): SExpr => bin('*', cast(cast(bin('>>', w, word(8)), 'i32'), 'f32'), lit('f32', 2 ** -24));
const radius32 = (w: SExpr): SExpr => bin('+', bin('*', cast(w, 'f32'), lit('f32', 2 ** -32)), lit('f32', 2 ** -33));

/** Stores registers one behind the other, each start + width x. */
function storeAll(k: KernelBuilder, kind: Float, values: readonly SExpr[], start: Get, width: Get): void {
  const to = k.buf('to', kind, 'write');
  const at = k.let(bin('*', k.index, lit('i32', GROUP[kind])));
  let lane = 0;
  for (const v of values) {
    const n = v.ty.lanes;
    const place = lane === 0 ? at : k.let(bin('+', at, lit('i32', lane)));
    k.store(to, place, bin('+', splat(start, n), bin('*', splat(width, n), v)));
    lane += n;
  }
}

const uniform = once((kind: Float): Kernel => {
  const k = KernelBuilder.packed(`random_uniform_${kind}`);
  const s = seeded(k);
  const [start, width] = [k.scalar('start', kind), k.scalar('width', kind)];
  const blocks = groupWords(k, s, 2);
  const values = blocks.map((w) => {
    const [a, b, c, d] = w;
    if (a === undefined || b === undefined || c === undefined || d === undefined) return lit(kind, 0);
    return kind === 'f64' ? lanes([unit(a, b), unit(c, d)]) : lanes([a, b, c, d].map(unit32));
  });
  storeAll(k, kind, values, start, width);
  return k.finish();
});

const normal = once((kind: Float): Kernel => {
  const k = KernelBuilder.packed(`random_normal_${kind}`);
  const s = seeded(k);
  const [mean, sd] = [k.scalar('mean', kind), k.scalar('sd', kind)];
  const [us, turns]: [SExpr[], SExpr[]] = [[], []];
  for (const [a, b, c, d] of groupWords(k, s, 2)) {
    if (a === undefined || b === undefined || c === undefined || d === undefined) continue;
    us.push(...(kind === 'f64' ? [unit(a, b, 1n)] : [radius32(a), radius32(c)]));
    turns.push(...(kind === 'f64' ? [unit(c, d)] : [unit32(b), unit32(d)]));
  }
  const u = k.let(lanes(us));
  const n = u.ty.lanes;
  const number = (x: number): SExpr => lit(kind, x, n);
  const radius = k.let(un('sqrt', bin('*', number(-2), un('log', u))));
  const [cos, sin] = turnLanes(k, k.let(lanes(turns)));
  const x = k.let(bin('*', radius, cos));
  const y = k.let(bin('*', radius, sin));
  const half = n / 2;
  const values = [0, 1].map((h) =>
    lanes(Array.from({ length: n }, (_, at) => lane(at % 2 === 0 ? x : y, h * half + (at >> 1)))),
  );
  storeAll(k, kind, values, mean, sd);
  return k.finish();
});

const integers = once((wide: boolean): Kernel => {
  const k = KernelBuilder.packed(`random_integers${wide ? 64 : 32}`);
  const s = seeded(k);
  const [low, range, least] = [k.scalar('low', 'i64'), k.scalar('range', 'u64'), k.scalar('least', 'u64')];
  const to = k.buf('to', 'i64', 'write');
  const at = k.let(bin('*', k.index, lit('i32', GROUP.i64)));
  const count = wide ? 2 : 1;
  const first = k.let(bin('*', cast(k.index, 'u32'), word(count)));
  for (let block = 0; block < count; block++) {
    const number = k.let(bin('+', first, word(block)));
    const words = wordsOf(philoxWords(k, s, number, word(0)), wide);
    for (const [place, w] of words.entries()) {
      const x = k.var(w);
      const attempt = k.var(word(0));
      k.while(cmp('<', lowHalf(x, range, wide), least), () => {
        k.set(attempt, bin('+', attempt, word(1)));
        const again = wordsOf(philoxWords(k, s, number, attempt), wide)[place];
        if (again !== undefined) k.set(x, again);
      });
      const value = bin('+', low, cast(highHalf(k, x, range, wide), 'i64'));
      k.store(to, k.let(bin('+', at, lit('i32', block * words.length + place))), value);
    }
  }
  return k.finish();
});

/** The words of a block as u64: four of 32 bits, or two of 64, low half first. */
function wordsOf(block: readonly Get[], wide: boolean): readonly SExpr[] {
  const words = block.map((w) => cast(w, 'u64'));
  if (!wide) return words;
  const [a, b, c, d] = words;
  if (a === undefined || b === undefined || c === undefined || d === undefined) return [];
  const joined = (lower: SExpr, upper: SExpr): SExpr => bin('|', lower, bin('<<', upper, lit('u64', 32n)));
  return [joined(a, b), joined(c, d)];
}

const LOW = lit('u64', 0xffff_ffffn);
const upper = (e: SExpr): SExpr => bin('>>', e, lit('u64', 32n));
const times = (a: SExpr, b: SExpr): SExpr => bin('*', a, b);

/** The lower half of the product of a word and the range: of 64 bits, or of 128. */
const lowHalf = (x: SExpr, range: SExpr, wide: boolean): SExpr =>
  wide ? times(x, range) : bin('&', times(x, range), LOW);

/** The upper half. Of 128 bits it is put together from products of halves. */
function highHalf(k: KernelBuilder, x: SExpr, range: SExpr, wide: boolean): SExpr {
  if (!wide) return upper(times(x, range));
  const [x0, x1, r0, r1] = [bin('&', x, LOW), upper(x), bin('&', range, LOW), upper(range)].map((e) => k.let(e));
  if (x0 === undefined || x1 === undefined || r0 === undefined || r1 === undefined) return x;
  const middle = k.let(bin('+', times(x1, r0), upper(times(x0, r0))));
  const other = k.let(bin('+', times(x0, r1), bin('&', middle, LOW)));
  return bin('+', bin('+', times(x1, r1), upper(middle)), upper(other));
}

/** Two words a block, as keys. */
const sortKeys = once((): Kernel => {
  const k = KernelBuilder.packed('random_keys');
  const s = seeded(k);
  const to = k.buf('to', 'u64', 'write');
  const at = k.let(bin('*', k.index, lit('i32', GROUP.u64)));
  for (const [block, words] of groupWords(k, s, 2).entries()) {
    for (const [place, w] of wordsOf(words, true).entries()) {
      k.store(to, k.let(bin('+', at, lit('i32', 2 * block + place))), w);
    }
  }
  return k.finish();
});
