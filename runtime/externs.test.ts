import { afterAll, describe, expect, it } from 'vitest';
import { BOOL, extern, F64, I32, I64, struct, type Type, type Value, vec, WeldError } from '../compiler/index.ts';
import { parseProgram, renderError } from '../compiler/text.ts';
import { init, type Session, wasmExtern } from './index.ts';

const sessions: Session[] = [];
async function open(): Promise<Session> {
  const made = await init({ threads: 2 });
  sessions.push(made);
  return made;
}
afterAll(() => Promise.all(sessions.map((s) => s.dispose())));

const doubles = (...values: readonly number[]): Value => ({
  kind: 'vec',
  elem: F64,
  length: values.length,
  cols: [Float64Array.from(values)],
});

/** A section of a WebAssembly module: its number, its length, its bytes. */
const section = (id: number, ...bytes: readonly number[]): readonly number[] => [id, bytes.length, ...bytes];
const text = (s: string): readonly number[] => [s.length, ...Array.from(s, (c) => c.charCodeAt(0))];
const exported = (name: string, index: number): readonly number[] => [...text(name), 0, index];

/** while (n != 0) { body; at += 8; n -= 1 } with `at` and `n` as locals 0 and 1. */
const forEach = (...body: readonly number[]): readonly number[] => [
  ...[0x02, 0x40, 0x03, 0x40, 0x20, 1, 0x45, 0x0d, 1],
  ...body,
  ...[0x20, 0, 0x41, 8, 0x6a, 0x21, 0, 0x20, 1, 0x41, 1, 0x6b, 0x21, 1],
  ...[0x0c, 0, 0x0b, 0x0b],
];
const LOAD = [0x20, 0, 0x2b, 3, 0];
const CODE = [
  // sum(at, n) -> f64
  [1, 1, 0x7c, ...forEach(0x20, 2, ...LOAD, 0xa0, 0x21, 2), 0x20, 2, 0x0b],
  // twice(at, n, out)
  [0, ...forEach(0x20, 2, ...LOAD, ...LOAD, 0xa0, 0x39, 3, 0, 0x20, 2, 0x41, 8, 0x6a, 0x21, 2), 0x0b],
  // odd(x: i64) -> i32
  [0, 0x20, 0, 0x42, 1, 0x83, 0xa7, 0x0b],
];
/** A module over an imported shared memory `env.memory`. */
const MODULE = new Uint8Array([
  ...[0, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
  ...section(1, 3, 0x60, 2, 0x7f, 0x7f, 1, 0x7c, 0x60, 3, 0x7f, 0x7f, 0x7f, 0, 0x60, 1, 0x7e, 1, 0x7f),
  ...section(2, 1, ...text('env'), ...text('memory'), 2, 3, 16, 0x80, 0x80, 4),
  ...section(3, 3, 0, 1, 2),
  ...section(7, 3, ...exported('sum', 0), ...exported('twice', 1), ...exported('odd', 2)),
  ...section(10, CODE.length, ...CODE.flatMap((c) => [c.length, ...c])),
]);

interface Case {
  readonly name: string;
  readonly params: readonly Type[];
  readonly result: Type;
}
const CASES: readonly Case[] = [
  { name: 'sum', params: [vec(F64)], result: F64 },
  { name: 'twice', params: [vec(F64)], result: vec(F64) },
  { name: 'odd', params: [I64], result: BOOL },
];

async function withModule(): Promise<Session> {
  const session = await open();
  const module = await WebAssembly.compile(MODULE);
  const { exports } = new WebAssembly.Instance(module, { env: { memory: session.heap.memory } as never });
  for (const { name, params, result } of CASES) {
    session.register(wasmExtern(session.heap, name, params, result, exports[name], { pure: true }));
  }
  return session;
}

describe('exports of a WebAssembly module', () => {
  it('take vectors in place and give scalars', async () => {
    const s = await withModule();
    const p = parseProgram('|v: vec[f64]| cudf[sum,f64](map(v, |e| e + 1.0)) * cudf[sum,f64](v)');
    expect(await s.evaluate(p, [doubles(1, 2, 3.5)])).toBe(9.5 * 6.5);
    expect(await s.evaluate(p, [doubles()])).toBe(0);
  });

  it('give vectors as long as their first', async () => {
    const s = await withModule();
    const p = parseProgram('|v: vec[f64]| map(cudf[twice,vec[f64]](v), |e| e + 0.5)');
    expect(await s.evaluate(p, [doubles(1, -2)])).toMatchObject({ length: 2, cols: [Float64Array.of(2.5, -3.5)] });
    expect(await s.evaluate(p, [doubles(1, -2)], { target: 'interp' })).toMatchObject({ length: 2 });
  });

  it('take i64 as bigint and give bool as 0 or 1', async () => {
    const s = await withModule();
    const p = parseProgram('|n: i64| {cudf[odd,bool](n), cudf[odd,bool](n + 1L)}');
    expect(await s.evaluate(p, [7n])).toEqual({ kind: 'struct', fields: [true, false] });
  });

  it('are declared with types that have a convention', async () => {
    const { heap } = await open();
    const fn = (): number => 1;
    const declare =
      (params: readonly Type[], result: Type, f: unknown = fn) =>
      (): unknown =>
        wasmExtern(heap, 'f', params, result, f, { pure: true });
    expect(declare([struct([F64])], F64)).toThrow('W8006: the extern f takes and gives scalars and vectors of scalars');
    expect(declare([I32], vec(F64))).toThrow('gives a vector and takes none');
    expect(declare([I32], I32, null)).toThrow('W8006: the extern f is no function');
  });
});

describe('a session', () => {
  it('refuses a call of what is not registered before anything runs', async () => {
    const s = await open();
    const source = '|v: vec[f64]| if(len(v) > 0L, cudf[sun,f64](v), 0.0)';
    s.register(extern('sum', [vec(F64)], F64, () => 1, { pure: true }));
    const refused = await s.evaluate(parseProgram(source), [doubles()]).catch((e: unknown) => e);
    expect(refused).toBeInstanceOf(WeldError);
    if (!(refused instanceof WeldError)) throw refused;
    expect(renderError(refused, { name: 'p.weld', text: source })).toMatchInlineSnapshot(`
      "error[W2007]: no extern function is called sun
       --> p.weld:1:31
        |
      1 | |v: vec[f64]| if(len(v) > 0L, cudf[sun,f64](v), 0.0)
        |                               ^^^^^^^^^^^^^^^^
        = note: registered: argsort, argsort_bytes, argtopk, sort, kth, quantile, searchsorted, unique, rank_ordinal, rank_min, rank_max, rank_dense and 71 more
        = help: did you mean 'sum'?"
    `);
  });

  it('refuses a name that is taken', async () => {
    const s = await open();
    const one = extern('one', [], I32, () => 1, { pure: true });
    s.register(one);
    expect(() => s.register(one)).toThrow('the primitive one is registered already');
  });

  it('copies a column from elsewhere once, whatever primitives look at it', async () => {
    const s = await open();
    const column = doubles(...Array.from({ length: 50_000 }, (_, row) => (row * 7919) % 50_000));
    const p = parseProgram('|v: vec[f64]| {cudf[argtopk,vec[i64]](2L, [true], v), cudf[sort,vec[f64]](false, v)}');
    const used: number[] = [];
    for (let call = 0; call < 3; call++) {
      s.release(await s.evaluate(p, [column]));
      used.push(s.heap.used);
    }
    expect(used[2]).toBe(used[0]);
    expect(used[0]).toBeLessThan(50_000 * 8 * 1.5);
  });

  it('calls a function that is not pure exactly as often as the program says', async () => {
    const s = await open();
    const seen: number[] = [];
    const log = (x: number): number => seen.push(x);
    s.register(extern('log', [I32], I32, log, { pure: false }));
    const p = parseProgram('|n: i32| let a = cudf[log,i32](n); let b = cudf[log,i32](n); let c = cudf[log,i32](9); b');
    expect(await s.evaluate(p, [5])).toBe(2);
    expect(seen).toEqual([5, 5, 9]);
  });

  it('calls a pure one no more than needed', async () => {
    const s = await open();
    let calls = 0;
    const inc = (x: number): number => {
      calls++;
      return x + 1;
    };
    s.register(extern('inc', [I32], I32, inc, { pure: true }));
    const p = parseProgram('|n: i32| let unused = cudf[inc,i32](7); cudf[inc,i32](n) * cudf[inc,i32](n)');
    expect(await s.evaluate(p, [5])).toBe(36);
    expect(calls).toBe(1);
  });
});
