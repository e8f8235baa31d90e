/** Primitives of `kernels/`, for the suite `kernels`. */

import type { Workload } from '../workloads/workload.ts';
import { BITS } from './bits.ts';
import { CHANCE } from './chance.ts';
import { DIGITS } from './digits.ts';
import { BATCHED, gemmOf, LAYER, SYRK, VECTOR } from './gemm.ts';
import { JOIN } from './join.ts';
import { ORDER } from './order.ts';
import { PIPELINES } from './pipelines.ts';
import { PIXELS } from './pixels.ts';
import { readCsv } from './read-csv.ts';
import { readNdjson } from './read-ndjson.ts';
import { TEXT } from './text.ts';

export const KERNEL_WORKLOADS: readonly Workload[] = [
  ...ORDER,
  ...JOIN,
  gemmOf('f32'),
  gemmOf('f64'),
  ...[LAYER, SYRK, BATCHED, VECTOR],
  ...BITS,
  ...CHANCE,
  ...PIPELINES,
  ...PIXELS,
  ...TEXT,
  ...DIGITS,
  readCsv,
  readNdjson,
];
