/** What lowered programs give, against the interpreter: without passes in scalar code, with SIMD, with everything. */

import { afterAll, describe, expect, it } from 'vitest';
import { Session } from '../../runtime/index.ts';
import { fromColumns, toColumns } from '../core/convert.ts';
import { interpret } from '../core/interp.ts';
import { decodeJson, encodeJson, type Json } from '../core/json.ts';
import { paramTypes, resultType } from '../core/program.ts';
import { plainMemory } from '../index.ts';
import { ALL_PASSES } from '../pipeline.ts';
import { parseProgram } from '../text.ts';

const session = new Session({ threads: 2 });
afterAll(() => session.dispose());

const PASSES = ALL_PASSES.map((p) => p.name);
const WAYS = [{ disable: [...PASSES, 'vectorize'] }, { disable: PASSES }, {}];

async function run(text: string, args: readonly Json[], options: (typeof WAYS)[number]): Promise<Json> {
  const p = parseProgram(text);
  const values = paramTypes(p).map((t, k) => toColumns(t, decodeJson(t, args[k] ?? null), plainMemory));
  const t = resultType(p);
  return encodeJson(t, fromColumns(t, await session.evaluate(p, values, options)));
}
async function agrees(text: string, ...args: readonly Json[]): Promise<Json> {
  const p = parseProgram(text);
  const types = paramTypes(p);
  const want = encodeJson(
    resultType(p),
    interpret(
      p,
      args.map((a, k) => decodeJson(types[k] ?? resultType(p), a)),
    ),
  );
  for (const options of WAYS) expect(await run(text, args, options)).toStrictEqual(want);
  return want;
}
async function fails(code: string, text: string, ...args: readonly Json[]): Promise<void> {
  for (const options of WAYS) await expect(run(text, args, options)).rejects.toThrow(code);
}

const map = (t: string, body: string): string => `result(for(x, appender[${t}], |b, i, e| merge(b, ${body})))`;
const INTS = ['i8', 'u8', 'i16', 'u16', 'i32', 'u32', 'i64', 'u64'];

describe('dictionary keys', () => {
  it('every NaN is one key, whatever its bits; zeros are two', async () => {
    // 0/0 of a machine has other bits than the NaN of JavaScript.
    for (const kind of ['f64', 'f32']) {
      const text = `|x: vec[${kind}], z: vec[${kind}]|
        let d = result(for(zip(x, z), dictmerger[${kind},i64,+], |b, i, e|
          merge(merge(b, {e.$0, 1L}), {e.$1 / e.$1, 100L})));
        {tovec(d), ${map('{i64,bool}', '{lookup(d, e), keyexists(d, e - e)}')}}`;
      const keys = [0, '-0', 'NaN', 'Infinity', 1];
      const [entries] = (await agrees(text, keys, [0, 0, 0, 'Infinity', 0])) as [Json];
      expect(entries).toEqual([
        [0, 1],
        ['NaN', 501],
        ['-0', 1],
        ['Infinity', 1],
        [1, 1],
      ]);
    }
  });

  it('of several kinds, bool among them', async () => {
    const text = `|x: vec[{f32,bool,i8}], y: vec[bool]|
      let d = result(for(x, dictmerger[{f32,bool,i8},{i64,f64},max], |b, i, e| merge(b, {e, {i, 0.5}})));
      let g = result(for(y, dictmerger[bool,i64,+], |b, i, e| merge(b, {e, 1L})));
      {tovec(d), tovec(g), ${map('i64', 'let r = lookup(d, e); r.$0')}}`;
    const rows: Json = [
      [0, true, -1],
      ['-0', true, -1],
      ['NaN', false, 3],
      [0, false, -1],
      [0, true, -1],
      ['NaN', false, 3],
    ];
    await agrees(text, rows, [true, false, true, true]);
    await agrees(text, [], []);
  });

  const dense = (kind: string, size: string): string =>
    `result(for(x, @(dense:true) dictmerger[${kind},i64,+](${size}), |b, i, e| merge(b, {e, i})))`;
  const found = `result(for(y, appender[bool], |b, i, e| merge(b, keyexists(d, e))))`;

  it.each(INTS)('dense, of %s', async (kind) => {
    const text = `|x: vec[${kind}], y: vec[${kind}]| let d = ${dense(kind, '100L')}; {tovec(d), ${found}}`;
    const negative = kind.startsWith('i') ? [-1, -100] : [];
    await agrees(text, [3, 3, 99, 0, 1], [0, 1, 2, 99, 100, 127, ...negative]);
    for (const bad of [100, ...negative]) await fails('W6010', text, [3, 3, bad], []);
  });

  it('dense, of no size: no key is in it, and none is in memory behind it', async () => {
    const text = `|x: vec[i64], y: vec[i64]| let d = ${dense('i64', '0L')}; ${found}`;
    await agrees(text, [], [0, 1, 5, -1, 1_000_000]);
    await fails('W6010', text, [1_000_000, 4], []);
  });

  it('dense tables that come out of branches and selections are found like any other', async () => {
    const hashed = 'result(for(x, dictmerger[i64,i64,*], |b, i, e| merge(b, {e, i + 1L})))';
    for (const choice of [
      `if(c, ${dense('i64', '9L')}, ${dense('i64', '8L')})`,
      `if(c, ${dense('i64', '9L')}, ${hashed})`,
      `(let s = select(c, {${dense('i64', '9L')}, 1L}, {${hashed}, 2L}); s.$0)`,
    ]) {
      const text = `|x: vec[i64], c: bool| let d = ${choice};
        {${map('{i64,bool}', '{lookup(d, e), keyexists(d, e + 1L)}')}, tovec(d)}`;
      await agrees(text, [1, 4, 2, 4], true);
      await agrees(text, [1, 4, 2, 4], false);
    }
  });
});

describe('indices', () => {
  it.each(['bool', ...INTS])('from %s', async (kind) => {
    const data = kind === 'bool' ? [true, false, false, true, true] : [1, 0, 2, 1, 0];
    const text = `|x: vec[${kind}], v: vec[f64]|
      {${map('f64', 'lookup(v, i64(e))')},
       result(for(x, vecmerger[f64,+](v), |b, i, e| merge(b, {i64(e), 1.0})))}`;
    await agrees(text, data, [1, 2, 3]);
    await agrees(text, [], []);
    const far: Json = kind === 'u32' ? 4294967295 : kind === 'u64' ? '4294967296' : kind.startsWith('i') ? -1 : 1;
    await fails('W6001', text, kind === 'bool' ? [true] : [0, 0, 0, 0, 0, far], kind === 'bool' ? [5] : [1]);
  });

  it('literals, and nothing to look into', async () => {
    const at = (k: string): string => `|x: vec[i64], v: vec[f64]| ${map('f64', `lookup(v, ${k})`)}`;
    await agrees(at('2L'), [0, 1, 2, 3, 4], [1, 2, 3]);
    await agrees(at('3L'), [], []);
    for (const k of ['3L', '-1L', '4294967296L']) await fails('W6001', at(k), [0, 1, 2, 3, 4], [1, 2, 3]);
    const guarded = `|x: vec[i64], v: vec[f64]| ${map('f64', 'if(e < len(v), lookup(v, e), -1.0)')}`;
    await agrees(guarded, [0, 1, 2, 3, 4], []);
    await agrees(guarded, [0, 1, 2, 3, 4], [7, 8]);
  });
});

describe('integer division', () => {
  it('by -1 wraps, by 0 fails where it counts', async () => {
    const ends: Json = [['-9223372036854775808', -2147483648, -128]];
    const text = `|x: vec[{i64,i32,i8}], m: i64|
      ${map('{i64,i64,i32,i32,i8,i8}', '{e.$0 / m, e.$0 % m, e.$1 / i32(m), e.$1 % i32(m), e.$2 / i8(m), e.$2 % i8(m)}')}`;
    await agrees(text, ends, -1);
    await agrees(text.replaceAll(/(?<=[/%] \w*\(?)m\b/g, '-1L'), ends, 0);
    await fails('W6005', text, ends, 0);
    await fails('W6005', `|x: vec[i64]| ${map('i64', 'e / 0L')}`, [1]);
    await agrees(`|x: vec[i64]| ${map('i64', 'e / 0L')}`, []);
    await agrees(`|x: vec[u8]| ${map('u8', 'if(e > u8(100), e % u8(0), e)')}`, [1, 2, 3, 4, 5, 6, 7, 8, 9]);
  });
});

describe('ranges', () => {
  it('with captured bounds', async () => {
    const text = `|a: i64, z: i64, s: i64|
      result(for(rangeiter(a, z, s), {appender[i64], merger[i64,max]}, |b, i, e| {merge(b.$0, e * 2L + i), merge(b.$1, e)}))`;
    await agrees(text, -7, 14, 3);
    await agrees(text, 5, 5, 3);
    await agrees(text, '9223372036854775800', '9223372036854775806', 2);
    await fails('W6002', text, 0, 5, 2);
  });

  it('inside a loop', async () => {
    const text = (from: string, to: string): string =>
      `|x: vec[i64], s: i64| ${map('i64', `result(for(rangeiter(${from}, ${to}, s), merger[i64,+], |c, j, f| merge(c, f * j)))`)}`;
    await agrees(text('e', 'e + 6L'), [1, 2, -5], 3);
    await fails('W6002', text('e', 'e + 6L'), [1], 4);
    await fails('W6002', text('e', 'e + 6L'), [1], 0);
    await fails('W6002', text('0L', 'e'), [1, -1], 1);
    // More rounds than 31 bits count, and a length that wraps in 64 bits.
    await fails('W6002', text('0L', 'e'), ['4294967296'], 1);
    await fails('W6002', text('0L - e', 'e'), ['9223372036854775807'], 1);
  });
});

describe('branches', () => {
  const data: Json = [1, 2, 3, 4, 2, 1, 5];
  it('that give structs, one with a loop', async () => {
    await agrees(
      `|x: vec[f64]| ${map(
        '{f64,{i64,bool}}',
        `if(e > 2.0, {e, {i, true}}, if(e > 1.0, {sqrt(e), {i * 2L, false}},
           let k = result(for(x, merger[i64,+], |c, j, f| if(f > e, merge(c, 1L), c))); {0.0, {k, k > 2L}}))`,
      )}`,
      [...(data as Json[]), 'NaN'],
    );
  });

  it('that give structs of builders', async () => {
    await agrees(
      `|x: vec[i64]| result(for(x, {merger[i64,+], {appender[i64], merger[i64,max]}}, |b, i, e|
         let m = b.$0; let n = b.$1; let p = n.$0; let q = n.$1;
         if(e > 2L, {merge(m, e), {merge(p, i), q}}, if(e > 1L, {m, {p, merge(q, i)}}, {m, {p, q}}))))`,
      data,
    );
  });

  it('with dictionaries', async () => {
    const text = `|x: vec[i64]| let d = result(for(x, dictmerger[i64,i64,+], |b, i, e| merge(b, {e, i})));
      {${map('i64', 'if(e > 2L, if(keyexists(d, e + 1L), lookup(d, e + 1L), -1L), -2L)')},
       result(for(x, appender[i64], |b, i, e|
         if(e > 1L && keyexists(d, e + 1L) && lookup(d, e + 1L) > 2L, merge(b, e), b)))}`;
    await agrees(text, data);
  });
});

describe('reductions in lanes', () => {
  const ENDS: Readonly<Record<string, readonly Json[]>> = {
    i8: [-128, 127],
    u8: [255, 128],
    i16: [-32768, 32767],
    u16: [65535, 32768],
    i32: [-2147483648, 2147483647],
    u32: [4294967295, 2147483648],
    i64: ['-9223372036854775808', '9223372036854775807'],
    u64: ['18446744073709551615', '9223372036854775808'],
    f32: ['NaN', '-0'],
    f64: ['-Infinity', '-0'],
  };
  it.each(Object.entries(ENDS))('%s', async (kind, ends) => {
    const sum = kind.startsWith('f') ? `${kind}(1)` : 'e';
    const text = `|x: vec[${kind}]|
      result(for(x, {merger[${kind},min], merger[${kind},max], merger[${kind},+], merger[${kind},*]}, |b, i, e|
        {merge(b.$0, e), merge(b.$1, e), if(e > ${kind}(3), merge(b.$2, ${sum}), b.$2), merge(b.$3, ${sum})}))`;
    const cycle = [...ends, 0];
    for (const n of [0, 1, 40])
      await agrees(
        text,
        Array.from({ length: n }, (_, i) => cycle[i % 3] ?? 0),
      );
    await agrees(
      text,
      Array.from({ length: 101 }, (_, i) => (i * 7) % 100),
    );
  });
});

describe('large kernels', () => {
  const many = (n: number, f: (k: number) => string, by = ', '): string =>
    Array.from({ length: n }, (_, k) => f(k)).join(by);

  it('150 outputs, of each kind', async () => {
    await agrees(
      `|x: vec[f64]| result(for(x, {${many(150, (k) => ['appender[f64]', 'appender[f64]', 'merger[f64,max]'][k % 3] ?? '')}},
        |b, i, e| {${many(150, (k) => (k % 3 === 1 ? `if(e > ${k}.0, merge(b.$${k}, e), b.$${k})` : `merge(b.$${k}, e * ${k}.5)`))}}))`,
      [1, 2, 3, 4, 100],
    );
  });

  it('a chain of 1500 lets compiles, nested or not, in seconds', async () => {
    const lets = many(1500, (k) => `let v${k} = ${k === 0 ? 'e' : `v${k - 1}`} * 1.0001 + ${k}.0;`, ' ');
    await agrees(`|x: vec[f64]| result(for(x, appender[f64], |b, i, e| ${lets} merge(b, v1499)))`, [1, 2, 3, 4, 5]);
  });
});

it('values that all rows share reach the row phase whole, also 64 bits in four lanes', async () => {
  const roots = 'sqrt(sqrt(sqrt(e.$0 * e.$0 + e.$0) / e.$0) / e.$0) * e.$0 / (e.$0 + e.$0)';
  const text = `|x: vec[f32], q: vec[i32], k: i64, v: vec[{i64,i32}]|
    result(for(zip(x, q), vecmerger[{i64,i32},+](v), |b, i, e|
      let t = k * 3L + 1L;
      let y = ${roots};
      let z = sqrt(y * y + e.$0) / y + sqrt(e.$0 + y * y) / y + sqrt(y - e.$0) / y + sqrt(y * e.$0) / e.$0;
      merge(b, {i64(e.$1), {t, if(z + y > y, 1, 2)}})))`;
  const cycle = (n: number, by: number): Json => Array.from({ length: n }, (_, i) => (i % by) - (by > 3 ? 3 : 0));
  await agrees(text, cycle(1000, 7), cycle(1000, 3), '1099511627776', [
    [0, 0],
    [0, 0],
    [1, 1],
  ]);
  const { plan } = await session.compile(parseProgram(text), { disable: PASSES });
  const loop = plan.kernels.find((k) => k.name.startsWith('loop'));
  expect(loop?.wide).toMatchObject({ lanes: 4, rows: { batch: 256 } });
});
