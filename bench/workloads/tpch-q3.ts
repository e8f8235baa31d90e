/** TPC-H Q3: two joins by dictionaries that filters feed, a group-by with many groups, the ten best. */

import { type Leaf, sumOf } from './near.ts';
import type { Random } from './random.ts';
import { customersOf, day, type Lines, type Orders, ordersAndLines, SEGMENT } from './tpch.ts';
import type { Instance, Workload } from './workload.ts';

export const tpchQ3: Workload = {
  name: 'tpch_q3',
  about: 'shipping priority (TPC-H Q3)',
  unit: 'lines',
  rows: 1_000_000,
  handFused: { loops: 4, why: 'one each over customers, orders, lines and groups' },
  make,
};

const DATE = day('1995-03-15');
const BEST = 10;

function make(rows: number, random: Random): Instance {
  const { orders, lines } = ordersAndLines(rows, random);
  const customers = customersOf(rows);
  const customer = Int32Array.from({ length: customers }, (_, i) => i + 1);
  const segment = Int8Array.from({ length: customers }, () => random.whole(0, SEGMENT.count - 1));
  return {
    inputs: [
      customer,
      segment,
      orders.key,
      orders.customer,
      orders.date,
      orders.priority,
      lines.order,
      lines.price,
      lines.discount,
      lines.shipped,
      SEGMENT.building,
      DATE,
    ],
    js: () => fused(customer, segment, orders, lines),
    // An order has at most seven lines, but the last one of the data may have more.
    near: ['exact', sumOf(rows, 4), 'exact', 'exact'],
  };
}

function fused(customer: Int32Array, segment: Int8Array, orders: Orders, lines: Lines): readonly Leaf[] {
  const customers = new Set<number>();
  for (let i = 0; i < customer.length; i++) {
    if (segment[i] === SEGMENT.building) customers.add(customer[i] as number);
  }
  const rowOf = new Map<number, number>();
  for (let i = 0; i < orders.key.length; i++) {
    if ((orders.date[i] as number) < DATE && customers.has(orders.customer[i] as number)) {
      rowOf.set(orders.key[i] as number, i);
    }
  }
  const revenue = new Map<number, number>();
  for (let i = 0; i < lines.order.length; i++) {
    if (!((lines.shipped[i] as number) > DATE)) continue;
    const row = rowOf.get(lines.order[i] as number);
    if (row === undefined) continue;
    const amount = (lines.price[i] as number) * (1 - (lines.discount[i] as number));
    revenue.set(row, (revenue.get(row) ?? 0) + amount);
  }
  const best = [...revenue]
    .sort(([r, x], [s, y]) => y - x || (orders.date[r] as number) - (orders.date[s] as number))
    .slice(0, BEST);
  return [
    best.map(([row]) => orders.key[row] as number),
    best.map(([, amount]) => amount),
    best.map(([row]) => orders.date[row] as number),
    best.map(([row]) => orders.priority[row] as number),
  ];
}
