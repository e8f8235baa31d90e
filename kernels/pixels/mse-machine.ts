/**
 * The machine form of block_mse: a row of the launch is a row of blocks of a frame. Sixteen bytes at a time, differences
 * become 16-bit lanes and their squares sums in 32-bit lanes; what is left of a line of a block is masked out of a register
 * that reaches beyond it.
 */

import {
  bin,
  cast,
  cmp,
  type Get,
  KernelBuilder,
  lane,
  lanes,
  lit,
  type SExpr,
  sel,
  splat,
  whole,
} from '../../compiler/kernels.ts';
import { vector } from '../column.ts';
import { type MachineForm, once } from '../machine.ts';
import { num, plus, times } from '../terms.ts';
import { elementsOf } from './frames.ts';
import { comparisonOf } from './mse.ts';

/** Bytes of a part: a fraction of a millisecond. */
const PART = 1 << 18;

export const blockMseMachine: MachineForm = async (args, m) => {
  const { a, b, block, down, across, step } = comparisonOf(args);
  const out = m.alloc.alloc('f64', a.frames * down * across);
  await m.launch(blocks(), {
    rows: a.frames * down,
    rowsPerPart: Math.max(1, Math.ceil(PART / (block * a.width * a.channels))),
    bufs: [a.pixels.cells, b.pixels.cells, out],
    scalars: [a.height, a.width * a.channels, a.channels, block, down, across, elementsOf(a), step],
  });
  return vector('f64', out);
};

/** A step adds at most 4 * 255^2 to a lane: sums of two stretches have room in 31 bits. */
const STRETCH = 1 << 12;

const blocks = once(() => {
  const k = KernelBuilder.packed('block_mse');
  const [a, b, out] = [k.buf('a', 'u8', 'read'), k.buf('b', 'u8', 'read'), k.buf('out', 'f64', 'write')];
  const scalar = (name: string): Get => k.scalar(name, 'i32');
  const [height, line, channels, block] = [scalar('height'), scalar('line'), scalar('channels'), scalar('block')];
  const [down, across, each, step] = [scalar('down'), scalar('across'), scalar('each'), scalar('step')];
  const frame = k.let(bin('/', k.index, down));
  const top = k.let(times(bin('-', k.index, times(frame, down)), block));
  const bottom = k.let(bin('min', plus(top, block), height));
  const lines = k.let(bin('-', bottom, top));
  const [startA, startB] = [
    k.let(plus(times(frame, each), times(top, line))),
    k.let(plus(times(frame, step), times(top, line))),
  ];
  const side = k.let(times(block, channels));
  k.range(num(0), across, (column) => {
    const left = k.let(times(column, side));
    const length = k.let(bin('min', side, bin('-', line, left)));
    const total = k.var(lit('i64', 0));
    const sums = k.var(lit('i32', 0, 4));
    const steps = k.var(num(0));
    const settle = (): void => {
      k.set(total, plus(total, across4(sums)));
      k.set(sums, lit('i32', 0, 4));
      k.set(steps, num(0));
    };
    const add = (place: SExpr, mask: SExpr | null): void => {
      const d = difference(k, a, b, plus(atA, place), plus(atB, place));
      k.set(sums, plus(sums, squares(k, mask === null ? d : k.let(sel(mask, d, lit('u8', 0, 16))))));
    };
    const [atA, atB] = [k.var(plus(startA, left)), k.var(plus(startB, left))];
    const last = k.let(bin('&', length, num(15)));
    const end = k.let(bin('-', length, last));
    // Lanes that are of the line, of the register that reaches beyond it.
    const own = k.let(cmp('<', LANE_NUMBERS, splat(cast(last, 'u8'), 16)));
    // A register that reaches beyond the line counts as a step.
    const perLine = k.let(plus(bin('>>', end, num(4)), num(1)));
    k.range(num(0), lines, () => {
      const at = k.var(num(0));
      const stop = k.var(bin('min', end, num(16 * STRETCH)));
      k.set(steps, plus(steps, perLine));
      k.while(cmp('<', at, end), () => {
        k.while(cmp('<', at, stop), () => {
          add(at, null);
          k.set(at, plus(at, num(16)));
        });
        // Of a line of several stretches each is settled.
        k.if(cmp('<', at, end), () => {
          settle();
          k.set(stop, bin('min', plus(at, num(16 * STRETCH)), end));
        });
      });
      k.if(cmp('>', last, num(0)), () => add(end, own));
      k.if(cmp('>', steps, num(STRETCH)), settle);
      k.set(atA, plus(atA, line));
      k.set(atB, plus(atB, line));
    });
    settle();
    const place = k.let(plus(times(k.index, across), column));
    k.store(out, place, bin('/', cast(total, 'f64'), cast(times(lines, length), 'f64')));
  });
  return k.finish();
});

const LANE_NUMBERS = lanes(Array.from({ length: 16 }, (_, l) => lit('u8', l)));

/** |a - b| of sixteen bytes. */
function difference(k: KernelBuilder, a: number, b: number, atA: SExpr, atB: SExpr): Get {
  const [x, y] = [k.load(a, k.let(atA), 16), k.load(b, k.let(atB), 16)];
  return k.let(bin('-', bin('max', x, y), bin('min', x, y)));
}

/** The squares of sixteen bytes, added up in four lanes. */
function squares(k: KernelBuilder, d: Get): SExpr {
  const [low, high] = [k.let(cast(whole('low', d), 'i16')), k.let(cast(whole('high', d), 'i16'))];
  return plus(whole('dot', low, low), whole('dot', high, high));
}

const across4 = (sums: Get): SExpr =>
  [0, 1, 2, 3].map((l): SExpr => cast(lane(sums, l), 'i64')).reduce((x, y) => plus(x, y));
