/**
 * The machine form of str_format_f64: doubles as JavaScript's String writes them. The digits of a row come as a register,
 * which is stored once, and once more behind the point; what is too much is overwritten by the rows that follow.
 *
 *     texts     the strings of a stretch of rows, one behind the other in room for the longest ones
 *     gather    stretches behind each other
 */

import type { Value } from '../../compiler/index.ts';
import {
  bin,
  bitcast,
  cast,
  cmp,
  type Get,
  type Kernel,
  KernelBuilder,
  lanes,
  lit,
  type SExpr,
  sel,
  splat,
  un,
  whole,
} from '../../compiler/kernels.ts';
import { columnOf } from '../column.ts';
import { type Machine, type MachineForm, once } from '../machine.ts';
import { seventeenDigits } from '../numbers/digits-machine.ts';
import { WIDE_POWERS } from '../numbers/powers.ts';
import { shortestDigits } from '../numbers/shortest-machine.ts';
import { both, IOTA, minus, num, plus, times, u64, yes } from '../terms.ts';
import { formatName } from './format.ts';
import { newBytes, newOffsets } from './strings.ts';
import { stretchesOf, stretchRows } from './strings-machine.ts';
import { fitting, writtenValue } from './written.ts';

/** "-0.0000012345678901234567" is as long as any. */
const LONGEST = 25;
/** Bytes behind the last string of a stretch that are written too. */
const SLACK = 64;
/** Rows that share room: places in it are counted in 32 bits. */
const PIECE = 1 << 25;

export const formatDoubleMachine: MachineForm = (args, m) => formatDoubles(args[0], m, PIECE);

/** The strings of a column, so many rows of which share room. */
export async function formatDoubles(values: Value | undefined, m: Machine, piece: number): Promise<Value> {
  const { cells, length: rows } = columnOf(values);
  const { stretch } = stretchesOf(rows, m);
  const size = stretch * LONGEST + SLACK;
  const { offsets, put } = newOffsets('i32', rows + 1, m.alloc);
  const pieces = [];
  let total = 0;
  for (let first = 0; first < rows; first += piece) {
    const end = Math.min(rows, first + piece);
    const stretches = Math.ceil((end - first) / stretch);
    const made = newBytes('u8', stretches * size, m.alloc);
    const lengths = m.alloc.alloc('i32', stretches);
    const ofPiece = [cells.subarray(first, end), offsets.subarray(first, end)] as const;
    const launch = { rows: stretches, rowsPerPart: 1, scalars: [end - first, stretch, size] };
    await m.launch(texts(), { ...launch, bufs: [...ofPiece, made, lengths, WIDE_POWERS] });
    const starts = m.alloc.alloc('i32', stretches);
    for (let s = 0; s < stretches; s++) {
      starts[s] = total;
      total += Number(lengths[s]);
      fitting(formatName('f64'), total);
    }
    pieces.push({ launch, made, lengths, starts, offsets: ofPiece[1] });
  }
  put(rows, total);
  const bytes = newBytes('u8', total, m.alloc);
  for (const p of pieces) {
    await m.launch(gather(), { ...p.launch, bufs: [p.made, p.lengths, p.starts, p.offsets, bytes] });
  }
  return writtenValue('i32', offsets, bytes);
}

const texts = once((): Kernel => {
  const k = KernelBuilder.packed('format_f64');
  const [values, offsets] = [k.buf('values', 'f64', 'read'), k.buf('offsets', 'i32', 'write')];
  const [made, lengths] = [k.buf('made', 'u8', 'write'), k.buf('lengths', 'i32', 'write')];
  const wide = k.buf('wide', 'u64', 'read');
  const [rows, stretch, size] = [k.scalar('rows', 'i32'), k.scalar('stretch', 'i32'), k.scalar('size', 'i32')];
  const [first, last] = stretchRows(k, stretch, rows);
  const start = k.let(times(k.index, size));
  const at = k.var(start);
  k.range(first, last, (row) => {
    k.store(offsets, row, minus(at, start));
    const bits = k.let(bitcast(k.load(values, row), 'u64'));
    const magnitude = k.let(bin('&', bits, u64((1n << 63n) - 1n)));
    k.if(
      bin('|', cmp('>=', magnitude, u64(INFINITE)), cmp('==', magnitude, u64(0))),
      () => putWord(k, { made, at }, bits, magnitude),
      () => {
        const isMinus = k.let(cmp('!=', bits, magnitude));
        k.store(made, at, lit('u8', 0x2d));
        k.set(at, plus(at, cast(isMinus, 'i32')));
        putDigits(k, { made, at }, numberOf(k, magnitude, wide));
      },
    );
  });
  k.store(lengths, k.index, minus(at, start));
  return k.finish();
});

const INFINITE = 0x7ffn << 52n;
const ZERO = lit('u8', 0x30);

/** Where the next byte goes: `at` is moved. */
interface Out {
  readonly made: number;
  readonly at: Get;
}

/** 0, NaN or an infinity. */
function putWord(k: KernelBuilder, { made, at }: Out, bits: Get, magnitude: Get): void {
  const put = (text: string): void => {
    const bytes = Array.from({ length: 16 }, (_, l) => lit('u8', text.charCodeAt(l) || 0));
    k.store(made, at, lanes(bytes));
    k.set(at, plus(at, text.length));
  };
  k.if(
    cmp('==', magnitude, u64(0)),
    () => put('0'),
    () =>
      k.if(
        cmp('>', magnitude, u64(INFINITE)),
        () => put('NaN'),
        () =>
          k.if(
            cmp('==', bits, magnitude),
            () => put('Infinity'),
            () => put('-Infinity'),
          ),
      ),
  );
}

/** 0.d1d2d3.. times ten to the `point`. */
interface Digits {
  /** The first digit, and the sixteen that follow, as characters. */
  readonly first: Get;
  readonly rest: Get;
  /** How many there are without zeros at the end. */
  readonly count: Get;
  readonly point: Get;
}

function numberOf(k: KernelBuilder, bits: Get, wide: number): Digits {
  const { digits, exponent } = shortestDigits(k, bits, wide);
  const isShort = (): SExpr => cmp('<', digits, u64(10n ** 16n));
  const lengthen = (by: SExpr): void => {
    k.set(digits, sel(by, times(digits, u64(10)), digits));
    k.set(exponent, minus(exponent, flag(by)));
  };
  // Without a branch twice, which is enough but for the smallest numbers.
  for (let n = 0; n < 2; n++) lengthen(k.let(isShort()));
  k.while(isShort(), () => lengthen(yes));
  const { first, rest } = seventeenDigits(k, digits);
  const isDigit = whole('bits', cmp('!=', rest, splat(ZERO, 16)));
  return { first, rest, count: k.let(minus(num(33), un('clz', isDigit))), point: k.let(plus(exponent, 17)) };
}

/** The rules of ECMAScript's Number::toString. */
function putDigits(k: KernelBuilder, out: Out, d: Digits): void {
  const { point } = d;
  k.if(
    both(cmp('>', point, num(-6)), cmp('<=', point, num(21))),
    () =>
      k.if(
        cmp('>', point, num(0)),
        () => putPlain(k, out, d),
        () => putFraction(k, out, d),
      ),
    () => putPower(k, out, d),
  );
}

/** Puts a byte, or a register, so far behind the place where the number begins. */
const putter =
  (k: KernelBuilder, { made, at }: Out) =>
  (by: SExpr, bytes: SExpr): void =>
    k.store(made, k.let(plus(at, by)), bytes);

/** 1200 or 1.2 */
function putPlain(k: KernelBuilder, out: Out, { first, rest, count, point }: Digits): void {
  const put = putter(k, out);
  put(num(0), first);
  put(num(1), rest);
  put(num(17), splat(ZERO, 16));
  put(point, lit('u8', 0x2e));
  const skipped = splat(cast(minus(point, 1), 'u8'), 16);
  put(plus(point, 1), whole('swizzle', rest, bin('+', IOTA, skipped)));
  k.set(out.at, plus(out.at, sel(cmp('>', count, point), plus(count, 1), point)));
}

/** 0.0012 */
function putFraction(k: KernelBuilder, out: Out, { first, rest, count, point }: Digits): void {
  const put = putter(k, out);
  put(num(0), splat(ZERO, 16));
  put(num(1), lit('u8', 0x2e));
  put(minus(num(2), point), first);
  put(minus(num(3), point), rest);
  k.set(out.at, plus(out.at, minus(plus(count, 2), point)));
}

/** 1.2e-7 */
function putPower(k: KernelBuilder, out: Out, { first, rest, count, point }: Digits): void {
  const put = putter(k, out);
  put(num(0), first);
  put(num(1), lit('u8', 0x2e));
  put(num(2), rest);
  const power = k.let(minus(point, 1));
  const size = k.let(bin('max', power, minus(num(0), power)));
  const behind = k.let(sel(cmp('==', count, num(1)), num(1), plus(count, 1)));
  const last = k.let(plus(plus(behind, 2), plus(flag(cmp('>=', size, num(10))), flag(cmp('>=', size, num(100))))));
  // From the last digit on; what stands for digits that there are not is overwritten.
  const digit = (n: SExpr): SExpr => cast(plus(bin('%', n, num(10)), 0x30), 'u8');
  put(minus(last, 2), digit(bin('/', size, num(100))));
  put(minus(last, 1), digit(bin('/', size, num(10))));
  put(last, digit(size));
  put(plus(behind, 1), sel(cmp('<', power, num(0)), lit('u8', 0x2d), lit('u8', 0x2b)));
  put(behind, lit('u8', 0x65));
  k.set(out.at, plus(out.at, plus(last, 1)));
}
const flag = (condition: SExpr): SExpr => cast(condition, 'i32');

/** Copies the strings of a stretch to where they belong. */
const gather = once((): Kernel => {
  const k = KernelBuilder.packed('gather_f64');
  const [made, lengths] = [k.buf('made', 'u8', 'read'), k.buf('lengths', 'i32', 'read')];
  const [starts, offsets] = [k.buf('starts', 'i32', 'read'), k.buf('offsets', 'i32', 'readwrite')];
  const bytes = k.buf('bytes', 'u8', 'write');
  const [rows, stretch, size] = [k.scalar('rows', 'i32'), k.scalar('stretch', 'i32'), k.scalar('size', 'i32')];
  const [first, last] = stretchRows(k, stretch, rows);
  const start = k.let(k.load(starts, k.index));
  k.range(first, last, (row) => k.store(offsets, row, plus(k.load(offsets, row), start)));
  const from = k.let(times(k.index, size));
  const length = k.load(lengths, k.index);
  const at = k.var(num(0));
  const copy = (width: 1 | 16): void =>
    k.while(cmp('<=', plus(at, width), length), () => {
      k.store(bytes, k.let(plus(start, at)), k.load(made, k.let(plus(from, at)), width));
      k.set(at, plus(at, width));
    });
  copy(16);
  copy(1);
  return k.finish();
});
