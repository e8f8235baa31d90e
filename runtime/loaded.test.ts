/** An artifact that streams needs no compiler: neither the parser nor binaryen can be loaded here. */

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it, vi } from 'vitest';
import { type Compiled, compile } from '../compiler/compile.ts';
import { type Atom, Builder, I64, merger, type StageName, scan, type Value, vec } from '../compiler/index.ts';
import { split } from '../compiler/split.ts';
import { writeArtifact } from './artifact.ts';
import { init } from './session.ts';

vi.mock('chevrotain', () => {
  throw new Error('the parser was loaded');
});
vi.mock('binaryen', () => {
  throw new Error('binaryen was loaded');
});

const folders = mkdtempSync(join(tmpdir(), 'weld-stages-'));
afterAll(() => rmSync(folders, { recursive: true }));

/** `|x: vec[i64], k: i64| result(for(x, merger[i64,+](k), |b, i, e| merge(b, e * k)))`, with its stages. */
async function build(folder: string): Promise<void> {
  const b = new Builder();
  const [x, k] = [b.param(vec(I64), 'x'), b.param(I64, 'k')];
  const product = (e: Atom): Atom => b.bin('*', e, k);
  const sum = b.loop([scan(x)], b.builder(merger(I64, '+'), k), (s, _i, e = k) => b.merge(s, product(e)));
  const p = b.finish(b.result(sum));
  const { programs, ...shape } = split(p, [0]);
  const made = (stage: StageName): Promise<Compiled> => compile(programs[stage], { ahead: true });
  const compiled = {
    init: await made('init'),
    run: await made('run'),
    result: await made('result'),
    empty: await made('empty'),
    combine: await made('combine'),
  };
  writeArtifact(folder, { whole: await compile(p), stages: { ...shape, compiled } }, '0.0.0', {
    optimized: false,
    memory64: false,
  });
}

const longs = (...values: readonly bigint[]): Value => ({
  kind: 'vec',
  elem: I64,
  length: values.length,
  cols: [BigInt64Array.from(values)],
});

it('runs the stages of an artifact', async () => {
  const folder = join(folders, 'sum');
  await build(folder);
  const session = await init({ threads: 2 });
  const artifact = await session.load(folder);
  const batches = [[longs(1n, 2n)], [longs()], [longs(3n)]];
  expect(await artifact.stream([null, 10n], batches)).toBe(70n);
  const law = await artifact.partition([null, 10n]);
  const zero = await law.init();
  const [a, b] = [await law.run(zero, [longs(1n, 2n)]), await law.run(zero, [longs(3n)])];
  expect(await law.result(await law.combine(a, b))).toBe(70n);
  law.dispose();
  artifact.unload();
  expect(session.lastRun, 'the session evaluated a program').toBeNull();
  await session.dispose();
});
