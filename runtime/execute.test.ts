import { afterAll, describe, expect, it } from 'vitest';
import {
  type Atom,
  appender,
  Builder,
  dictmerger,
  F64,
  fromColumns,
  I32,
  I64,
  i64,
  interpret,
  isVecValue,
  lit,
  merger,
  type PrimSpec,
  type PrimTable,
  type Program,
  paramTypes,
  plainMemory,
  range,
  resultType,
  type Sym,
  scan,
  struct,
  type Type,
  type TypedArray,
  toColumns,
  type Value,
  vec,
  vecmerger,
} from '../compiler/index.ts';
import { lower } from '../compiler/lower/lower.ts';
import type { HostReg, Plan } from '../compiler/sir/plan.ts';
import { compileWasm } from '../compiler/target/wasm/emit.ts';
import { CpuDevice } from './cpu/device.ts';
import { rowsPerNestedPart, rowsPerPart } from './cut.ts';
import { execute } from './execute.ts';
import { columnsOf } from './value.ts';

const P = 16384;
/** Around the borders of parts, and more than one part on several threads. */
const LENGTHS = [0, 1, 2, P - 1, P, P + 1, 3 * P + 5];

const devices = [1, 2, 3].map((threads) => new CpuDevice({ threads }));
afterAll(() => Promise.all(devices.map((d) => d.dispose())));

/** Without memory: so that values of several heaps compare. */
function plain(v: Value): unknown {
  if (typeof v !== 'object') return v;
  if (v.kind === 'struct') return v.fields.map(plain);
  return v.kind === 'vec' ? v.cols.map((c) => [...c.subarray(0, v.length)]) : v.entries.map((c) => [...c]);
}
/** All scalars of a value as text, -0 apart from 0: much quicker to compare than objects. */
const text = (v: Value): string =>
  JSON.stringify(plain(v), (_k, x: unknown) => (typeof x === 'object' ? x : Object.is(x, -0) ? '-0' : String(x)));

/** Runs a plan on devices of 1, 2 and 3 threads; they must agree, and must leave no memory but the result's. */
async function runPlan(plan: Plan, args: readonly Value[], prims: PrimTable = new Map()): Promise<unknown> {
  const { bytes } = await compileWasm(plan.kernels, { check: true });
  let first: { readonly value: unknown; readonly text: string } | null = null;
  for (const device of devices) {
    const program = await device.prepare(bytes);
    // Copies of the arguments stay in the heap as long as the arguments live: make them before counting.
    for (const [k, { ty }] of plan.params.entries()) {
      if (ty.kind !== 'vec' || ty.elem.kind !== 'scalar') continue;
      for (const c of columnsOf(args[k] ?? 0)) device.upload(ty.elem.scalar, c);
    }
    const used = device.heap.used;
    try {
      const value = await execute(plan, args, { device, program, prims, threads: device.pool.threads });
      first ??= { value: plain(value), text: text(value) };
      if (text(value) !== first.text) expect(plain(value)).toStrictEqual(first.value);
      for (const c of columnsOf(value)) device.heap.free(c);
    } catch (e) {
      if (device === devices.at(-1)) throw e;
    } finally {
      expect(device.heap.used).toBe(used);
    }
  }
  return first?.value;
}
const planOf = (p: Program): Plan => lower(p, { target: 'wasm', finish: (kernel) => ({ kernel, note: '' }) });
const run = (p: Program, args: readonly Value[]): Promise<unknown> => runPlan(planOf(p), args);

/** The plan's value must be the interpreter's. */
async function agrees(p: Program, args: readonly Value[]): Promise<void> {
  const types = paramTypes(p);
  const rows = args.map((a, k) => fromColumns(types[k] ?? I64, a));
  const want = plain(toColumns(resultType(p), interpret(p, rows), plainMemory));
  const got = await run(p, args);
  const quick = (x: unknown): string => JSON.stringify(x, (_k, y: unknown) => (typeof y === 'object' ? y : String(y)));
  if (quick(got) !== quick(want)) expect(got).toStrictEqual(want);
}
async function options(plan: Plan, prims: PrimTable = new Map()): Promise<Parameters<typeof execute>[2]> {
  const device = devices[1];
  if (device === undefined) throw new Error('no device');
  const { bytes } = await compileWasm(plan.kernels);
  return { device, program: await device.prepare(bytes), prims, threads: 2 };
}

const vector = (elem: Type, ...cols: readonly TypedArray[]): Value => ({
  kind: 'vec',
  elem,
  length: cols[0]?.length ?? 0,
  cols,
});
const longs = (n: number, f: (k: number) => number): Value =>
  vector(
    I64,
    BigInt64Array.from({ length: n }, (_, k) => BigInt(f(k))),
  );
const doubles = (n: number, f: (k: number) => number): Value =>
  vector(
    F64,
    Float64Array.from({ length: n }, (_, k) => f(k)),
  );

/** A program over vectors of the given element types. */
function program(elems: readonly Type[], make: (b: Builder, ...xs: Sym[]) => Atom): Program {
  const b = new Builder();
  const xs = elems.map((t, k) => b.param(vec(t), `x${k}`));
  return b.finish(make(b, ...xs));
}

describe('reduce', () => {
  it('folds parts in order from the initial value', async () => {
    const p = program([I64], (b, x) => {
      const both = b.struct([b.builder(merger(I64, '+')), b.builder(merger(I64, 'max'), i64(-5))]);
      const out = b.loop([scan(x as Sym)], both, (acc, _i, e) =>
        b.struct([b.merge(b.field(acc, 0), e as Sym), b.merge(b.field(acc, 1), e as Sym)]),
      );
      return b.result(out);
    });
    for (const n of LENGTHS) await agrees(p, [longs(n, (k) => k * 7919 - 1e6)]);
  });

  it('keeps NaN and the sign of zero', async () => {
    const reduce = (op: 'min' | 'max' | '+', init: number | null): Program =>
      program([F64], (b, x) => {
        const start = b.builder(merger(F64, op), init === null ? null : lit(F64, init));
        return b.result(b.loop([scan(x as Sym)], start, (acc, _i, e) => b.merge(acc, e as Sym)));
      });
    const zeros = doubles(2 * P + 1, () => -0);
    expect(await run(reduce('+', -0), [zeros])).toBe(-0);
    expect(await run(reduce('+', null), [zeros])).toBe(0);
    expect(await run(reduce('max', null), [zeros])).toBe(-0);
    expect(await run(reduce('min', null), [doubles(0, () => 0)])).toBe(Infinity);
    for (const at of [0, P - 1, 2 * P]) {
      expect(await run(reduce('min', null), [doubles(2 * P + 1, (k) => (k === at ? Number.NaN : k))])).toBe(Number.NaN);
    }
  });
});

describe('appenders', () => {
  const pairs = struct([I64, F64]);
  it('direct stores every row', async () => {
    const p = program([I64, F64], (b, x, y) => {
      const out = b.loop([scan(x as Sym), scan(y as Sym)], b.builder(appender(pairs)), (acc, i, e, f) =>
        b.merge(acc, b.struct([b.bin('+', e as Sym, i), f as Sym])),
      );
      return b.result(out);
    });
    for (const n of LENGTHS) await agrees(p, [longs(n, (k) => -k), doubles(n, (k) => k / 8)]);
  });

  it('compact keeps the rows that pass, in order', async () => {
    const p = program([I64, F64], (b, x, y) => {
      const out = b.loop([scan(x as Sym), scan(y as Sym)], b.builder(appender(pairs)), (acc, _i, e, f) =>
        b.if(
          b.bin('<', e as Sym, i64(0)),
          () => b.merge(acc, b.struct([e as Sym, f as Sym])),
          () => acc,
        ),
      );
      return b.result(out);
    });
    const tests: ((k: number) => number)[] = [() => 1, () => -1, (k) => (k % 3) - 1, (k) => (k < P ? -k : k)];
    for (const n of LENGTHS) {
      for (const f of tests) await agrees(p, [longs(n, f), doubles(n, (k) => k)]);
    }
  });
});

describe('vecmerger', () => {
  it('combines the tables of the parts into the initial vector', async () => {
    const p = program([I64, I64], (b, x, t) => {
      const start = b.builder(vecmerger(I64, '+'), t as Sym);
      const out = b.loop([scan(x as Sym)], start, (acc, _i, e) =>
        b.merge(acc, b.struct([b.bin('%', e as Sym, i64(5)), e as Sym])),
      );
      return b.result(out);
    });
    for (const n of LENGTHS) await agrees(p, [longs(n, (k) => k), longs(7, (k) => 100 * k)]);
    await expect(run(p, [longs(3 * P, (k) => k), longs(4, () => 0)])).rejects.toThrow(
      'W6001: an index is outside its vector in row 4 of the loop',
    );
  });

  it('cuts larger parts when the table is large', async () => {
    const size = 50000;
    expect(rowsPerPart(100 * P, 8 * size)).toBeGreaterThan(P);
    const p = program([I64, F64], (b, x, t) => {
      const out = b.loop([scan(x as Sym)], b.builder(vecmerger(F64, 'min'), t as Sym), (acc, i, e) =>
        b.merge(acc, b.struct([e as Sym, b.cast(F64, i)])),
      );
      return b.result(out);
    });
    await agrees(p, [longs(4 * P, (k) => (k * 7919) % size), doubles(size, (k) => (k % 2 === 0 ? 1e9 : 5))]);
  });
});

describe('loops in loops', () => {
  it('are cut in short parts where none shows, and not in too many', async () => {
    expect([1, 256, 1_000_000, 2_000_000, 2 ** 31].map(rowsPerNestedPart)).toEqual([256, 256, 256, 512, P]);
    const p = program([F64, I64], (b, x, t) => {
      const out = b.loop([scan(x as Sym)], b.builder(appender(F64)), (acc, _i, e) => {
        const sum = b.loop([scan(t as Sym)], b.builder(merger(F64, '+')), (s, _j, k) =>
          b.merge(s, b.bin('/', e as Sym, b.cast(F64, k as Sym))),
        );
        return b.merge(acc, b.result(sum));
      });
      return b.result(out);
    });
    for (const n of [0, 255, 257, 1030]) await agrees(p, [doubles(n, (k) => k / 7), longs(5, (k) => k + 1)]);
    const q = program([I64, I64], (b, x, t) => {
      const out = b.loop([scan(x as Sym)], b.builder(appender(I64)), (acc, _i, e) => {
        const sum = b.loop([scan(t as Sym)], b.builder(merger(I64, '+')), (s, _j, k) =>
          b.merge(s, b.lookup(t as Sym, b.bin('-', e as Sym, k as Sym))),
        );
        return b.merge(acc, b.result(sum));
      });
      return b.result(out);
    });
    await expect(run(q, [longs(1000, (k) => (k < 700 ? 5 : 99)), longs(6, (k) => k % 3)])).rejects.toThrow(
      /in row 700 /,
    );
  });
});

describe('dictmerger', () => {
  const key = struct([I64, I32]);
  const counts = program([I64], (b, x) => {
    const out = b.loop([scan(x as Sym)], b.builder(dictmerger(key, struct([I64, F64]), '+')), (acc, i, e) => {
      const k = b.struct([e as Sym, b.cast(I32, b.bin('%', e as Sym, i64(3)))]);
      return b.merge(acc, b.struct([k, b.struct([i, lit(F64, 0.5)])]));
    });
    return b.tovec(b.result(out));
  });

  it('keeps first-insertion order over parts', async () => {
    for (const n of LENGTHS) await agrees(counts, [longs(n, (k) => (k * 31) % 17)]);
  });

  it('grows full tables, of parts and of the whole', async () => {
    for (const [n, keys] of [
      [P, 1024],
      [P, 1025],
      [2 * P, 9000],
      [3 * P + 5, 3 * P],
    ] as const) {
      await agrees(counts, [longs(n, (k) => (k * 7919) % keys)]);
    }
  });

  it('tells -0 from 0 and takes NaN for one key', async () => {
    const p = program([F64], (b, x) => {
      const out = b.loop([scan(x as Sym)], b.builder(dictmerger(F64, I64, '+')), (acc, _i, e) =>
        b.merge(acc, b.struct([e as Sym, i64(1)])),
      );
      return b.tovec(b.result(out));
    });
    const values = [0, -0, Number.NaN, 1, -0, Number.NaN];
    expect(await run(p, [doubles(6, (k) => values[k] ?? 0)])).toEqual([
      [0, -0, Number.NaN, 1],
      [1n, 2n, 2n, 1n],
    ]);
  });

  it('uses the promised size of dense keys', async () => {
    const dense = (size: number): Program =>
      program([I64], (b, x) => {
        const start = b.builder(dictmerger(I64, I64, 'max'), i64(size), { dense: true });
        const out = b.loop([scan(x as Sym)], start, (acc, i, e) => b.merge(acc, b.struct([e as Sym, i])));
        return b.tovec(b.result(out));
      });
    for (const n of LENGTHS) await agrees(dense(13), [longs(n, (k) => (k * 5) % 13)]);
    await expect(run(dense(12), [longs(20, (k) => (k * 5) % 13)])).rejects.toThrow(
      /row 5 of the loop is outside the range/,
    );
  });

  it('is looked up by loops and by the host', async () => {
    const p = program([I64], (b, x) => {
      const count = b.loop([scan(x as Sym)], b.builder(dictmerger(I64, I64, '+')), (acc, _i, e) =>
        b.merge(acc, b.struct([e as Sym, i64(1)])),
      );
      const d = b.result(count);
      const out = b.loop([scan(x as Sym)], b.builder(appender(I64)), (acc, _i, e) =>
        b.merge(acc, b.lookup(d, e as Sym)),
      );
      const host = [b.lookup(d, i64(3)), b.keyexists(d, i64(3)), b.keyexists(d, i64(99))];
      return b.struct([b.result(out), ...host]);
    });
    await agrees(p, [longs(P + 9, (k) => k % 10)]);
    await expect(run(p, [longs(2, (k) => k)])).rejects.toThrow('W6004: lookup: the key 3 is not in the dictionary');
  });
});

describe('failures', () => {
  it('reports the first failing row in order', async () => {
    const p = program([I64], (b, x) => {
      const out = b.loop([scan(x as Sym)], b.builder(merger(I64, '+')), (acc, _i, e) =>
        b.merge(acc, b.bin('/', i64(1000), e as Sym)),
      );
      return b.result(out);
    });
    const rows = longs(8 * P, (k) => (k === 5 * P + 1 || k === 2 * P + 77 ? 0 : 7));
    for (let round = 0; round < 10; round++) {
      await expect(run(p, [rows])).rejects.toThrow(`W6005: integer division by zero in row ${2 * P + 77} of the loop`);
    }
  });

  it('checks iterators before anything runs', async () => {
    const zip = program([I64, I64], (b, x, y) => {
      const out = b.loop([scan(x as Sym), scan(y as Sym)], b.builder(merger(I64, '+')), (acc, _i, e, f) =>
        b.merge(acc, b.bin('*', e as Sym, f as Sym)),
      );
      return b.result(out);
    });
    await expect(run(zip, [longs(3, (k) => k), longs(4, (k) => k)])).rejects.toThrow(
      'W6003: zip: iterators of lengths 3 and 4',
    );
    const over = (start: number, end: number, stride: number): Program =>
      program([], (b) => {
        const it = range(i64(start), i64(end), i64(stride));
        return b.result(b.loop([it], b.builder(merger(I64, '+')), (acc, _i, e) => b.merge(acc, e as Sym)));
      });
    await agrees(over(3, 3, 2), []);
    await agrees(over(-7, 100001, 4), []);
    await expect(run(over(0, 10, 0), [])).rejects.toThrow('W6002: rangeiter: the stride 0 is below 1');
    await expect(run(over(1, 0, 1), [])).rejects.toThrow('W6002: rangeiter: the start 1 is above the end 0');
    await expect(run(over(0, 10, 3), [])).rejects.toThrow('W6002: rangeiter: the stride 3 does not divide 10 - 0');
    await expect(run(over(0, 2 ** 32, 1), [])).rejects.toThrow('W6009: a loop over 4294967296 rows');
  });

  it('checks arguments', async () => {
    const p = program([I64, F64], (b, x) => b.len(x as Sym));
    const x = longs(3, (k) => k);
    await expect(run(p, [x])).rejects.toThrow('W2005: the program takes 2 arguments, found 1');
    await expect(run(p, [x, x])).rejects.toThrow('W8006: argument 2 must be vec[f64], found vec[i64]');
    await expect(run(p, [x, vector(F64, new Float32Array(2))])).rejects.toThrow(
      'W8006: column 0 of argument 2 must be a Float64Array for f64, found Float32Array',
    );
    await expect(run(p, [{ kind: 'vec', elem: I64, length: 4, cols: [new BigInt64Array(3)] }, x])).rejects.toThrow(
      'W8006: column 0 of argument 1 has 3 rows, but the vector has 4',
    );
  });
});

describe('host steps', () => {
  it('compute scalars, structs and vectors as the interpreter does', async () => {
    const p = program([I64, I64], (b, x, y) => {
      const [v, w] = [x as Sym, y as Sym];
      const pair = b.struct([b.lookup(v, i64(1)), lit(F64, -2.5)]);
      const made = b.vec(I64, [b.len(v), b.lookup(w, i64(0)), b.field(pair, 0)]);
      const chosen = b.if(
        b.bin('<', v, w),
        () => b.slice(v, i64(1), i64(2)),
        () => b.slice(w, i64(2), i64(100)),
      );
      const orders = (['==', '!=', '<', '<=', '>', '>='] as const).map((op) => b.bin(op, v, w));
      return b.struct([made, chosen, b.un('neg', b.cast(F64, b.len(w))), b.select(lit('bool', true), v, w), ...orders]);
    });
    const values = [longs(4, (k) => k), longs(4, (k) => (k === 2 ? 9 : k)), longs(5, (k) => k)];
    for (const a of values) for (const c of values) await agrees(p, [a, c]);
    await expect(run(p, [longs(1, (k) => k), values[0] ?? 0])).rejects.toThrow(
      'W6001: lookup: index 1 is outside a vector of length 1',
    );
  });

  it('loops over slices of results and of arguments', async () => {
    const p = program([I64], (b, x) => {
      const doubled = b.result(
        b.loop([scan(x as Sym)], b.builder(appender(I64)), (acc, _i, e) =>
          b.merge(acc, b.bin('+', e as Sym, e as Sym)),
        ),
      );
      const parts = [b.slice(doubled, i64(5), i64(P)), b.slice(x as Sym, i64(3), i64(P))];
      const [s, t] = parts as [Sym, Sym];
      const sum = b.loop([scan(s), scan(t)], b.builder(merger(I64, '+')), (acc, _i, e, f) =>
        b.merge(acc, b.bin('*', e as Sym, f as Sym)),
      );
      return b.struct([b.result(sum), s, t]);
    });
    await agrees(p, [longs(2 * P, (k) => k)]);
  });

  it('calls primitives by name and frees their scratch', async () => {
    const reverse: PrimSpec = {
      name: 'reverse',
      pure: true,
      doc: 'a vector from back to front',
      typing: ([t]) => t ?? 'one argument',
      run(args, alloc) {
        const [v] = args;
        if (v === undefined || !isVecValue(v)) throw new Error('a vector');
        alloc.alloc('f64', 1000);
        const col = alloc.alloc('i64', v.length);
        for (let k = 0; k < v.length; k++) col[k] = (v.cols[0]?.[v.length - 1 - k] ?? 0n) as never;
        return { ...v, cols: [col] };
      },
    };
    const p = program([I64], (b, x) => b.cudf('reverse', vec(I64), [x as Sym]));
    const x = longs(5, (k) => k);
    expect(await runPlan(planOf(p), [x], new Map([['reverse', reverse]]))).toEqual([[4n, 3n, 2n, 1n, 0n]]);
    await expect(run(p, [x])).rejects.toThrow('W2007: no extern function is called reverse');
    const wrong: PrimSpec = { ...reverse, run: () => 1 };
    await expect(runPlan(planOf(p), [x], new Map([['reverse', wrong]]))).rejects.toThrow(
      'W8006: the value of reverse must be vec[i64], found a number',
    );
  });
});

describe('memory', () => {
  it('frees registers early, whatever shares their memory', async () => {
    const [a, s] = [0 as HostReg, 1 as HostReg];
    const big = 4 * 1024 * 1024;
    const steps: Plan['body']['steps'][number][] = [];
    for (let k = 0; k < 20; k++) {
      steps.push({ step: 'prim', dst: a, name: 'big', args: [], ty: vec(I64) });
      steps.push({ step: 'slice', dst: s, of: { reg: a }, start: { lit: 10n, ty: I64 }, size: { lit: 5n, ty: I64 } });
      steps.push({ step: 'free', regs: [a] });
    }
    const plan: Plan = {
      params: [],
      body: { steps, result: { reg: s } },
      resultType: vec(I64),
      kernels: [],
      decisions: [],
    };
    // Copies of other tests' arguments may still be there, and may go at any time.
    const before = devices.map((d) => d.heap.used);
    let most = 0;
    const prim: PrimSpec = {
      name: 'big',
      pure: true,
      doc: '',
      typing: () => vec(I64),
      run: (_args, alloc) => {
        const col = alloc.alloc('i64', big / 8);
        for (let k = 0; k < 20; k++) col[k] = BigInt(k) as never;
        most = Math.max(most, ...devices.map((d, k) => d.heap.used - (before[k] ?? 0)));
        return { kind: 'vec', elem: I64, length: col.length, cols: [col] };
      },
    };
    expect(await runPlan(plan, [], new Map([['big', prim]]))).toEqual([[10n, 11n, 12n, 13n, 14n]]);
    expect(most).toBeLessThan(4 * big);
  });

  it('gives results columns of their own, so that each value is released alone', async () => {
    const p = program([I64], (b, x) => b.struct([x as Sym, b.slice(x as Sym, i64(1), i64(2))]));
    const plan = planOf(p);
    const o = await options(plan);
    const device = devices[1];
    if (device === undefined) throw new Error('no device');
    const before = device.heap.used;
    const x = device.heap.alloc('i64', 4);
    for (let k = 0; k < 4; k++) x[k] = BigInt(k) as never;
    const value = await execute(plan, [vector(I64, x)], o);
    device.heap.free(x);
    expect(plain(value)).toEqual([[[0n, 1n, 2n, 3n]], [[1n, 2n]]]);
    expect(device.heap.used).toBeGreaterThan(before);
    for (const c of columnsOf(value)) device.heap.free(c);
    expect(device.heap.used).toBe(before);
  });

  it('works above 2 GiB, where addresses have the sign bit', async () => {
    const p = program([I64], (b, x) => {
      const both = b.struct([b.builder(appender(I64)), b.builder(dictmerger(I64, I64, '+'))]);
      const out = b.loop([scan(x as Sym)], both, (acc, i, e) =>
        b.struct([
          b.if(
            b.bin('<', e as Sym, i64(5)),
            () => b.merge(b.field(acc, 0), i),
            () => b.field(acc, 0),
          ),
          b.merge(b.field(acc, 1), b.struct([e as Sym, i])),
        ]),
      );
      return b.struct([b.field(b.result(out), 0), b.tovec(b.field(b.result(out), 1))]);
    });
    const one = program([I64], (b, x) =>
      b.result(b.loop([scan(x as Sym)], b.builder(merger(I64, '+')), (acc, _i, e) => b.merge(acc, e as Sym))),
    );
    const x = longs(3 * P + 1, (k) => (k * 31) % 11);
    const low = devices.map((d) => d.heap.reserve(2 ** 31));
    await agrees(one, [x]);
    await agrees(p, [x]);
    for (const [k, d] of devices.entries()) d.heap.release(low[k] ?? 0);
  });

  it('fails with OutOfMemory and frees what it had', async () => {
    const device = new CpuDevice({ threads: 1, memoryLimitBytes: 1_000_000 });
    const p = program([], (b) => {
      const it = range(i64(0), i64(1_000_000), i64(1));
      return b.result(b.loop([it], b.builder(appender(F64)), (acc, i) => b.merge(acc, b.cast(F64, i))));
    });
    const plan = planOf(p);
    const { bytes } = await compileWasm(plan.kernels);
    const code = await device.prepare(bytes);
    const o = { device, program: code, prims: new Map(), threads: 1 };
    await expect(execute(plan, [], o)).rejects.toThrow('W6006: out of memory: asked for 8000000 bytes');
    expect(device.heap.used).toBe(0);
  });
});

it('columns in plain memory are copied in once', async () => {
  const device = devices[0];
  if (device === undefined) throw new Error('no device');
  const col = plainMemory.alloc('f64', 1000);
  const used = device.heap.used;
  device.upload('f64', col);
  const once = device.heap.used - used;
  device.upload('f64', col);
  expect(device.heap.used - used).toBe(once);
});
