/** Compiled programs kept in a folder: found again, told apart, and written anew when damaged. */

import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { Builder, compile, F64, i64, lit, merger, type Program, range } from '../compiler/index.ts';
import { CodeFolder } from './code-folder.ts';
import { readEnv } from './env.ts';
import type { CompileSettings } from './options.ts';
import { Session } from './session.ts';

const top = mkdtempSync(join(tmpdir(), 'weld-cache-'));
afterAll(() => rmSync(top, { recursive: true }));
let folders = 0;
const folder = (): string => join(top, String(folders++));
/** Tests run with every program verified, which needs programs to be compiled. */
const env = readEnv({});

/** A hundred times x * k. */
function program(k: number): Program {
  const b = new Builder();
  const x = b.param(F64, 'x');
  const total = b.loop([range(i64(0), i64(100), i64(1))], b.builder(merger(F64, '+')), (acc) =>
    b.merge(acc, b.bin('*', x, lit(F64, k))),
  );
  return b.finish(b.result(total));
}
/** The value for 3 in a process of its own, as it were, and whether it was compiled there. */
async function run(cacheFolder: string, k: number, settings: CompileSettings = {}) {
  const session = new Session({ threads: 1, cacheFolder }, env);
  try {
    const value = await session.evaluate(program(k), [3], settings);
    const { compiled } = await session.compile(program(k), settings);
    return { value, compiled: compiled !== null };
  } finally {
    await session.dispose();
  }
}

describe('a cache folder', () => {
  it('gives a program to the sessions behind the one that compiled it', async () => {
    const f = folder();
    expect(await run(f, -0.5)).toEqual({ value: -150, compiled: true });
    expect(await run(f, -0.5)).toEqual({ value: -150, compiled: false });
    expect(readdirSync(f)).toHaveLength(1);
  });

  it('tells programs, switches and builds apart', async () => {
    const f = folder();
    await run(f, 2);
    expect(await run(f, 4)).toEqual({ value: 1200, compiled: true });
    expect(await run(f, 2, { disable: ['vectorize'] })).toEqual({ value: 600, compiled: true });
    expect(await run(f, 2, { fastMath: true })).toEqual({ value: 600, compiled: true });
    expect(await run(f, 2)).toEqual({ value: 600, compiled: false });
    const { plan, wasm } = await compile(program(2));
    const code = { plan, bytes: wasm.bytes };
    new CodeFolder(f, 'one build').write('key', code);
    expect(new CodeFolder(f, 'one build').read('key')?.bytes).toEqual(new Uint8Array(code.bytes));
    expect(new CodeFolder(f, 'another').read('key')).toBeNull();
    expect(new CodeFolder(f, 'one build').read('other')).toBeNull();
  });

  it.each<[string, (entry: Buffer) => Uint8Array]>([
    [
      'a changed byte',
      (entry) => entry.fill(entry.readUInt8(entry.length - 9) ^ 1, entry.length - 9, entry.length - 8),
    ],
    ['its end missing', (entry) => entry.subarray(0, entry.length - 1)],
    ['nothing in it', () => new Uint8Array()],
  ])('compiles again and writes anew an entry with %s', async (_, damage) => {
    const f = folder();
    await run(f, 2);
    const [name = ''] = readdirSync(f);
    const whole = readFileSync(join(f, name));
    writeFileSync(join(f, name), damage(Buffer.from(whole)));
    expect(await run(f, 2)).toEqual({ value: 600, compiled: true });
    expect(readFileSync(join(f, name)).equals(whole)).toBe(true);
    expect(await run(f, 2)).toEqual({ value: 600, compiled: false });
  });

  it('is not used where a program has to be seen compiled', async () => {
    const f = folder();
    await run(f, 2);
    const session = new Session({ threads: 1, cacheFolder: f }, readEnv({ WELD_CHECK: '1' }));
    expect((await session.compile(program(2))).compiled).not.toBeNull();
    await session.dispose();
  });

  it('must be a folder', () => {
    const f = join(folder(), 'file');
    expect(() => new CodeFolder(join(import.meta.filename, 'below'))).toThrow(
      'W8006: cannot write to the cache folder',
    );
    expect(() => new CodeFolder(f)).not.toThrow();
  });
});
