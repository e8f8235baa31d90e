/** TPC-H Q12: five conditions on the lines, a join with all orders, two counts by ship mode. */

import type { Leaf } from './near.ts';
import type { Random } from './random.ts';
import { day, type Lines, MODE, type Orders, ordersAndLines } from './tpch.ts';
import type { Instance, Workload } from './workload.ts';

export const tpchQ12: Workload = {
  name: 'tpch_q12',
  about: 'ship modes and order priorities (TPC-H Q12)',
  unit: 'lines',
  rows: 1_000_000,
  handFused: { loops: 3, why: 'one each over orders, lines and groups' },
  make,
};

const FROM = day('1994-01-01');
const UNTIL = day('1995-01-01');

function make(rows: number, random: Random): Instance {
  const { orders, lines } = ordersAndLines(rows, random);
  const { order, mode, shipped, committed, received } = lines;
  return {
    inputs: [orders.key, orders.priority, order, mode, shipped, committed, received, MODE.mail, MODE.ship, FROM, UNTIL],
    js: () => fused(orders, lines),
    near: ['exact', 'exact', 'exact'],
  };
}

function fused(orders: Orders, lines: Lines): readonly Leaf[] {
  const priorityOf = new Map<number, number>();
  for (let i = 0; i < orders.key.length; i++) priorityOf.set(orders.key[i] as number, orders.priority[i] as number);
  const high = new Int32Array(MODE.count);
  const low = new Int32Array(MODE.count);
  for (let i = 0; i < lines.order.length; i++) {
    const mode = lines.mode[i] as number;
    if (mode !== MODE.mail && mode !== MODE.ship) continue;
    const committed = lines.committed[i] as number;
    const received = lines.received[i] as number;
    if (!(committed < received && (lines.shipped[i] as number) < committed)) continue;
    if (received < FROM || received >= UNTIL) continue;
    const priority = priorityOf.get(lines.order[i] as number) ?? -1;
    (priority <= 1 ? high : low)[mode] = ((priority <= 1 ? high : low)[mode] as number) + 1;
  }
  const modes = [MODE.mail, MODE.ship].filter((m) => (high[m] as number) + (low[m] as number) > 0);
  return [modes, modes.map((m) => high[m] as number), modes.map((m) => low[m] as number)];
}
