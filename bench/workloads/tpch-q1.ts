/** TPC-H Q1: six group-bys by one pair of keys have to become one loop. */

import { type Leaf, sumOf } from './near.ts';
import type { Random } from './random.ts';
import { day, type Lines, ordersAndLines } from './tpch.ts';
import type { Instance, Workload } from './workload.ts';

export const tpchQ1: Workload = {
  name: 'tpch_q1',
  about: 'pricing summary (TPC-H Q1)',
  unit: 'lines',
  rows: 1_000_000,
  handFused: { loops: 2, why: 'one over the lines that fills all aggregates, one over the groups' },
  make,
};

const UNTIL = day('1998-12-01') - 90;

function make(rows: number, random: Random): Instance {
  const { lines } = ordersAndLines(rows, random);
  const { quantity, price, discount, tax, flag, status, shipped } = lines;
  const sum = sumOf(rows, 8);
  return {
    inputs: [quantity, price, discount, tax, flag, status, shipped, UNTIL],
    js: () => fused(lines),
    near: ['exact', 'exact', 'exact', sum, sum, sum, 'exact', sum, sum, 'exact'],
  };
}

function fused(lines: Lines): readonly Leaf[] {
  // Three flags by two statuses.
  const table = (): Float64Array => new Float64Array(6);
  const [count, quantity, price, discounted, charged, discount] = [
    table(),
    table(),
    table(),
    table(),
    table(),
    table(),
  ];
  for (let i = 0; i < lines.shipped.length; i++) {
    if ((lines.shipped[i] as number) > UNTIL) continue;
    const g = 2 * (lines.flag[i] as number) + (lines.status[i] as number);
    const [p, d] = [lines.price[i] as number, lines.discount[i] as number];
    const rest = p * (1 - d);
    (count[g] as number)++;
    (quantity[g] as number) += lines.quantity[i] as number;
    (price[g] as number) += p;
    (discounted[g] as number) += rest;
    (charged[g] as number) += rest * (1 + (lines.tax[i] as number));
    (discount[g] as number) += d;
  }
  const groups = [0, 1, 2, 3, 4, 5].filter((g) => (count[g] as number) > 0);
  const sums = (t: Float64Array): readonly number[] => groups.map((g) => t[g] as number);
  const means = (t: Float64Array): readonly number[] => groups.map((g) => (t[g] as number) / (count[g] as number));
  return [
    groups.map((g) => g >> 1),
    groups.map((g) => g & 1),
    sums(quantity),
    sums(price),
    sums(discounted),
    sums(charged),
    means(quantity),
    means(price),
    means(discount),
    sums(count),
  ];
}
