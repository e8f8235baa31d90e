/** What the suite prints; its processes run only what `npm run build` makes. */

import { expect, it } from 'vitest';
import { startupText } from './startup.ts';

it('prints a line a probe, its figures by column', () => {
  const results = [
    { name: 'as published', figures: { importMs: 20.4, resultMs: 60, wholeMs: 120.6, cpuMs: 130, peakMb: 61 } },
  ];
  const figures = { firstMs: 20, leastMs: 3, medianMs: 3.25, passesMs: 2, lowerMs: 0.5, encodeMs: 0.75, loadMs: 0.04 };
  expect(startupText(results, [{ name: 'tpch_q6, direct', figures }])).toBe(
    `first result of a small pipeline, ms             import     result from start        cpu    peak MB
  as published                                       20         60        121        130         61

from Core to kernels that can be called, ms       first      least      later     passes   lowering    writing    loading
  tpch_q6, direct                                  20.0        3.0        3.3        2.0        0.5        0.8        0.0
`,
  );
});
