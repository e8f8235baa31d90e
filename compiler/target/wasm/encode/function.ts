/** The code of one function: its locals in runs of equal types, then its instructions. */

import type { WasmTy } from '../sink.ts';
import { ByteWriter } from './bytes.ts';
import { linearise } from './linear.ts';
import { assignSlots } from './locals.ts';
import { CODE, EMPTY, TYPE, writeCode } from './opcodes.ts';
import type { Node } from './tree.ts';

/** A function that is exported under its name. */
export interface DefinedFunction {
  readonly name: string;
  readonly params: readonly WasmTy[];
  readonly result: WasmTy;
  /** Types of the locals after the parameters. */
  readonly locals: readonly WasmTy[];
  readonly body: readonly Node[];
}

/** `indexOf` gives the number of a function by name. */
export function functionBytes(f: DefinedFunction, indexOf: (name: string) => number): Uint8Array {
  const code = linearise(f.body, indexOf);
  const slots = assignSlots(code, f.params.length, f.locals);
  const w = new ByteWriter();
  const runs = runsOf(slots.types);
  w.u32(runs.length);
  for (const { ty, count } of runs) {
    w.u32(count);
    w.byte(TYPE[ty]);
  }
  for (const c of code) {
    switch (c.i) {
      case 'plain':
        writeCode(w, c.code);
        w.bytes(c.rest);
        break;
      case 'get':
      case 'set':
      case 'tee':
        w.byte(CODE[c.i]);
        w.u32(slots.of(c.local));
        break;
      case 'block':
      case 'loop':
      case 'if':
        w.byte(CODE[c.i]);
        w.byte(EMPTY);
        break;
      case 'else':
      case 'end':
        w.byte(CODE[c.i]);
        break;
      case 'br':
      case 'br_if':
        w.byte(CODE[c.i]);
        w.u32(c.depth);
        break;
      default:
        c satisfies never;
    }
  }
  w.byte(CODE.end);
  return w.written;
}

function runsOf(types: readonly WasmTy[]): readonly { readonly ty: WasmTy; readonly count: number }[] {
  const runs: { ty: WasmTy; count: number }[] = [];
  for (const ty of types) {
    const last = runs.at(-1);
    if (last?.ty === ty) last.count++;
    else runs.push({ ty, count: 1 });
  }
  return runs;
}
