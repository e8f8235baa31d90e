/** Arquero: workloads as queries of tables. */

import { op, table } from 'arquero';

export function tpch_q6(quantity, price, discount, shipped, start, until) {
  const lines = table({ quantity, price, discount, shipped }).params({ start, until });
  return () => {
    const kept = lines.filter(
      (d, $) =>
        d.shipped >= $.start && d.shipped < $.until && d.discount >= 0.05 && d.discount <= 0.07 && d.quantity < 24,
    );
    return [kept.rollup({ revenue: (d) => op.sum(d.price * d.discount) }).get('revenue')];
  };
}

export function group_sum(k, v) {
  const rows = table({ k: Float64Array.from(k, Number), v });
  return () => {
    const sums = rows.groupby('k').rollup({ v: (d) => op.sum(d.v) });
    return [Float64Array.from(sums.array('k')), Float64Array.from(sums.array('v'))];
  };
}
