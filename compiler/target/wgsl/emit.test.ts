/**
 * Every construct of SIR on every kind, validated by a real WGSL compiler (Dawn's null backend): a shader that does
 * not compile, or whose pipelines do not fit the reported bindings, fails here on any machine.
 */

import { expect, test } from 'vitest';
import { isFloatKind, isIntKind, type MergeOp, SCALAR_KINDS, type ScalarKind } from '../../core/types.ts';
import { binAccepts, unAccepts } from '../../sir/accepts.ts';
import { bin, bitcast, cast, cmp, KernelBuilder, lit, sel, un } from '../../sir/build.ts';
import type { Kernel, SBin, SCmp, SExpr, SUn } from '../../sir/kernel.ts';
import { BINARY_MATH, UNARY_MATH } from '../../sir/lib/index.ts';
import { verifyKernel } from '../../sir/verify.ts';
import { checkShader, openNullDevice } from '../../testing/null-gpu.ts';
import { emitWgsl, type WgslModule, type WgslOptions } from './emit.ts';

const device = await openNullDevice();

/** Emits a kernel that must be accepted, and gives the module if the device accepts it too. */
async function emitted(kernel: Kernel, options: WgslOptions = { f64: 'f32' }): Promise<WgslModule> {
  verifyKernel(kernel);
  const module = emitWgsl(kernel, options);
  if (!module.ok) throw new Error(`${module.reason}: ${module.message}`);
  const said = await checkShader(device, module);
  expect(said, module.code).toEqual([]);
  return module;
}

function refusal(kernel: Kernel, options: WgslOptions = { f64: 'refuse' }): string {
  verifyKernel(kernel);
  const module = emitWgsl(kernel, options);
  return module.ok ? 'accepted' : module.reason;
}

const BINS: readonly SBin[] = [
  ...(['+', '-', '*', '/', '%', 'min', 'max', 'pmin', 'pmax', '&', '|', '^', '<<', '>>'] as const),
  ...BINARY_MATH,
];
const CMPS: readonly SCmp[] = ['==', '!=', '<', '<=', '>', '>='];
const UNS: readonly SUn[] = [
  ...(['neg', 'not', 'abs', 'floor', 'ceil', 'trunc', 'nearest', 'sqrt'] as const),
  ...UNARY_MATH,
];
const zero = (kind: ScalarKind): SExpr => lit(kind, kind === 'bool' ? false : 0);
const one = (kind: ScalarKind): SExpr => lit(kind, kind === 'bool' ? true : 1);

test.each(SCALAR_KINDS)('every operation on %s, on loaded values and on constants', async (kind) => {
  const k = new KernelBuilder(`ops_${kind}`);
  const [a, b, out, flags] = [
    k.buf('a', kind, 'read'),
    k.buf('b', kind, 'read'),
    k.buf('out', kind, 'write'),
    k.buf('flags', 'bool', 'write'),
  ];
  const x = k.load(a, k.index);
  const y = k.load(b, k.index);
  const pairs: readonly (readonly [SExpr, SExpr])[] = [
    [x, y],
    [x, zero(kind)],
    [one(kind), y],
    [one(kind), zero(kind)],
  ];
  for (const [l, r] of pairs) {
    for (const op of BINS) if (binAccepts(op, kind)) k.store(out, k.index, bin(op, bin(op, l, r), r));
    for (const op of CMPS) k.store(flags, k.index, cmp('!=', cmp(op, l, r), cmp(op, r, l)));
    for (const op of UNS) if (unAccepts(op, kind)) k.store(out, k.index, un(op, un(op, r)));
    k.store(out, k.index, sel(cmp('<', l, r), l, r));
  }
  await emitted(k.finish());
});

test.each(SCALAR_KINDS)('casts from %s to every kind', async (from) => {
  const k = new KernelBuilder(`cast_${from}`);
  const a = k.buf('a', from, 'read');
  const x = k.load(a, k.index);
  const outs = k.buf('flag', 'bool', 'write');
  for (const to of SCALAR_KINDS) {
    k.store(outs, k.index, cmp('==', cast(x, to), cast(one(from), to)));
  }
  await emitted(k.finish());
});

test('bit casts between kinds of one width', async () => {
  const k = new KernelBuilder('bits');
  const out = k.buf('out', 'u32', 'write');
  const wide = k.buf('wide', 'i64', 'write');
  const x = k.load(k.buf('x', 'f32', 'read'), k.index);
  const y = k.load(k.buf('y', 'u64', 'read'), k.index);
  k.store(out, k.index, bitcast(bitcast(bitcast(x, 'i32'), 'f32'), 'u32'));
  k.store(out, k.index, bitcast(lit('f32', 1.5), 'u32'));
  k.store(wide, k.index, bitcast(y, 'i64'));
  await emitted(k.finish());
});

const ENDS: readonly (readonly [ScalarKind, readonly (number | bigint | boolean)[]])[] = [
  ['bool', [true, false]],
  ['i8', [-128, 127]],
  ['u16', [0, 65535]],
  ['i32', [-2147483648, 2147483647]],
  ['u32', [4294967295]],
  ['i64', [-(2n ** 63n), 2n ** 63n - 1n]],
  ['u64', [2n ** 64n - 1n]],
  ['f32', [NaN, Infinity, -Infinity, -0, 0, 1e-45, 2 ** -126, 3.4028234663852886e38, 0.1, 1e21, -123456789]],
  ['f64', [1e300, -1e300, 1e-300, NaN]],
];

test.each(ENDS)('literals of %s', async (kind, values) => {
  const k = new KernelBuilder(`lits_${kind}`);
  const out = k.buf('out', kind, 'write');
  for (const v of values) {
    k.store(out, k.index, lit(kind, v));
    if (kind !== 'bool') {
      k.store(out, k.index, bin('+', lit(kind, v), lit(kind, v)));
      k.store(out, k.index, un('neg', lit(kind, v)));
    }
  }
  await emitted(k.finish());
});

test('statements: var, set, while, if, else, fail, clamped loads, scalars of all kinds', async () => {
  const k = new KernelBuilder('walk');
  const limit = k.scalar('limit', 'i32');
  const scalars = SCALAR_KINDS.map((kind) => k.scalar(`p_${kind}`, kind));
  const xs = k.buf('xs', 'f32', 'read');
  const out = k.buf('out', 'f32', 'write');
  const sum = k.var(lit('f32', 0));
  const j = k.var(lit('i32', 0));
  k.while(cmp('<', j, limit), () => {
    const x = k.load(xs, bin('-', k.index, j));
    k.if(
      cmp('!=', x, x),
      () => k.set(sum, lit('f32', 0)),
      () => k.set(sum, bin('+', sum, x)),
    );
    k.fail('ArrayOutOfBounds', cmp('>', sum, lit('f32', 100)));
    k.set(j, bin('+', j, lit('i32', 1)));
  });
  k.while(lit('bool', true), () => k.fail('DivisionByZero', lit('bool', true)));
  for (const s of scalars) {
    const some = s.ty.kind === 'bool' ? s : cmp('>', s, zero(s.ty.kind));
    k.if(some, () => k.store(out, lit('i32', -1), sum));
  }
  k.store(out, k.index, sum);
  const module = await emitted(k.finish());
  expect(module.state).toMatchObject({ cells: 8, totals: 8, groups: 8, groupWords: 0 });
});

const MERGES: readonly MergeOp[] = ['+', '*', 'min', 'max'];

test.each(SCALAR_KINDS.filter((k) => k !== 'bool'))(
  'reductions of %s under every operator, masked too',
  async (kind) => {
    const k = new KernelBuilder(`reduce_${kind}`);
    const x = k.load(k.buf('x', kind, 'read'), k.index);
    for (const op of MERGES) k.accum(k.reduction(`r${op}`, kind, op), x);
    k.accum(k.reduction('some', kind, '+'), x, cmp('>', x, zero(kind)));
    const module = await emitted(k.finish());
    expect(module.entries.map((e) => e.role)).toEqual(['rows', 'combine']);
    expect(module.state).toMatchObject({ cells: 8, totals: 18, groups: 18, groupWords: 10 });
  },
);

/** table[key] = table[key] op x, through a let or at once. */
function tableKernel(kind: ScalarKind, op: SBin, through: boolean): Kernel {
  const k = new KernelBuilder('histogram');
  const key = k.load(k.buf('key', 'i32', 'read'), k.index);
  const x = k.load(k.buf('x', kind, 'read'), k.index);
  const table = k.buf('table', kind, 'readwrite', true);
  const old = k.load(table, key);
  const next = bin(op, old, x);
  k.store(table, key, through ? k.let(next) : next);
  return k.finish();
}

test.each(SCALAR_KINDS.filter((k) => k !== 'bool'))('tables of %s become atomic merges', async (kind) => {
  for (const op of MERGES) {
    const kernel = tableKernel(kind, op, op === '+');
    if ((kind === 'i64' || kind === 'u64') && op !== '+') {
      expect(refusal(kernel)).toBe('OP_ATOMIC64');
      continue;
    }
    const module = await emitted(kernel);
    expect(module.buffers[2]?.role).toBe('table');
    const ordered = isFloatKind(kind) && (op === '+' || op === '*');
    expect(module.notes.some((n) => n.startsWith('ORDER_F32'))).toBe(ordered);
  }
});

test('several tables of one row are merged side by side', async () => {
  const k = new KernelBuilder('stats');
  const key = k.load(k.buf('key', 'i32', 'read'), k.index);
  const x = k.load(k.buf('x', 'f32', 'read'), k.index);
  const [sums, counts] = [k.buf('sums', 'f32', 'readwrite', true), k.buf('counts', 'i64', 'readwrite', true)];
  k.if(cmp('>', x, lit('f32', 0)), () => {
    const [s, c] = [k.load(sums, key), k.load(counts, key)];
    const [s2, c2] = [k.let(bin('+', s, x)), k.let(bin('+', lit('i64', 1), c))];
    k.store(sums, key, s2);
    k.store(counts, key, c2);
  });
  const module = await emitted(k.finish());
  expect(module.buffers.map((b) => b.role)).toEqual(['input', 'input', 'table', 'table']);
});

/** Pushes the positive rows of `kind` beside their index, with a running sum. */
function filterKernel(kind: ScalarKind): Kernel {
  const k = new KernelBuilder('keep');
  const x = k.load(k.buf('x', kind, 'read'), k.index);
  const [values, rows] = [k.buf('values', kind, 'write'), k.buf('rows', 'i32', 'write')];
  const doubled = k.let(isIntKind(kind) || isFloatKind(kind) ? bin('+', x, x) : x);
  k.fail('DivisionByZero', cmp('==', k.index, lit('i32', 7)));
  if (kind !== 'bool') k.accum(k.reduction('sum', kind, '+'), doubled);
  k.if(cmp('>', x, zero(kind)), () => {
    k.push(k.cursor(), [
      [values, doubled],
      [rows, k.index],
    ]);
  });
  return k.finish();
}

test.each(SCALAR_KINDS)('compaction of %s', async (kind) => {
  const module = await emitted(filterKernel(kind));
  const roles = ['count', 'scan', 'write'];
  expect(module.entries.map((e) => e.role)).toEqual(kind === 'bool' ? roles : [...roles, 'combine']);
  const packed = ['bool', 'i8', 'u8', 'i16', 'u16'].includes(kind);
  expect(module.buffers[1]?.role).toBe(packed ? 'shared' : 'output');
});

test('two cursors, one in a loop that pushes many times', async () => {
  const k = new KernelBuilder('repeat');
  const times = k.load(k.buf('times', 'i32', 'read'), k.index);
  const [a, b] = [k.buf('a', 'i32', 'write'), k.buf('b', 'u8', 'write')];
  const [ca, cb] = [k.cursor(), k.cursor()];
  const j = k.var(lit('i32', 0));
  k.while(cmp('<', j, times), () => {
    k.push(ca, [[a, j]]);
    k.set(j, bin('+', j, lit('i32', 1)));
  });
  k.if(cmp('==', times, lit('i32', 0)), () => k.push(cb, [[b, lit('u8', 1)]]));
  await emitted(k.finish());
});

test('narrow outputs at the row belong to one invocation, elsewhere they are atomic', async () => {
  const k = new KernelBuilder('narrow');
  const x = k.load(k.buf('x', 'u8', 'read'), k.index);
  k.store(k.buf('small', 'i16', 'write'), k.index, cast(x, 'i16'));
  const own = k.finish();
  expect((await emitted(own)).rowsPerStep).toBe(2);
  const l = new KernelBuilder('scatter');
  const y = l.load(l.buf('x', 'u8', 'read'), l.index);
  l.store(l.buf('out', 'u8', 'write'), bin('-', lit('i32', 100), l.index), y);
  const module = await emitted(l.finish());
  expect([module.rowsPerStep, module.buffers[1]?.role]).toEqual([1, 'shared']);
});

test('more buffers than bindings share arenas, in and out apart', async () => {
  const build = (ins: number, outs: number): Kernel => {
    const k = new KernelBuilder('many');
    const loads = Array.from({ length: ins }, (_, j) => k.load(k.buf(`in ${j}`, 'f32', 'read'), k.index));
    const sum = loads.reduce<SExpr>((a, b) => bin('+', a, b), lit('f32', 0));
    for (let j = 0; j < outs; j++) k.store(k.buf(`out ${j}`, 'f32', 'write'), k.index, sum);
    return k.finish();
  };
  expect((await emitted(build(6, 2))).bindings).toHaveLength(9);
  const one = await emitted(build(20, 2));
  expect(one.bindings.map((b) => b.name)).toEqual(['params', 'inputs', 'b_out_0', 'b_out_1']);
  const two = await emitted(build(20, 9));
  expect(two.bindings.map((b) => b.name)).toEqual(['params', 'outputs', 'inputs']);
  const k = new KernelBuilder('tables');
  for (let j = 0; j < 9; j++) {
    const t = k.buf(`t${j}`, 'i32', 'readwrite', true);
    k.store(t, lit('i32', 0), bin('+', k.load(t, lit('i32', 0)), k.index));
  }
  expect(refusal(k.finish())).toBe('LIMIT_BINDINGS');
});

test('names: reserved words, built-ins, our helpers, empty and strange text', async () => {
  for (const name of ['while', 'filter', 'min', 'is_nan', '', '2x', 'a-b__c', 'Ünï', 'v3', 'params']) {
    const k = new KernelBuilder(name);
    const x = k.load(k.buf(name, 'f32', 'read'), k.index);
    k.store(k.buf(name, 'f32', 'write'), k.index, bin('min', x, k.scalar(name, 'f32')));
    k.accum(k.reduction(name, 'f32', '+'), x);
    await emitted(k.finish());
  }
});

test('f64 is refused unless asked, and never seen through its bits', () => {
  const k = new KernelBuilder('wide');
  const x = k.load(k.buf('x', 'f64', 'read'), k.index);
  k.store(k.buf('y', 'f64', 'write'), k.index, bin('*', x, x));
  const kernel = k.finish();
  expect(refusal(kernel)).toBe('TYPE_F64');
  expect(refusal(kernel, { f64: 'f32' })).toBe('accepted');
  const l = new KernelBuilder('bits');
  const y = l.load(l.buf('x', 'f64', 'read'), l.index);
  l.store(l.buf('y', 'i64', 'write'), l.index, bitcast(y, 'i64'));
  expect(refusal(l.finish(), { f64: 'f32' })).toBe('TYPE_F64');
});

test('what rows share and no atomic can do is refused', () => {
  const probing = new KernelBuilder('probe');
  const slots = probing.buf('slots', 'i32', 'readwrite', true);
  const at = probing.var(probing.index);
  probing.while(cmp('!=', at, lit('i32', 0)), () => probing.set(at, probing.load(slots, at)));
  probing.store(slots, at, probing.index);
  expect(refusal(probing.finish())).toBe('HASH_TABLE');

  const counting = new KernelBuilder('insert');
  const count = counting.buf('count', 'i32', 'readwrite', true);
  const entry = counting.buf('entry', 'i32', 'write', true);
  const c = counting.load(count, lit('i32', 0));
  counting.store(entry, c, counting.index);
  counting.store(count, lit('i32', 0), bin('+', c, lit('i32', 1)));
  expect(refusal(counting.finish())).toBe('RACE');

  const later = new KernelBuilder('later');
  const table = later.buf('table', 'i32', 'readwrite', true);
  const old = later.load(table, lit('i32', 0));
  later.fail('TableFull', cmp('>', later.index, lit('i32', 5)));
  later.store(table, lit('i32', 0), bin('+', old, lit('i32', 1)));
  expect(refusal(later.finish())).toBe('RACE');
});

test('rows that update their own element need no merge', async () => {
  const k = new KernelBuilder('combine');
  const table = k.buf('table', 'i64', 'readwrite');
  const part = k.load(k.buf('part', 'i64', 'read'), k.index);
  k.store(table, k.index, bin('max', k.load(table, k.index), part));
  const module = await emitted(k.finish());
  expect(module.buffers[0]?.role).toBe('output');
});

test('workgroup memory has a limit', () => {
  const k = new KernelBuilder('many_cells');
  const x = k.load(k.buf('x', 'i64', 'read'), k.index);
  for (let j = 0; j < 9; j++) k.accum(k.reduction(`r${j}`, 'i64', '+'), x);
  const kernel = k.finish();
  expect(refusal(kernel, { f64: 'refuse', workgroupSize: 256 })).toBe('LIMIT_MEMORY');
  expect(refusal(kernel)).toBe('accepted');
});
