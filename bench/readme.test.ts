/** The table of loops in `README.md` is what the suite prints; `UPDATE_GOLDEN=1` writes it anew. */

import { readFileSync, writeFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { loopsMarkdown, loopsOf } from './suites/loops.ts';
import { WORKLOADS } from './workloads/index.ts';

const FILE = 'bench/README.md';
const [BEGIN, END] = ['<!-- loops -->', '<!-- end -->'] as const;

it('shows the loops of all workloads', () => {
  const text = readFileSync(FILE, 'utf8');
  const [from, until] = [text.indexOf(BEGIN), text.indexOf(END)];
  expect(from >= 0 && until > from).toBe(true);
  const results = WORKLOADS.map(loopsOf);
  for (const { workload, bytesAsWritten, bytes } of results) {
    expect(bytes, workload.name).toBeGreaterThan(0);
    expect(bytes, workload.name).toBeLessThan(bytesAsWritten);
  }
  const table = loopsMarkdown(results);
  const made = `${text.slice(0, from)}${BEGIN}\n\n${table}\n${text.slice(until)}`;
  if (process.env['UPDATE_GOLDEN'] === '1') writeFileSync(FILE, made);
  expect(readFileSync(FILE, 'utf8')).toBe(made);
});
