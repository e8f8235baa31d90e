/** The page on the cost model has every constant of it, with its value. */

import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import * as cost from '../compiler/analysis/cost.ts';

it('spec/cost.md has every constant and its value, and no other', () => {
  const page = readFileSync(new URL('./cost.md', import.meta.url), 'utf8');
  const told = [...page.matchAll(/^\| `([A-Z_]+)` +\| +([\d.,]+) \|/gm)].map(([, name, value]): [string, number] => [
    name ?? '',
    Number(value?.replaceAll(',', '')),
  ]);
  expect(Object.fromEntries(told)).toEqual({ ...cost });
  expect(told.length).toBe(Object.keys(cost).length);
});
