/**
 * Keys of several columns as one word a row on both sides.
 *
 * The differences to the least right key are packed side by side, in as many bits as the range of the right keys needs; a
 * left key outside that range matches nothing. Where 64 bits do not hold them, a column is replaced by the first right row
 * with the same key (`coded`), an exact name of the key that has at most 31 bits.
 */

import { invariant } from '../../compiler/index.ts';
import { bin, cast, cmp, KernelBuilder, lit, type SExpr, sel } from '../../compiler/kernels.ts';
import { MAP_ROWS, type Machine, once } from '../machine.ts';
import { minus } from '../terms.ts';
import type { JoinKeys, KeyPair } from './keys.ts';
import { hashTable } from './table-hash.ts';
import { boundsOf, type WordKind, type WordSide, wordColumn, wordFor } from './words.ts';

export interface WordPair {
  readonly left: WordSide;
  readonly right: WordSide;
}

/** The words of the keys. */
export async function wordsOf(m: Machine, { left, right, pairs }: JoinKeys): Promise<WordPair> {
  const columns = async (pair: KeyPair): Promise<WordPair> => ({
    left: { ...left, ...(await wordColumn(m, pair.kind, pair.left)) },
    right: { ...right, ...(await wordColumn(m, pair.kind, pair.right)) },
  });
  const [first, ...others] = pairs;
  invariant(first !== undefined, () => 'a join without a key');
  let all = await columns(first);
  for (const pair of others) all = await packed(m, all, await columns(pair));
  return all;
}

/** Two words a row in one. */
async function packed(m: Machine, first: WordPair, second: WordPair): Promise<WordPair> {
  let [a, b] = [await boundsOf(m, first.right), await boundsOf(m, second.right)];
  let [high, low] = [first, second];
  if (a.bits + b.bits > 64 && a.bits > 31) {
    high = await coded(m, first);
    a = await boundsOf(m, high.right);
  }
  if (a.bits + b.bits > 64) {
    low = await coded(m, second);
    b = await boundsOf(m, low.right);
  }
  const side = async (name: 'left' | 'right'): Promise<WordSide> => {
    const [x, y] = [high[name], low[name]];
    const { rows } = x;
    const [words, valid] = [m.alloc.alloc('u64', rows), m.alloc.alloc('bool', rows)];
    const own = x.valid ?? valid;
    // The low bits of a word below 2^64 are shifted away where the other has all of them.
    await m.launch(packWords(x.kind, y.kind, x.valid !== null), {
      rows,
      rowsPerPart: MAP_ROWS,
      bufs: [x.words, y.words, ...(x.valid === null ? [] : [own]), words, valid],
      scalars: [a.base, a.range, b.base, b.range, BigInt(b.bits % 64)],
    });
    return { rows, kind: 'u64', words, valid };
  };
  return { left: await side('left'), right: await side('right') };
}

/** Each word by the first right row that has it. */
async function coded(m: Machine, { left, right }: WordPair): Promise<WordPair> {
  const table = await hashTable(m, right);
  const side = async (of: WordSide): Promise<WordSide> => {
    // A hit is a row plus one, so that of a left row that has none is outside the range of the right ones.
    const words = await table.probe(of, 'hits');
    return { ...of, kind: 'u32', words };
  };
  return { left: await side(left), right: await side(right) };
}

/** Packs the differences of two words to a base, and says where both are inside their range. */
const packWords = once((a: WordKind, b: WordKind, masked: boolean) => {
  const k = new KernelBuilder(`pack_${a}_${b}${masked ? '_masked' : ''}`);
  const [first, second] = [k.buf('first', wordFor(a), 'read'), k.buf('second', wordFor(b), 'read')];
  const own = masked ? k.buf('own', 'bool', 'read') : null;
  const [words, valid] = [k.buf('words', 'u64', 'write'), k.buf('valid', 'bool', 'write')];
  const difference = (buf: number, kind: WordKind): { readonly far: SExpr; readonly inside: SExpr } => {
    const word = wordFor(kind);
    const [base, range] = [k.scalar('base', word), k.scalar('range', word)];
    const far = k.let(minus(k.load(buf, k.index), base));
    return { far: cast(far, 'u64'), inside: cmp('<=', far, range) };
  };
  const [x, y] = [difference(first, a), difference(second, b)];
  const bits = k.scalar('bits', 'u64');
  const inside = k.let(bin('&', x.inside, y.inside));
  k.store(words, k.index, sel(inside, bin('|', bin('<<', x.far, bits), y.far), lit('u64', 0)));
  k.store(valid, k.index, own === null ? inside : bin('&', inside, k.load(own, k.index)));
  return k.finish();
});
