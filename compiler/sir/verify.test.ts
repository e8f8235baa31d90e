/** Every invariant of a kernel has a kernel that breaks it, made by hand past the checks of the builder. */

import { describe, expect, it } from 'vitest';
import type { ScalarKind } from '../core/types.ts';
import { bin, cmp, get, KernelBuilder, lit, splat } from './build.ts';
import type { Kernel, Reg, SExpr, Stmt, ValTy } from './kernel.ts';
import { verifyKernel } from './verify.ts';

/** A kernel with an input, an output, a partial buffer, a reduction and a cursor; registers 0 (row) and 1 (scalar). */
function base(): Kernel {
  const k = new KernelBuilder('k');
  k.buf('in', 'f64', 'read');
  k.buf('out', 'f64', 'write');
  k.buf('table', 'f64', 'readwrite', true);
  k.scalar('s', 'i32');
  k.reduction('sum', 'f64', '+');
  k.cursor();
  return { ...k.finish(), regs: 10 };
}
const withBody = (...body: readonly Stmt[]): Kernel => ({ ...base(), body });
const withWide = (lanes: 2 | 4, ...body: readonly Stmt[]): Kernel => ({
  ...base(),
  wide: { lanes, step: lanes, body, rows: null },
});

const reg = (n: number): Reg => n as Reg;
const row = get(reg(0), 'i32');
const zero = lit('f64', 0);
const no = lit('bool', false);
const scalarTy = (kind: ScalarKind): ValTy => ({ kind, lanes: 1 });
const letOf = (n: number, e: SExpr): Stmt => ({ s: 'let', reg: reg(n), e });

function deep(depth: number): SExpr {
  let e: SExpr = zero;
  for (let i = 1; i < depth; i++) e = { x: 'un', op: 'neg', a: e, ty: e.ty };
  return e;
}
function doubled(times: number): SExpr {
  let e: SExpr = zero;
  for (let i = 0; i < times; i++) e = bin('+', e, e);
  return e;
}

const broken: readonly (readonly [string, Kernel])[] = [
  ['defined twice', withBody(letOf(2, zero), letOf(2, zero))],
  ['defined twice', withBody(letOf(1, zero))],
  ['defined twice', { ...withBody(letOf(2, zero)), wide: { lanes: 2, step: 2, body: [letOf(2, zero)], rows: null } }],
  ['not below the count', withBody(letOf(10, zero))],
  ['parameter register', { ...base(), scalars: [{ name: 'a', reg: reg(0), kind: 'i32' }] }],
  ['not defined', withBody(letOf(2, get(reg(3), 'f64')))],
  ['not defined', withBody({ s: 'if', cond: no, then: [letOf(2, zero)], else: [] }, letOf(3, get(reg(2), 'f64')))],
  ['not defined', withBody(letOf(2, get(reg(2), 'f64')))],
  ['read as f32', withBody(letOf(2, zero), letOf(3, get(reg(2), 'f32')))],
  ['no var in scope', withBody(letOf(2, zero), { s: 'set', reg: reg(2), e: zero })],
  ['set of a f64 var', withBody({ s: 'var', reg: reg(2), e: zero }, { s: 'set', reg: reg(2), e: row })],
  ['mistyped bin', withBody(letOf(2, { x: 'bin', op: '+', a: zero, b: row, ty: zero.ty }))],
  ['mistyped bin', withBody(letOf(2, { x: 'bin', op: '&', a: zero, b: zero, ty: zero.ty }))],
  ['mistyped un', withBody(letOf(2, { x: 'un', op: 'sqrt', a: row, ty: row.ty }))],
  ['mistyped cmp', withBody(letOf(2, { x: 'cmp', op: '<', a: zero, b: zero, ty: zero.ty }))],
  ['mistyped select', withBody(letOf(2, { x: 'select', c: zero, a: zero, b: zero, ty: zero.ty }))],
  ['mistyped bitcast', withBody(letOf(2, { x: 'bitcast', a: zero, ty: scalarTy('i32') }))],
  ['mistyped splat', withBody(letOf(2, { x: 'splat', a: zero, ty: zero.ty }))],
  ['mistyped lane', withBody(letOf(2, { x: 'lane', a: zero, lane: 0, ty: zero.ty }))],
  ['mistyped any', withBody(letOf(2, { x: 'any', a: no, ty: no.ty }))],
  ['mistyped lanes', withWide(2, letOf(2, { x: 'lanes', items: [zero], ty: { kind: 'f64', lanes: 2 } }))],
  ['no i8 literal', withBody(letOf(2, { x: 'lit', value: 128, ty: scalarTy('i8') }))],
  ['no i64 literal', withBody(letOf(2, { x: 'lit', value: 1, ty: scalarTy('i64') }))],
  ['no f32 literal', withBody(letOf(2, { x: 'lit', value: 0.1, ty: scalarTy('f32') }))],
  ['no bool literal', withBody(letOf(2, { x: 'lit', value: 1, ty: scalarTy('bool') }))],
  ['64 deep', withBody(letOf(2, deep(65)))],
  ['4096 nodes', withBody(letOf(2, doubled(12)))],
  ['2 lanes where 1 are', withBody(letOf(2, lit('f64', 0, 2)))],
  ['4 lanes where 2 are', withWide(2, letOf(2, lit('f32', 0, 4)))],
  ['four lanes of f64', withWide(4, letOf(2, lit('f64', 0, 4)))],
  ['2 lanes where 1 are', withBody({ s: 'var', reg: reg(2), e: lit('f64', 0, 2) })],
  ['a condition', withWide(2, { s: 'if', cond: lit('bool', true, 2), then: [], else: [] })],
  ['a condition', withBody({ s: 'while', cond: zero, body: [] })],
  ['no buffer 3', withBody({ s: 'load', reg: reg(2), ty: zero.ty, buf: 3, index: row })],
  ['not for read', withBody({ s: 'load', reg: reg(2), ty: zero.ty, buf: 1, index: row })],
  ['f32 in buffer', withBody({ s: 'load', reg: reg(2), ty: scalarTy('f32'), buf: 0, index: row })],
  ['an index', withBody({ s: 'load', reg: reg(2), ty: zero.ty, buf: 0, index: lit('i64', 0) })],
  ['2 lanes where 1', withBody({ s: 'load', reg: reg(2), ty: { kind: 'f64', lanes: 2 }, buf: 0, index: row })],
  ['not for write', withBody({ s: 'store', buf: 0, index: row, value: zero })],
  ['an index', withWide(2, { s: 'store', buf: 1, index: splat(row, 2), value: zero })],
  ['no reduction 1', withBody({ s: 'accum', red: 1, value: zero, mask: null })],
  ['accum of i32', withBody({ s: 'accum', red: 0, value: row, mask: null })],
  ['a mask', withWide(2, { s: 'accum', red: 0, value: lit('f64', 0, 2), mask: no })],
  ['is on bool', { ...base(), reductions: [{ name: 'b', kind: 'bool', op: '+' }] }],
  ['no cursor 1', withBody({ s: 'push', cursor: 1, stores: [], mask: null })],
  ['not for write', withBody({ s: 'push', cursor: 0, stores: [{ buf: 0, value: zero }], mask: null })],
  ['partial buffer', withBody({ s: 'push', cursor: 0, stores: [{ buf: 2, value: zero }], mask: null })],
  ['pushed without', withWide(2, { s: 'push', cursor: 0, stores: [{ buf: 1, value: lit('f64', 0, 2) }], mask: null })],
  ['lanes of the value', withWide(2, { s: 'push', cursor: 0, stores: [{ buf: 1, value: zero }], mask: splat(no, 2) })],
  ['must have lanes', withBody({ s: 'push', cursor: 0, stores: [{ buf: 1, value: zero }], mask: no })],
  ['fail takes', withBody({ s: 'fail', code: 'DenseRange', when: zero })],
];

describe('verifyKernel', () => {
  it.each(broken)('complains: %s', (message, kernel) => {
    expect(() => verifyKernel(kernel)).toThrow(message);
  });

  it('names the kernel and the statement', () => {
    expect(() => verifyKernel(withBody({ s: 'store', buf: 0, index: row, value: zero }))).toThrow(
      'sir: kernel k: buffer in is not for write\n  in: in[%0] = 0f64',
    );
  });

  it('accepts what is just inside the limits', () => {
    verifyKernel(withBody(letOf(2, deep(64)), letOf(3, doubled(11))));
    verifyKernel(withWide(2, letOf(2, cmp('<', lit('f64', 0, 2), lit('f64', 1, 2))), letOf(3, lit('f32', 1, 2))));
    verifyKernel(withWide(4, letOf(2, lit('f32', 0, 4)), letOf(3, zero)));
  });
});
