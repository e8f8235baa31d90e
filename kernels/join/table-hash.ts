/**
 * A table by hash, of slots side by side: a word, and the first row with it plus one, which is the hit; 0 where a slot is
 * free. A key is in the first slot from its own on that has it, with a free one behind the last.
 *
 * A large table would be in no cache, so its rows are partitioned by the first bits of their hash: each partition
 * has a region of slots for itself, which a thread fills and then looks in while it is in its cache.
 *
 *     count     how many rows of each partition each part has
 *     scatter   words, and on the right side rows, to the places of their partition; parts one after the other
 *     build     a partition of right rows, in order, to its region
 *     probe     a stretch of the left rows of a partition; the hit comes in the place of the word
 *     return    the left rows once more, in order: each takes the next hit of its partition
 *
 * Only `return` restores the order, so left row numbers are moved nowhere. Which row is a key's first does not depend on
 * how rows are cut: parts stand in the order of the rows.
 */

import { fail, type TypedArray } from '../../compiler/index.ts';
import type { Machine, MachineBuffer } from '../machine.ts';
import * as kernels from './hash-kernels.ts';
import { ANSWER_KIND, type Answer, sumOf, type Table, zeros } from './table.ts';
import { type WordSide, wordFor } from './words.ts';

/** More partitions than that would be written to in too many places at once. */
const MOST_PARTITION_BITS = 9;
/** Places in the table are numbers of 31 bits, two for a slot. */
const MOST_SLOTS = 2 ** 30;
/** Left rows that are looked up at a stretch. */
const STRETCH = 1 << 15;
const PARTS_A_THREAD = 4;

export async function hashTable(m: Machine, right: WordSide): Promise<Table> {
  const word = wordFor(right.kind);
  const bits = partitionBits(m, right.rows);
  const scattered = await scatter(m, right, bits, 'rows');
  const regions = regionsOf(scattered.bounds);
  const slots = regions.at(-1) ?? 0;
  if (slots > MOST_SLOTS) {
    fail('W6009', `a join with ${right.rows} right rows by hash, the most is ${MOST_SLOTS / 4}`, {
      help: 'swap the sides, or join a part of the rows at a time',
    });
  }
  const table = m.alloc.alloc(word, 2 * slots);
  const shared = [uints(m, regions), table];
  const twice = await m.launch(kernels.build(word), {
    rows: 1 << bits,
    rowsPerPart: 1,
    bufs: [uints(m, scattered.bounds), scattered.words, scattered.rows, ...shared],
  });

  const probe = async (bounds: readonly number[], where: kernels.Where, side: Probed) => {
    const pieces = piecesOf(bounds);
    await m.launch(kernels.probe(word, where, side.valid !== null), {
      rows: pieces.length / 3,
      rowsPerPart: 1,
      bufs: [uints(m, pieces), ...shared, side.words, ...maskOf(side), ...(side.to === null ? [] : [side.to])],
    });
  };
  const look = async (side: WordSide, answer: Answer): Promise<TypedArray> => {
    const to = m.alloc.alloc(ANSWER_KIND[answer], side.rows);
    if (bits === 0) {
      await probe([0, side.rows], answer, { ...side, to });
      return to;
    }
    const left = await scatter(m, { ...side, valid: null }, bits, 'words');
    await probe(left.bounds, 'in_place', { words: left.words, valid: null, to: null });
    await m.launch(kernels.giveBack(word, side.valid !== null, answer), {
      ...left.cut,
      bufs: [side.words, ...maskOf(side), left.starts(), left.words, to],
      scalars: [partitionShift(bits)],
    });
    return to;
  };
  return { unique: sumOf(twice) === 0, probe: look, places: () => look(right, 'places') };
}

/**
 * How many bits of the hash say the partition. Slots of rows that are worth two parts fit in a cache, with 2 MB; partitions
 * of more rows have a quarter of the rows of a part, with slots to spare half a megabyte.
 */
function partitionBits(m: Machine, rows: number): number {
  if (rows <= 2 * m.fewestRows) return 0;
  return Math.min(MOST_PARTITION_BITS, Math.ceil(Math.log2((4 * rows) / m.fewestRows)));
}
const partitionShift = (bits: number): bigint => BigInt(63 - bits);

/** A column of words to look up, and where answers go that do not come in their place. */
interface Probed extends Pick<WordSide, 'words' | 'valid'> {
  readonly to: TypedArray | null;
}
const maskOf = ({ valid }: Pick<WordSide, 'valid'>): readonly TypedArray[] => (valid === null ? [] : [valid]);

interface Scattered {
  readonly words: TypedArray;
  /** Rows plus one, beside their words; empty where only words are moved. */
  readonly rows: TypedArray;
  /** Where each partition begins, and where the last one ends. */
  readonly bounds: readonly number[];
  readonly cut: { readonly rows: number; readonly rowsPerPart: number };
  /** Where each part begins with each partition. */
  starts(): MachineBuffer;
}

/** The rows of a side that count, partition by partition. */
async function scatter(m: Machine, side: WordSide, bits: number, what: 'rows' | 'words'): Promise<Scattered> {
  const { rows, words, valid } = side;
  const word = wordFor(side.kind);
  const most = m.threads === 1 ? 1 : m.threads * PARTS_A_THREAD;
  const cut = { rows, rowsPerPart: Math.max(Math.ceil(rows / most), Math.min(rows, m.fewestRows), 1) };
  const parts = Math.ceil(rows / cut.rowsPerPart);
  const length = 1 << bits;
  const counts = zeros(m.alloc.alloc('u32', parts * length));
  const from = [words, ...maskOf(side)];
  const scalars = [partitionShift(bits)];
  const masked = valid !== null;
  await m.launch(kernels.count(word, masked), { ...cut, bufs: [...from, { copies: counts, length }], scalars });
  const bounds: number[] = [];
  const starts = new Uint32Array(parts * length);
  let next = 0;
  for (let partition = 0; partition < length; partition++) {
    bounds.push(next);
    for (let part = 0; part < parts; part++) {
      starts[part * length + partition] = next;
      next += Number(counts[part * length + partition]);
    }
  }
  bounds.push(next);
  const begin = (): MachineBuffer => ({ copies: uints(m, starts), length });
  const to = { words: m.alloc.alloc(word, next), rows: m.alloc.alloc('u32', what === 'rows' ? next : 0) };
  const into = what === 'rows' ? [to.words, to.rows] : [to.words];
  await m.launch(kernels.scatter(word, masked, what), { ...cut, bufs: [...from, begin(), ...into], scalars });
  return { ...to, bounds, cut, starts: begin };
}

/** Where the slots of each partition begin, and where the last ones end: at least two a row, and a power of two. */
function regionsOf(bounds: readonly number[]): readonly number[] {
  const regions = [0];
  for (let p = 0; p + 1 < bounds.length; p++) {
    const rows = (bounds[p + 1] ?? 0) - (bounds[p] ?? 0);
    regions.push((regions[p] ?? 0) + 2 ** Math.ceil(Math.log2(2 * rows + 1)));
  }
  return regions;
}

/** Stretches of the rows of partitions: partition, first row, end. */
function piecesOf(bounds: readonly number[]): readonly number[] {
  const pieces: number[] = [];
  for (let p = 0; p + 1 < bounds.length; p++) {
    const end = bounds[p + 1] ?? 0;
    for (let from = bounds[p] ?? 0; from < end; from += STRETCH) pieces.push(p, from, Math.min(end, from + STRETCH));
  }
  return pieces;
}

/** Numbers where kernels read them. */
function uints(m: Machine, numbers: ArrayLike<number>): TypedArray {
  const column = m.alloc.alloc('u32', numbers.length);
  new Uint32Array(column.buffer, column.byteOffset, numbers.length).set(numbers);
  return column;
}
