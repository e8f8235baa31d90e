/**
 * serialize and deserialize inside a loop: the bytes of `core/codec.ts`, written to a growing vector of u8 and read back
 * one by one, in the order of the type. Reading trusts nothing, as there: lengths are held against the bytes that are left
 * before anything is made of them.
 */

import { MOST_UNITS } from '../core/codec.ts';
import {
  type DictType,
  I64,
  isFloatKind,
  type ScalarKind,
  scalarBytes,
  type Type,
  U8,
  type VecType,
} from '../core/types.ts';
import { bin, bitcast, cast, cmp, type Get, lit } from '../sir/build.ts';
import type { SExpr } from '../sir/kernel.ts';
import { elementAt, lengthOf, toVec } from './access.ts';
import { tableBuilder } from './builders/local-table.ts';
import { wordOf } from './contents.ts';
import { type LoopContext, unsupported } from './context.ts';
import { leafExprs } from './leaves.ts';
import { allocColumns, type Growing, makeRoom, storeRow } from './memory.ts';
import { exprOf, isDictVal, isVecVal, type KVal, scalarVal, structVal, type VecVal } from './values.ts';

const one = lit('i32', 1);

/** Calls `body` with 0 .. n-1. */
function count(n: SExpr, cx: LoopContext, body: (k: Get) => void): void {
  const { kb } = cx;
  const k = kb.var(lit('i32', 0));
  kb.while(cmp('<', k, n), () => {
    body(k);
    kb.set(k, bin('+', k, one));
  });
}

// ---- writing -----------------------------------------------------------------------------------------------------

/** `serialize(v)`. */
export function serialize(t: Type, v: KVal, cx: LoopContext): KVal {
  const { kb } = cx;
  const fresh = (): Get => kb.var(lit('i32', 0));
  const out: Growing = { length: fresh(), capacity: fresh(), places: [fresh()] };
  write(t, v, out, cx);
  return { v: 'view', elem: U8, length: out.length, places: out.places };
}

function write(t: Type, v: KVal, out: Growing, cx: LoopContext): void {
  switch (t.kind) {
    case 'scalar':
      writeScalar(exprOf(v), out, cx);
      return;
    case 'struct':
      for (const [k, f] of t.fields.entries()) {
        const field = v.v === 'struct' ? v.fields[k] : undefined;
        write(f, field ?? unsupported('this struct', cx.origin), out, cx);
      }
      return;
    case 'vec':
      writeElements(t.elem, isVecVal(v) ? v : unsupported('this vector', cx.origin), out, cx);
      return;
    case 'dict': {
      const entries = toVec(isDictVal(v) ? v : unsupported('this dictionary', cx.origin), cx);
      if (isVecVal(entries)) writeElements(entries.elem, entries, out, cx);
      return;
    }
    default:
      unsupported('the bytes of this value', cx.origin);
  }
}

function writeElements(elem: Type, v: VecVal, out: Growing, cx: LoopContext): void {
  const n = lengthOf(v, cx);
  writeScalar(cast(n, 'i64'), out, cx);
  count(n, cx, (k) => write(elem, elementAt(v, k, cx), out, cx));
}

function writeScalar(e: SExpr, out: Growing, cx: LoopContext): void {
  const { kb } = cx;
  const size = lit('i32', scalarBytes(e.ty.kind));
  const next = kb.let(bin('+', out.length, size));
  makeRoom(U8, out, next, cx);
  const word = kb.var(wordOf(e));
  kb.while(cmp('<', out.length, next), () => {
    storeRow(U8, out.places, out.length, [cast(word, 'u8')], cx);
    kb.set(word, bin('>>', word, lit('u64', 8)));
    kb.set(out.length, bin('+', out.length, one));
  });
}

// ---- reading -----------------------------------------------------------------------------------------------------

/** `deserialize[t](bytes)`. */
export function deserialize(t: Type, bytes: KVal, cx: LoopContext): KVal {
  if (!isVecVal(bytes)) return unsupported(`deserialize of a ${bytes.v} inside a loop`, cx.origin);
  const reader = new Reader(bytes, cx);
  const value = reader.value(t);
  reader.end();
  return value;
}

class Reader {
  readonly #bytes: VecVal;
  readonly #cx: LoopContext;
  readonly #at: Get;
  readonly #length: SExpr;
  /** Elements without bytes so far. */
  readonly #units: Get;

  constructor(bytes: VecVal, cx: LoopContext) {
    this.#bytes = bytes;
    this.#cx = cx;
    this.#at = cx.kb.var(lit('i32', 0));
    this.#units = cx.kb.var(lit('i64', 0));
    this.#length = lengthOf(bytes, cx);
  }

  /** No byte is left over. */
  end(): void {
    this.#bad(cmp('!=', this.#at, this.#length));
  }

  value(t: Type): KVal {
    switch (t.kind) {
      case 'scalar':
        return scalarVal(this.#scalar(t.scalar));
      case 'struct':
        return structVal(t.fields.map((f) => this.value(f)));
      case 'vec':
        return this.#elements(t);
      case 'dict':
        return this.#entries(t);
      default:
        return unsupported('a value without bytes', this.#cx.origin);
    }
  }

  #bad(when: SExpr): void {
    this.#cx.fail('BadBytes', this.#cx.kb.let(when));
  }
  get #left(): SExpr {
    return bin('-', this.#length, this.#at);
  }

  #scalar(kind: ScalarKind): SExpr {
    const { kb } = this.#cx;
    const size = scalarBytes(kind);
    this.#bad(cmp('<', this.#left, lit('i32', size)));
    const word = kb.var(lit('u64', 0));
    count(lit('i32', size), this.#cx, (k) => {
      const byte = exprOf(elementAt(this.#bytes, kb.let(bin('+', this.#at, k)), this.#cx));
      kb.set(word, bin('|', word, bin('<<', cast(byte, 'u64'), cast(bin('<<', k, lit('i32', 3)), 'u64'))));
    });
    const bits: SExpr = word;
    kb.set(this.#at, bin('+', this.#at, lit('i32', size)));
    if (kind === 'bool') {
      this.#bad(cmp('>', bits, lit('u64', 1)));
      return kb.let(cmp('!=', bits, lit('u64', 0)));
    }
    if (!isFloatKind(kind)) return kb.let(cast(bits, kind));
    return kb.let(kind === 'f64' ? bitcast(bits, 'f64') : bitcast(cast(bits, 'u32'), 'f32'));
  }

  /** A length that the bytes left can have, when an element takes `least` bytes or more; i32. */
  #size(least: number): SExpr {
    const { kb } = this.#cx;
    const n = this.#scalar('i64');
    if (least > 0) {
      const most = bin('/', cast(this.#left, 'i64'), lit('i64', least));
      this.#bad(bin('|', cmp('<', n, lit('i64', 0)), cmp('>', n, most)));
    } else {
      this.#bad(cmp('<', n, lit('i64', 0)));
      const most = bin('-', lit('i64', MOST_UNITS), this.#units);
      this.#cx.fail('OutOfMemory', kb.let(cmp('>', n, most)));
      kb.set(this.#units, bin('+', this.#units, n));
    }
    return kb.let(cast(n, 'i32'));
  }

  #elements({ elem }: VecType): KVal {
    const cx = this.#cx;
    const length = this.#size(leastBytes(elem));
    const places = allocColumns(elem, length, cx);
    count(length, cx, (k) => storeRow(elem, places, k, leafExprs(this.value(elem), cx), cx));
    return { v: 'view', elem, length, places };
  }

  /** A key stands once. */
  #entries({ key, value }: DictType): KVal {
    const cx = this.#cx;
    const n = this.#size(leastBytes(key) + leastBytes(value));
    const table = tableBuilder(key, value, cx);
    count(n, cx, () => {
      const [k, v] = [this.value(key), this.value(value)];
      table.insert(leafExprs(k, cx), leafExprs(v, cx), () => this.#bad(lit('bool', true)));
    });
    return table.result();
  }
}

/** The bytes of the smallest value of a type. */
function leastBytes(t: Type): number {
  if (t.kind === 'scalar') return scalarBytes(t.scalar);
  return t.kind === 'struct' ? t.fields.reduce((sum, f) => sum + leastBytes(f), 0) : scalarBytes(I64.scalar);
}
