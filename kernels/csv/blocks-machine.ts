/**
 * CSV text 64 bytes at a time, as masks: a bit a byte, the first one the lowest.
 *
 * The bits of the prefix sums of quotes modulo two say which bytes are inside quotes. A part of the text is the row of a launch.
 */

import {
  bin,
  cast,
  cmp,
  type Get,
  type KernelBuilder,
  lit,
  type SExpr,
  sel,
  splat,
  whole,
} from '../../compiler/kernels.ts';
import { num } from '../terms.ts';
import { CR, LF, QUOTE } from './rows.ts';

const BLOCK = 64;
/** Bytes behind the text that may be read. */
export const SLACK = BLOCK;

export const ONE = lit('u64', 1n);
const ALL = lit('u64', 2n ** 64n - 1n);
export const NONE = lit('u64', 0n);
const shl = (a: SExpr, n: number): SExpr => bin('<<', a, lit('u64', BigInt(n)));
export const or = (...all: readonly SExpr[]): SExpr => all.reduce((a, b) => bin('|', a, b));
export const and = (...all: readonly SExpr[]): SExpr => all.reduce((a, b) => bin('&', a, b));
export const not = (a: SExpr): SExpr => bin('^', a, ALL);

/** The masks of a block: a bit a byte, the first one the lowest. */
export interface Masks {
  readonly quotes: Get;
  readonly delimiters: Get;
  readonly lineEnds: Get;
  readonly returns: Get;
  /** Bytes from an opening quote on up to its closing one. */
  readonly inside: Get;
  /** Bytes of the text. */
  readonly valid: Get;
}

/** The masks of the bytes from `at` on, when `carry` (all ones or none) says whether they begin inside quotes. */
function masksOf(k: KernelBuilder, text: number, at: Get, to: Get, delimiter: Get, carry: SExpr): Masks {
  const registers = [0, 16, 32, 48].map((n) => k.load(text, n === 0 ? at : k.let(bin('+', at, num(n))), 16));
  const left = k.let(bin('-', to, at));
  const isWhole = cmp('>=', left, num(BLOCK));
  const some = bin('-', bin('<<', ONE, cast(bin('&', left, num(BLOCK - 1)), 'u64')), ONE);
  const valid = k.let(sel(isWhole, ALL, some));
  const masks = (byte: SExpr): Get => {
    const [a, b, c, d] = registers.map((r) => cast(cast(whole('bits', cmp('==', r, byte)), 'u32'), 'u64'));
    const bits = [a, b, c, d].map((x, n) => (n === 0 ? (x ?? NONE) : shl(x ?? NONE, 16 * n)));
    return k.let(bin('&', or(...bits), valid));
  };
  const quotes = masks(lit('u8', QUOTE, 16));
  const inside = k.var(quotes);
  for (const n of [1, 2, 4, 8, 16, 32]) k.set(inside, bin('^', inside, shl(inside, n)));
  k.set(inside, bin('^', inside, carry));
  return {
    quotes,
    delimiters: masks(delimiter),
    lineEnds: masks(lit('u8', LF, 16)),
    returns: masks(lit('u8', CR, 16)),
    inside,
    valid,
  };
}

/** The part that is the row of a launch; its scalars are from, to, part and delimiter. */
interface Part {
  readonly start: Get;
  readonly end: Get;
  readonly delimiter: Get;
}

export function partOf(k: KernelBuilder): Part {
  const [from, to, length] = [k.scalar('from', 'i32'), k.scalar('to', 'i32'), k.scalar('part', 'i32')];
  const delimiter = k.scalar('delimiter', 'u8');
  const start = k.let(bin('+', from, bin('*', k.index, length)));
  return { start, end: k.let(bin('min', bin('+', start, length), to)), delimiter };
}

/** Runs `body` for the blocks of a part; `inside` says whether they begin inside quotes. */
export function overBlocks(
  k: KernelBuilder,
  text: number,
  part: Part,
  inside: Get,
  body: (m: Masks, at: Get) => void,
): void {
  const delimiter = k.let(splat(part.delimiter, 16));
  const at = k.var(part.start);
  k.while(cmp('<', at, part.end), () => {
    const m = masksOf(k, text, at, part.end, delimiter, inside);
    // All ones where the last byte is inside quotes.
    k.set(inside, cast(bin('>>', cast(m.inside, 'i64'), lit('i64', 63n)), 'u64'));
    body(m, at);
    k.set(at, bin('+', at, num(BLOCK)));
  });
}

/** What the byte before a block is when it is outside quotes, as bit 0. */
interface BlockState {
  readonly mayOpenAt: Get;
  readonly closedAt: Get;
  readonly returnedAt: Get;
}

/** Before the text, or a line, a field begins. */
export const blockState = (k: KernelBuilder): BlockState => ({
  mayOpenAt: k.var(ONE),
  closedAt: k.var(NONE),
  returnedAt: k.var(NONE),
});

/** The masks of a block outside quotes. */
export interface OutsideMasks {
  readonly lines: Get;
  readonly separators: Get;
  readonly returns: Get;
  readonly opens: Get;
  readonly closes: Get;
}

export function outsideOf(k: KernelBuilder, m: Masks): OutsideMasks {
  const outside = k.let(not(m.inside));
  const lines = k.let(and(m.lineEnds, outside));
  return {
    lines,
    separators: k.let(or(lines, and(m.delimiters, outside))),
    returns: k.let(and(m.returns, outside)),
    opens: k.let(and(m.quotes, m.inside)),
    closes: k.let(and(m.quotes, outside)),
  };
}

/** The bytes of a block that only the definition can tell, and those behind CR; the state is that of the next block then. */
export function oddBytes(
  k: KernelBuilder,
  m: Masks,
  masks: OutsideMasks,
  state: BlockState,
): { readonly strange: SExpr; readonly afterReturn: Get } {
  const { lines, separators, returns, opens, closes } = masks;
  /** The bytes behind those of `bits`; the last one's is remembered for the next block. */
  const behind = (bits: SExpr, carry: Get): Get => {
    const shifted = k.let(or(shl(bits, 1), carry));
    k.set(carry, bin('>>', bits, lit('u64', 63n)));
    return shifted;
  };
  const opensLate = and(opens, not(behind(or(separators, closes), state.mayOpenAt)));
  const goesOn = and(behind(closes, state.closedAt), not(or(separators, returns, opens)), m.valid);
  const afterReturn = behind(returns, state.returnedAt);
  return { strange: or(opensLate, goesOn, and(afterReturn, not(lines), m.valid)), afterReturn };
}
