/**
 * The machine forms of str_starts, str_ends and str_equals: each row's bytes are compared from where the pattern would
 * begin, sixteen at once; a row that is too short is compared where it begins, for nothing. The same reading of the offsets
 * checks them.
 *
 * Nearly all of the time goes into waiting for a line of the cache for each row. Two halves of a stretch are therefore
 * read side by side, which has the memory fetch two runs of pages ahead.
 */

import { bin, cast, cmp, type Get, type Kernel, KernelBuilder, lit, type SExpr, sel } from '../../compiler/kernels.ts';
import { vector } from '../column.ts';
import { MAP_ROWS, type MachineForm, once } from '../machine.ts';
import { minus, num, plus } from '../terms.ts';
import { type LiteralTest, literalName } from './literal.ts';
import { isPatternAt, patternBuffer } from './pattern-machine.ts';
import { checkedStrings, offsetKind, patternOf, stringsOf } from './strings.ts';
import { stretchRows } from './strings-machine.ts';

type Affix = Exclude<LiteralTest, 'contains'>;

/** Halves of a stretch, and rows of each that a step reads. */
const LANES = 2;
const STEP = 2;

/** The machine form of a test at one place of a row. */
export const affixMachine =
  (test: Affix): MachineForm =>
  async ([offsets, bytes, given], m) => {
    const name = literalName(test);
    const strings = stringsOf(name, offsets, bytes);
    const pattern = patternOf(given);
    const { rows } = strings;
    const flags = m.alloc.alloc('bool', rows);
    const stretch = Math.min(MAP_ROWS, Math.max(m.fewestRows, Math.ceil(rows / m.threads)));
    const { failure } = await m.launch(compare(test, offsetKind(strings), pattern.length > 16), {
      rows: Math.ceil(rows / stretch),
      rowsPerPart: 1,
      bufs: [strings.offsets, strings.bytes, patternBuffer(pattern, m), flags],
      scalars: [rows, stretch, strings.bytes.length, pattern.length],
    });
    if (failure !== null) checkedStrings(name, offsets, bytes);
    return vector('bool', flags);
  };

const compare = once((test: Affix, kind: 'i32' | 'i64', long: boolean): Kernel => {
  const k = KernelBuilder.packed(`${test}_${kind}${long ? '_long' : ''}`);
  const [offsets, bytes] = [k.buf('offsets', kind, 'read'), k.buf('bytes', 'u8', 'read')];
  const [pattern, flags] = [k.buf('pattern', 'u8', 'read'), k.buf('flags', 'bool', 'write')];
  const [rows, stretch, size] = [k.scalar('rows', 'i32'), k.scalar('stretch', 'i32'), k.scalar('size', 'i32')];
  const length: Get = k.scalar('length', 'i32');
  const isMatch = isPatternAt(k, { bytes, pattern, length, long });
  const unsigned = kind === 'i32' ? 'u32' : 'u64';
  const limit = k.let(cast(size, unsigned));

  /** Tests `count` rows from each of `rows` on: all is read before anything is compared. */
  const testRows = (rows: readonly Get[], count: number): void => {
    const tests = rows.flatMap((row): readonly Test[] => {
      const borders = Array.from({ length: count + 1 }, (_, n) => k.load(offsets, k.let(plus(row, n))));
      // Of offsets that rise, as unsigned numbers, to that of the bytes each is a place.
      for (const [n, border] of borders.entries()) {
        const next = borders[n + 1];
        k.fail('AssertionError', cmp('>', cast(border, unsigned), next === undefined ? limit : cast(next, unsigned)));
      }
      const places = borders.map((border) => k.let(cast(border, 'i32')));
      return places.slice(1).map((end, n) => {
        const start = places[n] ?? end;
        const isFit = k.let(cmp(test === 'equals' ? '==' : '>=', minus(end, start), length));
        return {
          row: k.let(plus(row, n)),
          isFit,
          place: test === 'ends' ? k.let(sel(isFit, minus(end, length), start)) : start,
        };
      });
    });
    const found = tests.map(({ isFit, place }): SExpr => {
      if (!long) return bin('&', isFit, isMatch(place));
      const flag = k.var(isFit);
      k.if(isFit, () => k.set(flag, isMatch(place)));
      return flag;
    });
    for (const [n, { row }] of tests.entries()) k.store(flags, row, found[n] ?? lit('bool', false));
  };
  const [first, last] = stretchRows(k, stretch, rows);
  const share = k.let(bin('*', bin('/', minus(last, first), num(LANES * STEP)), num(STEP)));
  const row = k.var(first);
  const end = k.let(plus(first, share));
  k.while(cmp('<', row, end), () => {
    testRows(
      Array.from({ length: LANES }, (_, l) => k.let(plus(row, bin('*', share, num(l))))),
      STEP,
    );
    k.set(row, plus(row, STEP));
  });
  k.range(plus(first, bin('*', share, num(LANES))), last, (left) => testRows([left], 1));
  return k.finish();
});

/** A row whose borders are known. */
interface Test {
  readonly row: Get;
  readonly isFit: Get;
  /** Where the pattern would begin, if it fits. */
  readonly place: Get;
}
