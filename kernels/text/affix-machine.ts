/**
 * The machine forms of str_starts, str_ends and str_equals: each row's bytes are compared from where the pattern would
 * begin, sixteen at once; a row that is too short is compared where it begins, for nothing. The same reading of the offsets
 * checks them.
 */

import { bin, cmp, type Get, type Kernel, KernelBuilder, type SExpr, sel } from '../../compiler/kernels.ts';
import { vector } from '../column.ts';
import { MAP_ROWS, type MachineForm, once } from '../machine.ts';
import { type LiteralTest, literalName } from './literal.ts';
import { isPatternAt, patternBuffer } from './pattern-machine.ts';
import { decreasing, offsetKind, patternOf, stringsOf } from './strings.ts';
import { loadStart, minus, plus } from './strings-machine.ts';

type Affix = Exclude<LiteralTest, 'contains'>;

/** The machine form of a test at one place of a row. */
export const affixMachine =
  (test: Affix): MachineForm =>
  async ([offsets, bytes, given], m) => {
    const strings = stringsOf(literalName(test), offsets, bytes);
    const pattern = patternOf(given);
    const flags = m.alloc.alloc('bool', strings.rows);
    const { failure } = await m.launch(compare(test, offsetKind(strings), pattern.length > 16), {
      rows: strings.rows,
      rowsPerPart: MAP_ROWS,
      bufs: [strings.offsets, strings.bytes, patternBuffer(pattern, m), flags],
      scalars: [pattern.length],
    });
    return failure === null ? vector('bool', flags) : decreasing(literalName(test), strings, failure.row);
  };

const compare = once((test: Affix, kind: 'i32' | 'i64', long: boolean): Kernel => {
  const k = KernelBuilder.packed(`${test}_${kind}${long ? '_long' : ''}`);
  const [offsets, bytes] = [k.buf('offsets', kind, 'read'), k.buf('bytes', 'u8', 'read')];
  const [pattern, flags] = [k.buf('pattern', 'u8', 'read'), k.buf('flags', 'bool', 'write')];
  const length: Get = k.scalar('length', 'i32');
  const isMatch = isPatternAt(k, { bytes, pattern, length, long });
  const [start, end] = [loadStart(k, offsets, k.index), loadStart(k, offsets, plus(k.index, 1))];
  k.fail('AssertionError', cmp('>', start, end));
  const fits: SExpr = cmp(test === 'equals' ? '==' : '>=', minus(end, start), length);
  const isFit = k.let(fits);
  const place = test === 'ends' ? k.let(sel(isFit, minus(end, length), start)) : start;
  const flag = k.var(isFit);
  if (long) k.if(isFit, () => k.set(flag, isMatch(place)));
  else k.set(flag, bin('&', isFit, isMatch(place)));
  k.store(flags, k.index, flag);
  return k.finish();
});
