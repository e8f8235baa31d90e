/** Doubles as strings and back: as many digits as it takes, sixteen or seventeen for nearly all. */

import { sumOf } from '../workloads/near.ts';
import type { Random } from '../workloads/random.ts';
import type { Workload } from '../workloads/workload.ts';

const ROWS = 1_000_000;

const digits = (w: Pick<Workload, 'name' | 'about' | 'text' | 'peers' | 'make'>): Workload => ({
  unit: 'strings',
  rows: ROWS,
  handFused: { loops: 0, why: 'a primitive is no loop of a program' },
  ...w,
});

export const DIGITS: readonly Workload[] = [
  digits({
    name: 'str_format_f64',
    about: 'doubles as strings: how many, and their bytes',
    peers: 'digits:format',
    text: `|v: vec[f64]|
  let texts = cudf[str_format_f64,{vec[i32],vec[u8]}](v);
  {len(texts.$0) - 1L, len(texts.$1)}`,
    make: (rows, random) => {
      const values = doubles(rows, random);
      const js = (): number => {
        let bytes = 0;
        for (let i = 0; i < rows; i++) bytes += String(values[i]).length;
        return bytes;
      };
      return { inputs: [values], js: () => [[rows], [js()]], near: ['exact', 'exact'] };
    },
  }),
  digits({
    name: 'str_parse_f64',
    about: 'strings as doubles: how many, and their sum',
    peers: 'digits:parse',
    text: `|o: vec[i32], b: vec[u8]|
  let parsed = cudf[str_parse_f64,{vec[f64],vec[bool]}](o, b);
  let sums = for(zip(parsed.$0, parsed.$1), {merger[i64,+], merger[f64,+]}, |s, i, e|
    {merge(s.$0, select(e.$1, 1L, 0L)), merge(s.$1, e.$0)});
  {result(sums.$0), result(sums.$1)}`,
    make: (rows, random) => {
      const texts = Array.from(doubles(rows, random), String);
      const offsets = new Int32Array(rows + 1);
      for (const [r, text] of texts.entries()) offsets[r + 1] = (offsets[r] ?? 0) + text.length;
      const js = (): number => {
        let sum = 0;
        for (let i = 0; i < rows; i++) sum += Number(texts[i]);
        return sum;
      };
      const bytes = new Uint8Array(Buffer.from(texts.join('')));
      return { inputs: [offsets, bytes], js: () => [[rows], [js()]], near: ['exact', sumOf(rows)] };
    },
  }),
];

const doubles = (rows: number, random: Random): Float64Array =>
  Float64Array.from({ length: rows }, () => random.uniform(1, 1000));
