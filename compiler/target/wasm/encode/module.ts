/**
 * The sections of a module, in the order that the binary format prescribes: types, imports, functions, exports, code,
 * data and the names of the functions, for profilers and text dumps.
 */

import { InternalError } from '../../../diag/diagnostic.ts';
import type { MemoryImport, WasmTy } from '../sink.ts';
import { ByteWriter, signed } from './bytes.ts';
import { type DefinedFunction, functionBytes } from './function.ts';
import { CODE, TYPE } from './opcodes.ts';

export interface ImportedFunction {
  readonly module: string;
  readonly name: string;
  readonly params: readonly WasmTy[];
  readonly result: WasmTy;
}
export interface ModuleParts {
  readonly memories: readonly MemoryImport[];
  readonly imports: readonly ImportedFunction[];
  readonly functions: readonly DefinedFunction[];
}

const MAGIC_AND_VERSION = [0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00];
const SECTION = { custom: 0, type: 1, import: 2, function: 3, export: 7, code: 10, data: 11 } as const;
const KIND = { function: 0x00, memory: 0x02 } as const;
const FUNCTION_TYPE = 0x60;
const SHARED_WITH_MAXIMUM = 0x03;
const ADDRESSES_OF_64_BITS = 0x04;
const FUNCTION_NAMES = 1;
/** Data that is written when the module is instantiated, at a computed address of memory 0. */
const ACTIVE = 0x00;

/** The bytes of a module. */
export function moduleBytes({ memories, imports, functions }: ModuleParts): Uint8Array {
  const all = [...imports, ...functions];
  const indices = new Map(all.map((f, k) => [f.name, k]));
  if (indices.size !== all.length) throw new InternalError('wasm: two functions of one name in a module');
  const indexOf = (name: string): number => {
    const index = indices.get(name);
    if (index === undefined) throw new InternalError(`wasm: there is no function ${name}`);
    return index;
  };
  const signatures = [...new Set(all.map(signature))];
  const typeOf = (f: ImportedFunction | DefinedFunction): number => signatures.indexOf(signature(f));

  const w = new ByteWriter();
  w.bytes(MAGIC_AND_VERSION);
  section(w, SECTION.type, signatures, (s, text) => s.bytes(text.split(',').map(Number)));
  section(w, SECTION.import, [...memories, ...imports], (s, i) => {
    s.name(i.module);
    s.name(i.name);
    if ('maximumPages' in i) {
      s.bytes([KIND.memory, SHARED_WITH_MAXIMUM | (i.memory64 ? ADDRESSES_OF_64_BITS : 0), 1]);
      s.u32(i.maximumPages);
    } else {
      s.byte(KIND.function);
      s.u32(typeOf(i));
    }
  });
  section(w, SECTION.function, functions, (s, f) => s.u32(typeOf(f)));
  section(w, SECTION.export, functions, (s, f) => {
    s.name(f.name);
    s.byte(KIND.function);
    s.u32(indexOf(f.name));
  });
  section(w, SECTION.code, functions, (s, f) => s.sized(functionBytes(f, indexOf)));
  const data = memories.flatMap((m) => m.data.map((d) => ({ ...d, memory64: m.memory64 })));
  if (data.length > 0) {
    section(w, SECTION.data, data, (s, { address, bytes, memory64 }) => {
      s.bytes([ACTIVE, CODE[memory64 ? 'i64.const' : 'i32.const'], ...signed(address), CODE.end]);
      s.sized(bytes);
    });
  }

  const names = new ByteWriter();
  names.name('name');
  section(names, FUNCTION_NAMES, all, (s, f) => {
    s.u32(indexOf(f.name));
    s.name(f.name);
  });
  w.byte(SECTION.custom);
  w.sized(names.written);
  return w.written.slice();
}

/** The bytes of a function type, as a text that says which are the same. */
function signature({ params, result }: ImportedFunction | DefinedFunction): string {
  return [FUNCTION_TYPE, params.length, ...params.map((p) => TYPE[p]), 1, TYPE[result]].join();
}

/** A section that is a vector: its number, its size in bytes, how many items, the items. */
function section<T>(to: ByteWriter, id: number, items: readonly T[], item: (s: ByteWriter, one: T) => void): void {
  const s = new ByteWriter();
  s.u32(items.length);
  for (const one of items) item(s, one);
  to.byte(id);
  to.sized(s.written);
}
