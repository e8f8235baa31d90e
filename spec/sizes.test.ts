/** Files stay small: soft limit 400 lines, hard limit 600. A longer file is listed here with its reason. */

import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { sources } from './sources.ts';

/** Files over the soft limit and why. */
const SOFT: Readonly<Record<string, string>> = {
  'compiler/core/rules.ts': 'every typing rule of the language, in one place',
  'compiler/syntax/grammar.ts': 'one grammar rule after the other; chevrotain wants them in one class',
  'compiler/testing/arb-kernel.ts': 'one generator whose choices refer to each other',
};
const lines = (file: string): number => readFileSync(file, 'utf8').split('\n').length;

it('no file is over 600 lines', () => {
  const long = sources().filter((f) => lines(f) > 600);
  expect(long).toEqual([]);
});

it('files over 400 lines are listed with a reason', () => {
  const long = sources().filter((f) => lines(f) > 400 && !f.endsWith('.test.ts') && SOFT[f] === undefined);
  expect(long).toEqual([]);
});
