/** Driving an implementation in another process: what it may say, and every way in which it may fail. */

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { PeerError } from './implementation.ts';
import { startProcess } from './process.ts';

const folder = mkdtempSync(join(tmpdir(), 'weld-peer-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** A child that says the lines of `first`, then answers each command by what `answers` has for it. */
const child = (first: readonly string[], answers: Readonly<Record<string, string>> = {}, last = '') => {
  const script = `
    const answers = ${JSON.stringify(answers)};
    for (const line of ${JSON.stringify(first)}) console.log(line);
    require('readline').createInterface({ input: process.stdin }).on('line', (c) => console.log(answers[c] ?? '{}'));
    ${last}`;
  return startProcess({ name: 'peer', file: process.execPath, args: ['-e', script] }, folder);
};

it('is asked by lines and answers by lines', async () => {
  writeFileSync(join(folder, 'a.bin'), Float64Array.of(1, 2, Number.NaN));
  const leaves = [{ kind: 'f64', length: 3, file: 'a.bin' }, 7];
  const impl = await child(['loading...', '{"version":"1.2","compile_ms":3}'], {
    run: '{"ms":4.5,"cpu_ms":4}',
    answer: JSON.stringify({ leaves }),
    peak: '{"peak_mb":60,"base_mb":20}',
  });
  expect(impl).toMatchObject({ name: 'peer', version: '1.2', compileMs: 3 });
  expect(await impl.run()).toEqual({ ms: 4.5, cpuMs: 4 });
  expect(await impl.answer()).toEqual([Float64Array.of(1, 2, Number.NaN), [7]]);
  expect(await impl.memory()).toEqual({ peakMb: 60, baseMb: 20, dataMb: null });
  await impl.close();
});

it.each([
  ['says what went wrong', () => child(['{"error":"numba is not installed"}']), 'peer: numba is not installed'],
  ['dies', () => child([], {}, 'throw new Error("no data")'), 'no data'],
  ['ends', () => child([], {}, 'process.exit(3)'), 'peer ended without an answer: no message'],
  [
    'is not there',
    () => startProcess({ name: 'peer', file: join(folder, 'nothing'), args: [] }, folder),
    'peer ended without an answer: spawn',
  ],
])('fails when it %s', async (_, start, message) => {
  const started = start();
  await expect(started).rejects.toBeInstanceOf(PeerError);
  await expect(started).rejects.toThrow(message);
});

it('fails when it answers something else', async () => {
  const impl = await child(['{"version":"1"}'], { run: '{"mss":1}' });
  await expect(impl.run()).rejects.toThrow('peer answers another question than it was asked');
  await impl.close();
});
