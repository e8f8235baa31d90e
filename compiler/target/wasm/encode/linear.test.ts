/**
 * What the encoder does to locals changes no results: random functions give the same through both sinks. And it does
 * something: values go to where they are read, and locals share slots.
 */

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { runs } from '../../../testing/runs.ts';
import type { Func, Local, Ref, WasmSink } from '../sink.ts';
import { buildModule, inspectModule } from '../sink-binaryen.ts';
import { encodeModule } from './encode.ts';

/** i32 expressions and statements over `LOCALS` locals and `WORDS` words of memory. */
type Expr =
  | { readonly e: 'const' | 'get' | 'load'; readonly n: number }
  | { readonly e: 'add' | 'mul' | 'xor' | 'lt_s'; readonly a: Expr; readonly b: Expr }
  | { readonly e: 'select'; readonly c: Expr; readonly a: Expr; readonly b: Expr };
type Stmt =
  | { readonly s: 'set' | 'store'; readonly n: number; readonly value: Expr }
  | { readonly s: 'if'; readonly cond: Expr; readonly then: readonly Stmt[]; readonly else: readonly Stmt[] }
  /** Three rounds. */
  | { readonly s: 'loop'; readonly body: readonly Stmt[] }
  /** Leaves the block behind `first` if the condition holds. */
  | { readonly s: 'block'; readonly first: readonly Stmt[]; readonly cond: Expr; readonly rest: readonly Stmt[] };

const LOCALS = 20;
/** Those that the function's result tells; the others are free to share slots. */
const TOLD = 3;
const WORDS = 2;
const ROUNDS = 3;

const { stmts } = fc.letrec<{ expr: Expr; stmt: Stmt; stmts: readonly Stmt[] }>((tie) => ({
  expr: fc.oneof(
    { maxDepth: 4, depthIdentifier: 'expr' },
    fc.record({ e: fc.constantFrom('const', 'get', 'get', 'get', 'load', 'load'), n: fc.nat(LOCALS - 1) }),
    fc.record({ e: fc.constantFrom('add', 'mul', 'xor', 'lt_s'), a: tie('expr'), b: tie('expr') }),
    fc.record({ e: fc.constant('select' as const), c: tie('expr'), a: tie('expr'), b: tie('expr') }),
  ),
  stmt: fc.oneof(
    { maxDepth: 3, depthIdentifier: 'stmt' },
    fc.record({ s: fc.constantFrom('set', 'set', 'store'), n: fc.nat(LOCALS - 1), value: tie('expr') }),
    fc.record({ s: fc.constant('if' as const), cond: tie('expr'), then: tie('stmts'), else: tie('stmts') }),
    fc.record({ s: fc.constant('loop' as const), body: tie('stmts') }),
    fc.record({ s: fc.constant('block' as const), first: tie('stmts'), cond: tie('expr'), rest: tie('stmts') }),
  ),
  stmts: fc.array(tie('stmt'), { minLength: 2, maxLength: 12, size: 'max', depthIdentifier: 'stmt' }),
}));

/** Emits a function that runs the statements, then gives a sum of some locals. */
function emit(sink: WasmSink, body: readonly Stmt[]): Func {
  let [locals, labels] = [LOCALS, 0];
  const get = (k: number): Ref => sink.getLocal(k as Local, 'i32');
  const set = (k: number, value: Ref): Ref => sink.setLocal(k as Local, value);
  const word = (n: number): Parameters<WasmSink['load']>[1] => ({
    ptr: sink.i32((n % WORDS) * 4),
    offset: 0,
    align: 4,
  });
  const value = (x: Expr): Ref => {
    switch (x.e) {
      case 'const':
        return sink.i32(x.n - 3);
      case 'get':
        return get(x.n);
      case 'load':
        return sink.load('i32.load', word(x.n));
      case 'select': {
        const [a, b] = [value(x.a), value(x.b)];
        return sink.select(value(x.c), a, b);
      }
      default:
        return sink.binary(`i32.${x.e}`, value(x.a), value(x.b));
    }
  };
  const all = (list: readonly Stmt[]): readonly Ref[] => list.flatMap(stmt);
  const stmt = (x: Stmt): readonly Ref[] => {
    switch (x.s) {
      case 'set':
        return [set(x.n, value(x.value))];
      case 'store':
        return [sink.store('i32.store', word(x.n), value(x.value))];
      case 'if':
        return [sink.if(value(x.cond), all(x.then), all(x.else))];
      case 'loop': {
        const [left, label] = [locals++, `loop${labels++}`];
        const again = sink.br(label, get(left));
        const round = [...all(x.body), set(left, sink.binary('i32.sub', get(left), sink.i32(1))), again];
        return [set(left, sink.i32(ROUNDS)), sink.loop(label, round)];
      }
      case 'block': {
        const label = `block${labels++}`;
        return [sink.block(label, [...all(x.first), sink.br(label, value(x.cond)), ...all(x.rest)])];
      }
      default:
        return x satisfies never;
    }
  };
  const code = all(body);
  let sum = get(0);
  for (let k = 1; k < TOLD; k++) sum = sink.binary('i32.add', sink.binary('i32.mul', sum, sink.i32(31)), get(k));
  return {
    name: 'f',
    params: [],
    result: 'i32',
    locals: new Array(locals).fill('i32'),
    body: [...code, sink.ret(sum)],
  };
}

const write =
  (make: (sink: WasmSink) => Func) =>
  (sink: WasmSink): void => {
    sink.importMemory({ module: 'env', name: 'memory', memory64: false, maximumPages: 1, data: [] });
    sink.addFunction(make(sink));
  };

/** The result of a module's `f`, and what it leaves in memory. */
function run(bytes: Uint8Array): unknown {
  const memory = new WebAssembly.Memory({ initial: 1, maximum: 1, shared: true });
  const { f } = new WebAssembly.Instance(new WebAssembly.Module(bytes), { env: { memory } }).exports;
  const result = typeof f === 'function' ? f() : null;
  return { result, memory: [...new Int32Array(memory.buffer, 0, WORDS)] };
}

describe('random functions', () => {
  it('give the same through both sinks', async () => {
    await fc.assert(
      fc.asyncProperty(stmts, async (body) => {
        const module = write((sink) => emit(sink, body));
        expect(run(encodeModule(module))).toEqual(run(await buildModule(module)));
      }),
      runs(41, 0.5),
    );
  });
});

/** The text of a function that the encoder wrote. */
async function textOf(locals: Func['locals'], body: (sink: WasmSink) => readonly Ref[]): Promise<string> {
  const f = (sink: WasmSink): Func => ({ name: 'f', params: ['i32', 'i32'], result: 'i32', locals, body: body(sink) });
  const { valid, text } = await inspectModule(encodeModule(write(f)));
  expect(valid).toBe(true);
  return text.slice(text.indexOf('(func $f')).replace(/\s+/g, ' ').replaceAll(' )', ')');
}
const at = (ptr: Ref): Parameters<WasmSink['load']>[1] => ({ ptr, offset: 0, align: 4 });
const X = 2 as Local;

describe('locals', () => {
  const get = (sink: WasmSink, k: number): Ref => sink.getLocal(k as Local, 'i32');

  it('that are read once are no locals, however far they are from their reader', async () => {
    const text = await textOf(['i32', 'i32'], (sink) => [
      sink.setLocal(2 as Local, sink.binary('i32.mul', get(sink, 0), get(sink, 1))),
      sink.setLocal(3 as Local, sink.load('i32.load', at(get(sink, 0)))),
      sink.ret(sink.binary('i32.add', get(sink, 3), get(sink, 2))),
    ]);
    expect(text).toContain('(i32.add (i32.load (local.get $0)) (i32.mul (local.get $0) (local.get $1)))');
    expect(text).not.toContain('local.set');
  });

  it('that are loaded stay before a store, and others before the write of what they read', async () => {
    const loaded = await textOf(['i32'], (sink) => [
      sink.setLocal(X, sink.load('i32.load', at(get(sink, 0)))),
      sink.store('i32.store', at(get(sink, 0)), get(sink, 1)),
      sink.ret(get(sink, 2)),
    ]);
    expect(loaded).toMatch(/local\.set \$2 \(i32\.load.*i32\.store/);
    const read = await textOf(['i32'], (sink) => [
      sink.setLocal(X, sink.binary('i32.add', get(sink, 0), get(sink, 1))),
      sink.setLocal(0 as Local, sink.i32(5)),
      sink.setLocal(0 as Local, sink.binary('i32.mul', get(sink, 0), get(sink, 1))),
      sink.ret(sink.binary('i32.add', get(sink, 0), get(sink, 2))),
    ]);
    expect(read).toMatch(/local\.set \$2 \(i32\.add.*i32\.const 5/);
  });

  it('that nobody reads are not computed, nor what only they read', async () => {
    const text = await textOf(['i32', 'i32'], (sink) => [
      sink.setLocal(X, sink.binary('i32.div_s', get(sink, 0), get(sink, 1))),
      sink.setLocal(3 as Local, sink.binary('i32.mul', get(sink, 2), get(sink, 1))),
      sink.ret(sink.i32(0)),
    ]);
    expect(text).not.toMatch(/div|mul|\(local /);
  });

  it('share slots where they are not in use together', async () => {
    const many = new Array(100).fill('i32');
    const text = await textOf(many, (sink) => [
      ...many.flatMap((_, k) => [
        sink.setLocal((k + 2) as Local, sink.binary('i32.add', get(sink, 0), sink.i32(k))),
        sink.store('i32.store', at(get(sink, k + 2)), get(sink, k + 2)),
      ]),
      sink.ret(sink.i32(0)),
    ]);
    expect(text.match(/\(local \$/g)).toHaveLength(1);
  });

  it('in chains of any length are encoded without deep recursion', () => {
    const LONG = 30_000;
    const chain = (sink: WasmSink): Func => {
      const body = Array.from({ length: LONG }, (_, k) =>
        sink.setLocal((k + 1) as Local, sink.binary('i32.add', get(sink, k), sink.i32(1))),
      );
      const locals = new Array(LONG).fill('i32');
      return { name: 'f', params: ['i32'], result: 'i32', locals, body: [...body, sink.ret(get(sink, LONG))] };
    };
    expect(run(encodeModule(write(chain)))).toMatchObject({ result: LONG });
  });
});
