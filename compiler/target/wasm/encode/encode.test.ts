/**
 * The bytes of every instruction, read back by another decoder; constants, run; what the encoder refuses.
 */

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { runs } from '../../../testing/runs.ts';
import type { BinaryOp, LoadOp, Local, Place, Ref, StoreOp, UnaryOp, WasmSink, WasmTy } from '../sink.ts';
import { inspectModule } from '../sink-binaryen.ts';
import { encodeModule } from './encode.ts';
import { OPCODE } from './opcodes.ts';

type OpName = keyof typeof OPCODE;
const NAMES = Object.keys(OPCODE).filter((name): name is OpName => name in OPCODE);
const isLoad = (name: OpName): name is LoadOp => /\.load/.test(name);
const isStore = (name: OpName): name is StoreOp => /\.store/.test(name);
const IS_BINARY = /\.(add|sub|mul|div|rem|min|max|pmin|pmax|eq$|ne|lt|le|gt|ge|and|or$|xor|shl|shr|swizzle|narrow|dot)/;
const isBinary = (name: OpName): name is BinaryOp => IS_BINARY.test(name) && !/\.(neg|nearest)/.test(name);
const isUnary = (name: OpName): name is UnaryOp => !isLoad(name) && !isStore(name) && !isBinary(name);

/** The type of a value in a namespace of instructions. */
function tyOf(space: string): WasmTy {
  if (space === 'i8' || space === 'i16') return 'i32';
  return space === 'i32' || space === 'i64' || space === 'f32' || space === 'f64' ? space : 'v128';
}
/** Operand types and the result type, by the rules that names follow. */
function typeOf(name: OpName): { readonly args: readonly WasmTy[]; readonly result: WasmTy } {
  const [space = '', op = ''] = name.split('.');
  const own = tyOf(space);
  const asks = /^(any_true|bitmask)$/.test(op) || (/^(eqz?|ne|[lg][te](_[su])?)$/.test(op) && own !== 'v128');
  const result = asks ? 'i32' : own;
  if (isLoad(name)) return { args: ['i32'], result };
  if (isStore(name)) return { args: ['i32', own], result: 'i32' };
  if (isBinary(name)) return { args: [own, own === 'v128' && /^sh[lr]/.test(op) ? 'i32' : own], result };
  const from = /_([if](?:32|64))(?:_[su])?$/.exec(op)?.[1];
  if (op === 'splat') return { args: [tyOf(space.split('x')[0] ?? '')], result };
  return { args: [own !== 'v128' && from !== undefined ? tyOf(from) : own], result };
}

const local = (k: number): Local => k as Local;
const at = (ptr: Ref, offset = 300): Place => ({ ptr, offset, align: 1 });

/** A module with memory. */
function moduleOf(write: (sink: WasmSink) => void): Uint8Array {
  return encodeModule((sink) => {
    sink.importMemory({ module: 'env', name: 'memory', memory64: false, maximumPages: 4, data: [] });
    write(sink);
  });
}
/** A module with one function of no parameters, run. */
function result(ty: WasmTy, body: (sink: WasmSink) => Ref, locals: readonly WasmTy[] = []): unknown {
  const bytes = moduleOf((sink) => sink.addFunction({ name: 'f', params: [], result: ty, locals, body: [body(sink)] }));
  const memory = new WebAssembly.Memory({ initial: 1, maximum: 4, shared: true });
  const { f } = new WebAssembly.Instance(new WebAssembly.Module(bytes), { env: { memory } }).exports;
  return typeof f === 'function' ? f() : null;
}

describe('instructions', () => {
  it('all have the code that another decoder knows them by', async () => {
    const bytes = moduleOf((sink) => {
      for (const name of NAMES) {
        const { args, result: ty } = typeOf(name);
        const get = (k: number): Ref => sink.getLocal(local(k), args[k] ?? 'i32');
        const body = isStore(name)
          ? [sink.store(name, at(get(0)), get(1)), sink.ret(sink.i32(0))]
          : isLoad(name)
            ? [sink.ret(sink.load(name, at(get(0))))]
            : isBinary(name)
              ? [sink.ret(sink.binary(name, get(0), get(1)))]
              : isUnary(name)
                ? [sink.ret(sink.unary(name, get(0)))]
                : [];
        sink.addFunction({ name: `do ${name}`, params: args, result: ty, locals: [], body });
      }
    });
    expect(WebAssembly.validate(bytes)).toBe(true);
    const { valid, text } = await inspectModule(bytes);
    expect(valid).toBe(true);
    const functions = text.split('\n (func ').slice(1);
    expect(functions).toHaveLength(NAMES.length);
    for (const [k, name] of NAMES.entries()) {
      // The older names of a few instructions are kept by the text format of the decoder.
      expect(functions[k], name).toContain(`(${name}${isLoad(name) || isStore(name) ? ' offset=300' : '\n'}`);
    }
  });

  it('with immediate operands too', async () => {
    const v = (sink: WasmSink): Ref => sink.getLocal(local(0), 'v128');
    const bytes = moduleOf((sink) => {
      const add = (name: string, ty: WasmTy, ...body: readonly Ref[]): void =>
        sink.addFunction({ name, params: ['v128', 'i32'], result: ty, locals: [], body });
      const count = (): Ref => sink.getLocal(local(1), 'i32');
      for (const [shape, lanes] of [
        ['i8x16', 16],
        ['i16x8', 8],
        ['i32x4', 4],
        ['i64x2', 2],
        ['f32x4', 4],
        ['f64x2', 2],
      ] as const) {
        const ty = tyOf(shape.split('x')[0] ?? '');
        add(`extract ${shape}`, ty, sink.ret(sink.extractLane(shape, v(sink), lanes - 1)));
        const lane = sink.extractLane(shape, v(sink), 0);
        add(`replace ${shape}`, 'v128', sink.ret(sink.replaceLane(shape, v(sink), lanes - 1, lane)));
      }
      const reversed = Array.from({ length: 16 }, (_, k) => 31 - k);
      add('shuffle', 'v128', sink.ret(sink.shuffle(v(sink), v(sink), reversed)));
      add('bitselect', 'v128', sink.ret(sink.bitselect(v(sink), v(sink), v(sink))));
      add('select', 'v128', sink.ret(sink.select(count(), v(sink), v(sink))));
      for (const bits of [16, 32, 64] as const) {
        add(`store ${bits}`, 'i32', sink.storeLane(bits, at(count()), v(sink)), sink.ret(sink.i32(0)));
      }
    });
    expect(WebAssembly.validate(bytes)).toBe(true);
    const { valid, text } = await inspectModule(bytes);
    expect(valid).toBe(true);
    for (const found of [
      ...['i8x16.extract_lane_u 15', 'i8x16.replace_lane 15', 'i16x8.extract_lane_u 7', 'i16x8.replace_lane 7'],
      ...['i32x4.extract_lane 3', 'i64x2.extract_lane 1', 'f32x4.replace_lane 3', 'f64x2.replace_lane 1'],
      ...['i8x16.shuffle 31 30 29', 'v128.bitselect', 'select', 'v128.store16_lane offset=300', 'v128.store64_lane'],
    ]) {
      expect(text).toContain(`(${found}`);
    }
  });

  it('of relaxed multiply-add, which not every engine takes', async () => {
    const names = [
      ...(['f32x4.relaxed_madd', 'f32x4.relaxed_nmadd', 'f64x2.relaxed_madd', 'f64x2.relaxed_nmadd'] as const),
    ];
    const bytes = encodeModule((sink) => {
      sink.importMemory({ module: 'env', name: 'memory', memory64: false, maximumPages: 65536, data: [] });
      for (const [k, name] of names.entries()) {
        const v = (): Ref => sink.v128(new Uint8Array(16));
        const body = [sink.ret(sink.madd(name, v(), v(), v()))];
        sink.addFunction({ name: `f${k}`, params: [], result: 'v128', locals: [], body });
      }
    });
    const { valid, text } = await inspectModule(bytes);
    expect(valid).toBe(true);
    for (const name of names) expect(text).toContain(`(${name}`);
  });
});

describe('constants', () => {
  const EDGES = [0, 1, -1, 63, 64, -64, -65, 127, 128, 8191, 8192, -8192, -8193, 2 ** 31 - 1, -(2 ** 31)];
  it('are what was written, at every length of their encoding', () => {
    for (const v of EDGES) expect(result('i32', (s) => s.ret(s.i32(v)))).toBe(v);
    for (const v of [...EDGES.map(BigInt), 2n ** 62n, 2n ** 63n - 1n, -(2n ** 63n), -(2n ** 62n) - 1n]) {
      expect(result('i64', (s) => s.ret(s.i64(v)))).toBe(v);
    }
    for (const v of [0, -0, 1.5, Number.NaN, Number.POSITIVE_INFINITY, 2 ** -149]) {
      expect(result('f32', (s) => s.ret(s.f32(v)))).toBe(v);
      expect(result('f64', (s) => s.ret(s.f64(v)))).toBe(v);
    }
    const bytes = Uint8Array.from({ length: 16 }, (_, k) => 16 * k + 1);
    const words = new DataView(bytes.buffer);
    for (const lane of [0, 1, 2, 3]) {
      const read = result('i32', (s) => s.ret(s.extractLane('i32x4', s.v128(bytes), lane)));
      expect(read).toBe(words.getInt32(4 * lane, true));
    }
  });

  it('for any number', () => {
    fc.assert(
      fc.property(fc.integer(), fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }), fc.double(), (i, l, d) => {
        expect(result('i32', (s) => s.ret(s.i32(i)))).toBe(i);
        expect(result('i64', (s) => s.ret(s.i64(l)))).toBe(l);
        expect(result('f64', (s) => s.ret(s.f64(d)))).toBe(d);
      }),
      runs(40),
    );
  });
});

describe('modules', () => {
  const f = (name: string, body: readonly Ref[]) =>
    ({ name, params: ['f64', 'f64'], result: 'f64', locals: [], body }) as const;

  it('call functions that are imported after the functions that call them', () => {
    const bytes = moduleOf((sink) => {
      const arg = (k: number): Ref => sink.getLocal(local(k), 'f64');
      sink.addFunction(f('twice', [sink.ret(sink.call('pow', [arg(0), sink.f64(2)], 'f64'))]));
      sink.addFunction(f('largest', [sink.ret(sink.call('max', [arg(0), arg(1)], 'f64'))]));
      sink.importFunction('math', 'max', ['f64', 'f64'], 'f64');
      sink.importFunction('math', 'pow', ['f64', 'f64'], 'f64');
    });
    const memory = new WebAssembly.Memory({ initial: 1, maximum: 4, shared: true });
    const math = { max: Math.max, pow: Math.pow };
    const { twice, largest } = new WebAssembly.Instance(new WebAssembly.Module(bytes), { env: { memory }, math })
      .exports;
    expect([twice, largest].map((g) => typeof g === 'function' && g(3, 5))).toEqual([9, 5]);
  });

  it('are not made from expressions that are used twice, or never made', () => {
    const twice = (sink: WasmSink): void => {
      const x = sink.f64(1);
      sink.addFunction(f('f', [sink.ret(sink.binary('f64.add', x, x))]));
    };
    expect(() => moduleOf(twice)).toThrow('wasm: expression 0 is used twice');
    expect(() => moduleOf((sink) => sink.ret(7 as Ref))).toThrow('wasm: there is no expression 7');
  });

  it.each<[string, (sink: WasmSink) => Ref, string]>([
    ['a branch to nowhere', (s) => s.block('out', [s.br('in', null)]), 'a branch to in, which is not around it'],
    ['a call of nothing', (s) => s.call('cos', [], 'f64'), 'there is no function cos'],
    ['a local too many', (s) => s.setLocal(local(0), s.getLocal(local(2), 'f64')), 'there is no local 2'],
    ['a lane too many', (s) => s.extractLane('f64x2', s.v128(new Uint8Array(16)), 2), 'lane 2 of f64x2'],
    ['a vector of 8 bytes', (s) => s.v128(new Uint8Array(8)), 'a vector of 8 bytes'],
    ['a shuffle out of range', (s) => s.shuffle(s.f64(0), s.f64(0), new Array(16).fill(32)), 'a shuffle by 32,32'],
    ['a statement as a value', (s) => s.setLocal(local(0), s.br('x', null)), 'a br inside an expression'],
  ])('are not made from %s', (_, make, message) => {
    const write = (sink: WasmSink): void => {
      const stmt = make(sink);
      sink.addFunction(f('f', [stmt, sink.ret(sink.getLocal(local(0), 'f64'))]));
    };
    expect(() => moduleOf(write)).toThrow(message);
  });

  it('have no two functions of one name', () => {
    const write = (sink: WasmSink): void => {
      for (const v of [1, 2]) sink.addFunction(f('f', [sink.ret(sink.f64(v))]));
    };
    expect(() => moduleOf(write)).toThrow('two functions of one name');
  });
});
