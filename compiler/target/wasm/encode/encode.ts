/**
 * The WASM writer that sessions use: straight to bytes, without a library, in about a millisecond.
 *
 *     Ref        a node of a light tree                                     tree.ts
 *     function   the tree as instructions in a row, labels as numbers       linear.ts
 *                locals that are never in use together share a slot         locals.ts
 *     module     sections                                                   module.ts, function.ts
 *
 * There is no optimiser; the machine-code compiler of the engine is one. Types of operands are not checked here: the
 * engine does that when it loads the module, and tests read it back with another decoder. What engines could not tell
 * (an expression used twice, a branch to a label that is not around it) is an InternalError.
 */

import { invariant } from '../../../diag/diagnostic.ts';
import type { MemoryImport, Place, Ref, Shape, WasmSink } from '../sink.ts';
import { double, signed, signedLong, single, unsigned } from './bytes.ts';
import type { DefinedFunction } from './function.ts';
import { type ImportedFunction, moduleBytes } from './module.ts';
import { CODE, EXTRACT_LANE, MADD, OPCODE, REPLACE_LANE, STORE_LANE } from './opcodes.ts';
import { type Access, LooseNodes, type Node } from './tree.ts';

/** The bytes of the module that `write` emits. */
export function encodeModule(write: (sink: WasmSink) => void): Uint8Array {
  const memories: MemoryImport[] = [];
  const imports: ImportedFunction[] = [];
  const functions: DefinedFunction[] = [];
  const loose = new LooseNodes();

  const node = (n: Node): Ref => loose.add(n);
  /** An instruction over operands; `rest` are the bytes behind its code. */
  const op = (code: number, args: readonly Ref[], rest: ArrayLike<number> = [], memory: Access = 'none'): Ref =>
    node({ n: 'op', code, args: loose.takeAll(args), rest, memory });

  write({
    i32: (value) => op(CODE['i32.const'], [], signed(value)),
    i64: (value) => op(CODE['i64.const'], [], signedLong(value)),
    f32: (value) => op(CODE['f32.const'], [], single(value)),
    f64: (value) => op(CODE['f64.const'], [], double(value)),
    v128(bytes) {
      invariant(bytes.length === 16, () => `wasm: a vector of ${bytes.length} bytes`);
      return op(CODE['v128.const'], [], bytes);
    },

    unary: (name, a) => op(OPCODE[name], [a]),
    binary: (name, a, b) => op(OPCODE[name], [a, b]),
    select: (cond, a, b) => op(CODE.select, [a, b, cond]),
    madd: (name, a, b, c) => op(MADD[name], [a, b, c]),
    bitselect: (a, b, mask) => op(CODE['v128.bitselect'], [a, b, mask]),
    shuffle(a, b, bytes) {
      invariant(bytes.length === 16 && bytes.every((k) => k >= 0 && k < 32), () => `wasm: a shuffle by ${bytes}`);
      return op(CODE['i8x16.shuffle'], [a, b], bytes);
    },
    extractLane: (shape, a, lane) => op(EXTRACT_LANE[shape], [a], laneOf(shape, lane)),
    replaceLane: (shape, a, lane, value) => op(REPLACE_LANE[shape], [a, value], laneOf(shape, lane)),
    call: (name, args) => node({ n: 'call', name, args: loose.takeAll(args) }),

    getLocal: (local) => node({ n: 'get', local }),
    setLocal: (local, value) => node({ n: 'set', local, value: loose.take(value) }),
    load: (name, at) => op(OPCODE[name], [at.ptr], placeOf(at), 'read'),
    store: (name, at, value) => op(OPCODE[name], [at.ptr, value], placeOf(at), 'write'),
    storeLane: (bits, at, value) => op(STORE_LANE[bits], [at.ptr, value], [...placeOf(at), 0], 'write'),

    block: (label, body) => node({ n: 'block', label, body: loose.takeAll(body) }),
    loop: (label, body) => node({ n: 'loop', label, body: loose.takeAll(body) }),
    br: (label, cond) => node({ n: 'br', label, cond: cond === null ? null : loose.take(cond) }),
    if: (cond, then, otherwise) =>
      node({ n: 'if', cond: loose.take(cond), then: loose.takeAll(then), else: loose.takeAll(otherwise) }),
    ret: (value) => op(CODE.return, [value]),

    importMemory: (memory) => memories.push(memory),
    importFunction: (module, name, params, result) => imports.push({ module, name, params, result }),
    addFunction: (f) => functions.push({ ...f, body: loose.takeAll(f.body) }),
  });
  return moduleBytes({ memories, imports, functions });
}

/** The alignment as a power of two, then the constant offset. */
const placeOf = (at: Place): readonly number[] => [Math.log2(at.align), ...unsigned(at.offset)];

const LANES: Readonly<Record<Shape, number>> = { i8x16: 16, i16x8: 8, i32x4: 4, i64x2: 2, f32x4: 4, f64x2: 2 };

function laneOf(shape: Shape, lane: number): readonly number[] {
  invariant(Number.isInteger(lane) && lane >= 0 && lane < LANES[shape], () => `wasm: lane ${lane} of ${shape}`);
  return [lane];
}
