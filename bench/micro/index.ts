/** Single operations at the size where memory decides, for the suite `micro`: what a loop of each kind costs. */

import type { Workload } from '../workloads/workload.ts';
import { filterOf } from './filter.ts';
import { groupSumOf } from './group-sum.ts';
import { sum, triad } from './streams.ts';

export const MICRO: readonly Workload[] = [
  sum,
  triad,
  filterOf(10),
  filterOf(50),
  groupSumOf(16, '16'),
  groupSumOf(1_000, '1k'),
  groupSumOf(1_000_000, '1m'),
];
