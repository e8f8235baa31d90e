/** `weldc build` and `weldc bench`, and what loading an artifact refuses. */

import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { writeArtifact } from '../../../runtime/artifact.ts';
import { init, type Session } from '../../../runtime/index.ts';
import { compile } from '../../compile.ts';
import { BOOL, F32, F64, struct, U8, vec } from '../../core/types.ts';
import { extern, fromColumns, I64, isVecValue, plainMemory, type Value } from '../../index.ts';
import { weldc } from '../../testing/weldc.ts';
import { parseProgram } from '../../text.ts';
import { seededArguments } from './data.ts';

const w = weldc();
let session: Session;
beforeAll(async () => {
  session = await init({ threads: 2 });
});
afterAll(async () => {
  w.clean();
  await session.dispose();
});

const SCALE = '|x: vec[f64], k: f64| result(for(x, appender[f64], |b,i,e| merge(b, e * k)))';

describe('weldc build', () => {
  it('writes a folder that a session runs', async () => {
    const folder = w.path('scale');
    const { status, out } = await w.run(['build', w.file('scale.weld', SCALE), '-o', folder, '--json']);
    expect(status).toBe(0);
    expect(JSON.parse(out)).toMatchObject({
      ok: true,
      kernels: 1,
      manifest: { format: 2, target: 'wasm', params: ['vec[f64]', 'f64'], result: 'vec[f64]', externs: [] },
    });
    const artifact = await session.load(folder);
    const x = { kind: 'vec' as const, elem: F64, length: 3, cols: [Float64Array.of(1, 2, -0)] };
    const value = await artifact.run([x, 3]);
    expect(isVecValue(value) && [...(value.cols[0] ?? [])]).toEqual([3, 6, -0]);
    await expect(artifact.run([x])).rejects.toThrow('W2005: the program takes 2 arguments, found 1');
    await expect(artifact.run([3, x])).rejects.toThrow('W8006: argument 1 must be vec[f64]');
    {
      using held = artifact;
      expect(held.resultType).toBe(vec(F64));
    }
    artifact.unload();
    await expect(artifact.run([x, 3])).rejects.toThrow('W8009: the artifact was unloaded');
  });

  it('-O gives other code and the same values', async () => {
    const file = w.file('twice.weld', SCALE);
    const sizes = [];
    for (const [name, options] of [
      ['plain', []],
      ['best', ['-O']],
    ] as const) {
      const { out } = await w.run(['build', file, '-o', w.path(name), '--json', ...options]);
      const { manifest, code_bytes } = JSON.parse(out);
      expect(manifest.optimized).toBe(name === 'best');
      sizes.push(code_bytes);
      const artifact = await session.load(w.path(name));
      const cols = [Float64Array.from({ length: 1001 }, (_, i) => i / 7 - 3)];
      const value = await artifact.run([{ kind: 'vec', elem: F64, length: 1001, cols }, 0.1]);
      expect(isVecValue(value) && [...(value.cols[0] ?? [])]).toEqual([...(cols[0] ?? [])].map((x) => x * 0.1));
      artifact.unload();
    }
    expect(sizes[1]).toBeLessThan(sizes[0]);
  });

  it('compiles the lazy value that a module exports', async () => {
    const door = pathToFileURL(join(process.cwd(), 'frontends/array/index.ts')).href;
    const file = w.file(
      'pipeline.mjs',
      `import { array } from ${JSON.stringify(door)};\nexport default array([1, 2]).mul(2).sum();\n`,
    );
    const folder = w.path('pipeline');
    expect(await w.run(['build', file, '-o', folder])).toMatchObject({ status: 0, err: '' });
    const artifact = await session.load(folder);
    expect(artifact.manifest.params).toEqual(['vec[f64]']);
    expect(await artifact.run([{ kind: 'vec', elem: F64, length: 2, cols: [Float64Array.of(4, 5)] }])).toBe(18);
  });

  it.each([
    ['nothing', 'export const x = 1;', 'none.mjs must export a lazy value by default, found nothing'],
    ['a number', 'export default 3;', 'none.mjs must export a lazy value by default, found number'],
    ['a fault', 'throw new Error("no data");', 'cannot load none.mjs: no data'],
  ])('refuses a module that exports %s', async (_, text, message) => {
    const file = w.file(`${text.length}.mjs`, text);
    const { status, err } = await w.run(['build', file, '-o', w.path('x')]);
    expect(status).toBe(2);
    expect(err).toContain(message.replace('none', String(text.length)));
  });

  it('needs a folder, and writes none for a wrong program', async () => {
    const file = w.file('wrong.weld', '|x: vec[f64]| x + 1');
    expect(await w.run(['build', file])).toMatchObject({
      status: 2,
      err: 'weldc: build needs the folder to write: -o DIR\n',
    });
    const { status, err } = await w.run(['build', file, '-o', w.path('wrong')]);
    expect(status).toBe(1);
    expect(err).toContain('error[W2001]');
  });
});

describe('weldc bench', () => {
  beforeAll(async () => {
    await w.run(['build', w.file('bench.weld', SCALE), '-o', w.path('bench')]);
  });

  it('times an artifact on made-up data', async () => {
    const { status, out } = await w.run([
      'bench',
      w.path('bench'),
      '--n',
      '100',
      '--seed',
      '7',
      '--runs',
      '3',
      '--json',
    ]);
    expect(status).toBe(0);
    const json = JSON.parse(out);
    expect(json).toMatchObject({ ok: true, n: 100, seed: 7, runs: 3 });
    expect(json.times_ms).toHaveLength(3);
    expect(json.min_ms).toBeLessThanOrEqual(json.median_ms);
  });

  it('times an artifact on given data', async () => {
    const { out } = await w.run(['bench', w.path('bench'), '--args', '[[1, 2], 3]', '--runs', '1', '--threads', '1']);
    expect(out).toMatch(/^bench: median [\d.]+ ms, least [\d.]+ ms of 1 runs on given data, 1 thread; loaded in/);
  });

  it.each([
    [['--args', '[[1], 2]', '--n', '5'], 2, '--n and --seed are for made-up data'],
    [['--args', '[[1]]'], 2, 'the artifact takes 2 arguments, found 1'],
    [['--n', '0'], 2, '--n must be a whole number from 1 to 100,000,000, found 0'],
    [['--compact'], 2, 'bench takes no --compact'],
  ])('refuses %j', async (options, status, message) => {
    const answer = await w.run(['bench', w.path('bench'), ...options]);
    expect(answer.status).toBe(status);
    expect(answer.err).toContain(message);
  });

  it('makes up the same data for a seed, of every type it can', () => {
    const types = [F32, BOOL, vec(U8), struct([vec(F64), I64]), vec(struct([I64, BOOL]))];
    const [a, b, c] = [3, 3, 4].map((seed) => seededArguments(types, 50, seed, plainMemory));
    expect(a).toStrictEqual(b);
    expect(a).not.toStrictEqual(c);
    expect(() => seededArguments([vec(vec(F64))], 5, 1, plainMemory)).toThrow(
      'W8006: there is no made-up data for a parameter of type vec[vec[f64]]',
    );
  });
});

describe('stages of a stream', () => {
  /** Every builder goes over x and y in one loop; what one begins with, and what comes behind, need k. */
  const EVERY = `|x: vec[i64], k: i64, y: vec[i64]|
    let first = result(for(rangeiter(0L, 4L, 1L), appender[i64], |b, i, e| merge(b, e * k)));
    let r = for(zip(x, y), {merger[i64,+](k),appender[i64],vecmerger[i64,+](first),dictmerger[i64,i64,+],groupmerger[i64,i64]},
      |b, i, e| {merge(b.$0, e.$0), if(e.$0 > k, merge(b.$1, e.$1), b.$1), merge(b.$2, {e.$0 & 3L, e.$1}),
        merge(b.$3, {e.$0 % 5L, e.$1}), merge(b.$4, {e.$0 & 7L, e.$1})});
    {result(r.$0) * k, result(r.$1), result(r.$2), tovec(result(r.$3)), tovec(result(r.$4)), len(x)}`;
  const rows = (from: number, to: number) => {
    const column = (f: (i: number) => number): Value => ({
      kind: 'vec',
      elem: I64,
      length: to - from,
      cols: [BigInt64Array.from({ length: to - from }, (_, i) => BigInt(f(from + i)))],
    });
    return [column((i) => (i * 37) % 101), column((i) => i * i)] as const;
  };

  const folder = w.path('every');
  beforeAll(async () => {
    await w.run(['build', w.file('every.weld', EVERY), '-o', folder, '--stream', '3, x']);
  });

  it('give what the whole gives', async () => {
    const artifact = await session.load(folder);
    expect(artifact.manifest.stages).toMatchObject({ streamed: [0, 2], fixed: [1], readsIndex: false });
    const plain = (v: Value) => fromColumns(artifact.resultType, v);
    const [x, y] = rows(0, 500);
    const whole = plain(await artifact.run([x, 7n, y]));
    const cuts = [rows(0, 90), rows(90, 90), rows(90, 400), rows(400, 500)];
    expect(plain(await artifact.stream([null, 7n, null], cuts))).toEqual(whole);
    using law = await artifact.partition([null, 7n, null], { threads: 1 });
    const zero = await law.init();
    const [a = zero, b = zero, c = zero, d = zero] = await Promise.all(cuts.map((batch) => law.run(zero, batch)));
    expect(plain(await law.result(await law.combine(await law.combine(a, b), await law.combine(c, d))))).toEqual(whole);
    artifact.unload();
    await expect(law.run(zero, rows(0, 1))).rejects.toThrow('W8009: the artifact was unloaded');
  });

  it('are timed by bench --batch', async () => {
    const options = ['--n', '1000', '--runs', '2', '--threads', '1', '--batch', '300'];
    const { out } = await w.run(['bench', folder, ...options]);
    expect(out).toMatch(/of 2 runs on 1000 rows of seed 1 in batches of 300, 1 thread; loaded in/);
    expect(JSON.parse((await w.run(['bench', folder, '--json', ...options])).out).batch).toBe(300);
  });

  it.each([
    ['x,z', 2, "error[W8006]: the program has no parameter 'z'"],
    ['0', 2, "error[W8006]: the program has no parameter '0'"],
    ['x,k', 2, "error[W8006]: only vectors come in batches, and the parameter 'k' is none"],
    ['x', 1, 'error[W5002]: the program does not split into batches'],
  ])('are refused for --stream %s', async (list, wanted, message) => {
    const file = w.file('every.weld', EVERY);
    const { status, err } = await w.run(['build', file, '-o', w.path('refused'), '--stream', list]);
    expect(status).toBe(wanted);
    expect(err).toContain(message);
  });

  it('are refused where others are asked for, or none were saved', async () => {
    const without = w.path('without');
    await w.run(['build', w.file('plain.weld', SCALE), '-o', without]);
    const [x, y] = rows(0, 5);
    const [one, none] = [await session.load(folder), await session.load(without)];
    await expect(none.stream([null, 7], [[x]])).rejects.toThrow(
      'W8006: the artifact was built without the stages of a stream',
    );
    await expect(one.stream([null, 7n, y], [[x]])).rejects.toThrow(
      'W8006: the artifact streams the arguments 1 and 3, null are 1',
    );
    await expect(one.partition([null, 7n])).rejects.toThrow('W2005: the program takes 3 arguments, found 2');
    expect((await w.run(['bench', without, '--batch', '5'])).err).toContain('error[W8006]');
  });
});

describe('loading', () => {
  const built = async (name: string): Promise<string> => {
    const folder = w.path(name);
    await w.run(['build', w.file(`${name}.weld`, SCALE), '-o', folder, '--stream', 'x']);
    return folder;
  };

  it('refuses a folder without an artifact', async () => {
    await expect(session.load(w.path('nowhere'))).rejects.toThrow(
      /W7001: there is no artifact in .*nowhere: manifest.json: there is no such file/,
    );
  });

  it.each(['plan.json', 'kernels.wasm', 'program.weld', 'stages/run.json', 'stages/init.wasm'])(
    'refuses a damaged %s',
    async (name) => {
      const folder = await built(`damaged-${name.replace('/', '-')}`);
      const file = join(folder, name);
      const bytes = readFileSync(file);
      bytes[bytes.length >> 1] = (bytes[bytes.length >> 1] ?? 0) ^ 1;
      writeFileSync(file, bytes);
      await expect(session.load(folder)).rejects.toThrow(/W7001: .* is not the file that the manifest was written for/);
    },
  );

  it.each([
    ['W7002: the artifact has format 99, this version reads 2', (m: object) => ({ ...m, format: 99 })],
    ['W7001: the manifest of the artifact has no externs', (m: object) => ({ ...m, externs: undefined })],
    ['W7001: the manifest of the artifact has no format', () => []],
  ])('refuses a manifest: %s', async (message, change) => {
    const folder = await built('manifest');
    const file = join(folder, 'manifest.json');
    writeFileSync(file, JSON.stringify(change(JSON.parse(readFileSync(file, 'utf8')))));
    await expect(session.load(folder)).rejects.toThrow(message);
  });

  it('asks for the externs that it calls', async () => {
    const p = parseProgram('|n: i64| cudf[half,i64](n)');
    const half = extern('half', [I64], I64, (n) => BigInt(n as bigint) / 2n, { pure: true });
    const folder = w.path('externs');
    writeArtifact(folder, { whole: await compile(p), stages: null }, '0.0.0', { optimized: false, memory64: false });
    await expect(session.load(folder)).rejects.toThrow('W2007: the artifact calls the extern half');
    const other = await init({ threads: 1, prims: [half] });
    expect(await (await other.load(folder)).run([9n])).toBe(4n);
    await other.dispose();
  });
});
