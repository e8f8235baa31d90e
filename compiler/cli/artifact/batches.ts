/** Columns in batches, for artifacts that stream them: which parameters `--stream` names, and how arguments are cut. */

import { type Program, paramTypes } from '../../core/program.ts';
import { isVecValue, type Value, type VecValue } from '../../core/value.ts';
import { fail } from '../../diag/diagnostic.ts';
import { didYouMean } from '../../diag/suggest.ts';

/** The numbers of the parameters that a list such as `x,y` or `1,3` names, rising. W8006 for what is no vector. */
export function streamedParams(p: Program, list: string): readonly number[] {
  const names = p.body.params.map((s) => p.syms.hint(s));
  const types = paramTypes(p);
  const found = list.split(',').map((given) => {
    const word = given.trim();
    const k = /^\d+$/.test(word) ? Number(word) - 1 : names.indexOf(word);
    const type = types[k];
    if (type === undefined) fail('W8006', `the program has no parameter '${word}'`, { help: didYouMean(word, names) });
    if (type.kind !== 'vec') fail('W8006', `only vectors come in batches, and the parameter '${word}' is none`);
    return k;
  });
  return [...new Set(found)].sort((a, b) => a - b);
}

/** The batches of at most `rows` rows of vectors of one length, which share their memory. */
export function* batchesOf(columns: readonly Value[], rows: number): Generator<readonly Value[]> {
  const vectors = columns.filter(isVecValue);
  const length = Math.max(0, ...vectors.map((v) => v.length));
  for (let from = 0; from < length; from += rows) yield vectors.map((v) => rowsOf(v, from, from + rows));
}

function rowsOf(v: VecValue, from: number, to: number): VecValue {
  const end = Math.min(to, v.length);
  const begin = Math.min(from, end);
  return { ...v, length: end - begin, cols: v.cols.map((c) => c.subarray(begin, end)) };
}
