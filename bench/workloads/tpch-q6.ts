/** TPC-H Q6: nine masks, two filters, a product and a sum, of which one loop with one branch is left. */

import { sumOf } from './near.ts';
import type { Random } from './random.ts';
import { day, type Lines, ordersAndLines } from './tpch.ts';
import type { Instance, Workload } from './workload.ts';

export const tpchQ6: Workload = {
  name: 'tpch_q6',
  about: 'forecast of revenue change (TPC-H Q6)',
  unit: 'lines',
  rows: 2_000_000,
  handFused: { loops: 1, why: 'a line that meets the conditions is added at once' },
  make,
};

const FROM = day('1994-01-01');
const UNTIL = day('1995-01-01');

function make(rows: number, random: Random): Instance {
  const { lines } = ordersAndLines(rows, random);
  const { quantity, price, discount, shipped } = lines;
  return {
    inputs: [quantity, price, discount, shipped, FROM, UNTIL],
    js: () => [[fused(lines)]],
    near: [sumOf(rows, 1)],
  };
}

function fused({ quantity, price, discount, shipped }: Lines): number {
  let revenue = 0;
  for (let i = 0; i < shipped.length; i++) {
    const [day, d] = [shipped[i] as number, discount[i] as number];
    if (day >= FROM && day < UNTIL && d >= 0.05 && d <= 0.07 && (quantity[i] as number) < 24) {
      revenue += (price[i] as number) * d;
    }
  }
  return revenue;
}
