/**
 * One plot a file of figures, as SVG that needs nothing: bars of times against ours where a workload has one size,
 * lines of nanoseconds a row where it has several. Drawn by Vega-Lite, which is loaded here only.
 */

import type { TopLevelSpec } from 'vega-lite';
import type { Row } from '../suites/compare.ts';
import { groupsOf, type Results } from './results.ts';

export async function plotOf(r: Results): Promise<string> {
  const [vega, lite] = await Promise.all([import('vega'), import('vega-lite')]);
  const sizes = new Set(r.rows.map((row) => row.n));
  const workloads = new Set(r.rows.map((row) => row.workload));
  const several = r.suite === 'scaling' || sizes.size > workloads.size;
  const { spec } = lite.compile(several ? linesOf(r) : barsOf(r));
  const view = new vega.View(vega.parse(spec), { renderer: 'none' });
  try {
    return await view.toSVG();
  } finally {
    view.finalize();
  }
}

const nameOf = (row: Row): string => (row.threads === 1 ? row.impl : `${row.impl}, ${row.threads} threads`);
const BASE = { $schema: 'https://vega.github.io/schema/vega-lite/v6.json', background: 'white' } as const;

/** Each implementation's time as a multiple of ours, on a logarithmic axis: 1 is level. */
function barsOf(r: Results): TopLevelSpec {
  const values = [...groupsOf(r).values()].flatMap((group) => {
    const ours = group.find((row) => row.impl === 'weld')?.median_ms ?? Number.NaN;
    return group
      .filter((row) => row.impl !== 'weld')
      .map((row) => ({ workload: row.workload, impl: nameOf(row), ratio: row.median_ms / ours }));
  });
  return {
    ...BASE,
    title: 'Time as a multiple of ours (to the right ours is faster)',
    data: { values },
    width: 560,
    height: { step: 18 },
    layer: [
      {
        mark: { type: 'point', filled: true, size: 60, opacity: 0.9 },
        encoding: {
          x: { field: 'ratio', type: 'quantitative', scale: { type: 'log' }, title: 'time / weld-ts' },
          y: { field: 'workload', type: 'nominal', sort: null, title: null, axis: { grid: true } },
          color: { field: 'impl', type: 'nominal', sort: null, title: null },
          shape: { field: 'impl', type: 'nominal', sort: null, title: null },
        },
      },
      { mark: { type: 'rule', strokeDash: [4, 4] }, encoding: { x: { datum: 1, type: 'quantitative' } } },
    ],
  };
}

/** Nanoseconds a row against the number of rows. */
function linesOf(r: Results): TopLevelSpec {
  const values = r.rows.map((row) => ({
    workload: row.workload,
    impl: nameOf(row),
    rows: row.n,
    ns: (row.median_ms * 1e6) / row.n,
  }));
  return {
    ...BASE,
    data: { values },
    columns: 2,
    facet: { field: 'workload', type: 'nominal', title: null },
    spec: {
      width: 260,
      height: 180,
      mark: { type: 'line', point: true },
      encoding: {
        x: { field: 'rows', type: 'quantitative', scale: { type: 'log' }, title: 'rows' },
        y: { field: 'ns', type: 'quantitative', scale: { type: 'log' }, title: 'ns a row' },
        color: { field: 'impl', type: 'nominal', sort: null, title: null },
      },
    },
  };
}
