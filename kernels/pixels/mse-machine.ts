/**
 * The machine form of block_mse: a row of the launch is a row of blocks of a frame. Its lines are read one after the other,
 * as they lie in memory (block after block takes three times as long), and each adds the squares of its part of a block to
 * the sum of that block. Sixteen bytes at a time, differences become 16-bit lanes and their squares sums in 32-bit lanes.
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
import { minus, num, plus, times } from '../terms.ts';
import { elementsOf } from './frames.ts';
import { comparisonOf } from './mse.ts';

/** Bytes of a part: a fraction of a millisecond. */
const PART = 1 << 18;

export const blockMseMachine: MachineForm = async (args, m) => {
  const { a, b, block, down, across, step } = comparisonOf(args);
  const out = m.alloc.alloc('f64', a.frames * down * across);
  const rows = a.frames * down;
  const rowsPerPart = Math.max(1, Math.ceil(PART / (block * a.width * a.channels)));
  const sums = m.alloc.alloc('u64', Math.ceil(rows / rowsPerPart) * 2 * across);
  await m.launch(blocks(), {
    rows,
    rowsPerPart,
    bufs: [a.pixels.cells, b.pixels.cells, out, { copies: sums, length: 2 * across }],
    scalars: [a.height, a.width * a.channels, block, block * a.channels, down, across, elementsOf(a), step],
  });
  return vector('f64', out);
};

/** Sixteen bytes add at most 4 * 255^2 to a lane, of which so many have room in 31 bits. */
const STRETCH = 1 << 12;

const blocks = once(() => {
  const k = KernelBuilder.packed('block_mse');
  const [a, b, out] = [k.buf('a', 'u8', 'read'), k.buf('b', 'u8', 'read'), k.buf('out', 'f64', 'write')];
  const sums = k.buf('sums', 'u64', 'readwrite', true);
  const scalar = (name: string): Get => k.scalar(name, 'i32');
  const [height, line, block, side] = [scalar('height'), scalar('line'), scalar('block'), scalar('side')];
  const [down, across, each, step] = [scalar('down'), scalar('across'), scalar('each'), scalar('step')];
  const frame = k.let(bin('/', k.index, down));
  const top = k.let(times(minus(k.index, times(frame, down)), block));
  const lines = k.let(minus(bin('min', plus(top, block), height), top));
  const atA = k.var(plus(times(frame, each), times(top, line)));
  const atB = k.var(plus(times(frame, step), times(top, line)));
  const last = k.let(minus(across, num(1)));

  /** The squares of sixteen bytes, of those in the mask, added up in four lanes. */
  const squares = (mask: SExpr | null): SExpr => {
    const x = k.load(a, atA, 16);
    const given = k.load(b, atB, 16);
    const y = mask === null ? given : k.let(sel(mask, given, x));
    const half = (h: 'low' | 'high'): SExpr => {
      const d = k.let(cast(minus(whole(h, x), whole(h, y)), 'i16'));
      return whole('dot', d, d);
    };
    return plus(half('low'), half('high'));
  };
  const move = (by: SExpr): void => {
    k.set(atA, plus(atA, by));
    k.set(atB, plus(atB, by));
  };
  /** A line of the blocks from `from` up to `to`, of so many elements each. */
  const parts = (length: Get): ((from: SExpr, to: SExpr) => void) => {
    const odd = k.let(bin('&', length, num(15)));
    const own = k.let(cmp('<', LANE_NUMBERS, splat(cast(odd, 'u8'), 16)));
    const registers = k.let(bin('>>', length, num(4)));
    return (from, to) =>
      k.range(from, to, (column) => {
        const place = k.let(times(column, num(2)));
        const total = k.var(k.load(sums, place, 2));
        const left = k.var(registers);
        const sum = k.var(lit('i32', 0, 4));
        k.while(cmp('>', left, num(0)), () => {
          const n = k.let(bin('min', left, num(STRETCH)));
          k.range(num(0), n, () => {
            k.set(sum, plus(sum, squares(null)));
            move(num(16));
          });
          k.set(left, minus(left, n));
          k.if(cmp('>', left, num(0)), () => {
            k.set(total, plus(total, wide(sum)));
            k.set(sum, lit('i32', 0, 4));
          });
        });
        k.if(cmp('>', odd, num(0)), () => {
          k.set(sum, plus(sum, squares(own)));
          move(odd);
        });
        k.store(sums, place, plus(total, wide(sum)));
      });
  };
  k.range(num(0), across, (column) => k.store(sums, k.let(times(column, num(2))), lit('u64', 0, 2)));
  const most = parts(side);
  const rest = parts(k.let(minus(line, times(last, side))));
  k.range(num(0), lines, () => {
    most(num(0), last);
    rest(last, across);
  });
  k.range(num(0), across, (column) => {
    const sum = k.load(sums, k.let(times(column, num(2))), 2);
    const length = bin('min', side, minus(line, times(column, side)));
    const total = cast(plus(lane(sum, 0), lane(sum, 1)), 'f64');
    k.store(out, k.let(plus(times(k.index, across), column)), bin('/', total, cast(times(lines, length), 'f64')));
  });
  return k.finish();
});

const LANE_NUMBERS = lanes(Array.from({ length: 16 }, (_, l) => lit('u8', l)));

/** Four lanes of 32 bits without a sign, added up in two of 64. */
const wide = (sum: Get): SExpr => {
  const words = cast(sum, 'u32');
  return plus(whole('low', words), whole('high', words));
};
