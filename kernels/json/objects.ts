/**
 * A line of NDJSON as fields: the definition, one byte after the other. `objects-machine.ts` does the same for lines without
 * surprises.
 *
 * A line is one object (RFC 8259). Its keys are columns, in order of first appearance; of a key that comes twice the last
 * value counts. A field is a stretch of the text: a string with its quotes, a number or a bool as written, a nested value as
 * its text, nothing for null.
 */

import { escapeLength, unescaped } from './unescape.ts';

/** Where a line is no object, and what should stand there. */
export interface JsonFault {
  readonly at: number;
  readonly expected: string;
}

/** The columns so far, by key. */
export class Keys {
  readonly names: string[] = [];
  readonly #columns = new Map<string, number>();

  /** The column of a key, a new one if it is not known. */
  columnOf(name: string): number {
    const known = this.#columns.get(name);
    if (known !== undefined) return known;
    this.#columns.set(name, this.names.length);
    return this.names.push(name) - 1;
  }
}

/** Takes a field: bytes [from, to) in a column. */
export type FieldSink = (column: number, from: number, to: number) => void;

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const [OPEN, CLOSE] = [0x7b, 0x7d];
const COMMA = 0x2c;
const COLON = 0x3a;

export const isJsonBlank = (byte: number | undefined): boolean => byte === 0x20 || byte === 0x09 || byte === 0x0d;

class Fault extends Error {
  readonly fault: JsonFault;
  constructor(at: number, expected: string) {
    super(expected);
    this.fault = { at, expected };
  }
}

/** Gives the fields of the object in bytes [start, end) to `field`; a fault if there is none. */
export function readObject(
  bytes: Uint8Array,
  start: number,
  end: number,
  keys: Keys,
  field: FieldSink,
): JsonFault | null {
  try {
    new LineReader(bytes, start, end).object(keys, field);
    return null;
  } catch (e) {
    if (e instanceof Fault) return e.fault;
    throw e;
  }
}

class LineReader {
  readonly #bytes: Uint8Array;
  readonly #end: number;
  #at: number;

  constructor(bytes: Uint8Array, start: number, end: number) {
    this.#bytes = bytes;
    this.#at = start;
    this.#end = end;
  }

  object(keys: Keys, field: FieldSink): void {
    this.#skipBlanks();
    this.#expect(OPEN, 'an object');
    this.#skipBlanks();
    if (this.#byte() === CLOSE) this.#at++;
    else {
      for (;;) {
        if (this.#byte() !== QUOTE) throw new Fault(this.#at, 'a key in quotes');
        const key = this.#string();
        const name = keyOf(this.#bytes, key.from + 1, key.to - 1);
        this.#skipBlanks();
        this.#expect(COLON, 'a colon');
        this.#skipBlanks();
        this.#value((from, to) => field(keys.columnOf(name), from, to));
        this.#skipBlanks();
        if (this.#byte() !== COMMA) break;
        this.#at++;
        this.#skipBlanks();
      }
      this.#expect(CLOSE, 'a comma or the end of the object');
    }
    this.#skipBlanks();
    if (this.#at < this.#end) throw new Fault(this.#at, 'the end of the line');
  }

  #value(take: (from: number, to: number) => void): void {
    const from = this.#at;
    const byte = this.#byte();
    if (byte === QUOTE) {
      const { to } = this.#string();
      take(from, to);
    } else if (byte === OPEN || byte === 0x5b) {
      this.#nested();
      take(from, this.#at);
    } else {
      const to = scalarEnd(this.#bytes, from, this.#end);
      if (to < 0) throw new Fault(from, 'a value');
      this.#at = to;
      // A field without bytes is null.
      take(from, byte === 0x6e ? from : to);
    }
  }

  /** Moves over a string; gives it with its quotes. */
  #string(): { readonly from: number; readonly to: number } {
    const bytes = this.#bytes;
    const from = this.#at;
    for (let at = from + 1; at < this.#end; ) {
      const byte = bytes[at] ?? 0;
      if (byte === QUOTE) {
        this.#at = at + 1;
        return { from, to: at + 1 };
      }
      if (byte < 0x20) throw new Fault(at, 'an escape instead of a control character');
      const length = byte === BACKSLASH ? escapeLength(bytes, at, this.#end) : 1;
      if (length === 0) throw new Fault(at, 'an escape that JSON has');
      at += length;
    }
    throw new Fault(from, 'a string that ends on its line');
  }

  /** Moves over a nested value, whose text stays as it is. */
  #nested(): void {
    const from = this.#at;
    let depth = 0;
    let isText = false;
    for (; this.#at < this.#end; this.#at++) {
      const byte = this.#byte();
      if (isText) {
        if (byte === BACKSLASH) this.#at++;
        else if (byte === QUOTE) isText = false;
      } else if (byte === QUOTE) isText = true;
      else if (byte === OPEN || byte === 0x5b) depth++;
      else if (byte === CLOSE || byte === 0x5d) depth--;
      if (depth > 0) continue;
      this.#at++;
      if (isJson(textOf(this.#bytes, from, this.#at))) return;
      break;
    }
    throw new Fault(from, 'a nested value that is JSON');
  }

  #byte(): number | undefined {
    return this.#at < this.#end ? this.#bytes[this.#at] : undefined;
  }
  #expect(byte: number, what: string): void {
    if (this.#byte() !== byte) throw new Fault(this.#at, what);
    this.#at++;
  }
  #skipBlanks(): void {
    while (isJsonBlank(this.#byte())) this.#at++;
  }
}

/** Short ASCII text is had sooner without a decoder. */
function textOf(bytes: Uint8Array, from: number, to: number): string {
  let text = '';
  for (let at = from; at < to && to - from < 64; at++) {
    const byte = bytes[at] ?? 0;
    if (byte > 0x7f) break;
    text += String.fromCharCode(byte);
  }
  return text.length === to - from ? text : new TextDecoder().decode(bytes.slice(from, to));
}

function keyOf(bytes: Uint8Array, from: number, to: number): string {
  const text = textOf(bytes, from, to);
  return text.includes('\\') ? new TextDecoder().decode(unescaped(bytes, from, to)) : text;
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

const SCALAR = /(?:true|false|null|-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?)/y;

/** Where a number, a bool or null ends that begins at `from`; -1 if none does. */
function scalarEnd(bytes: Uint8Array, from: number, end: number): number {
  let to = from;
  while (to < end && !isJsonBlank(bytes[to]) && bytes[to] !== COMMA && bytes[to] !== CLOSE) to++;
  const text = textOf(bytes, from, to);
  SCALAR.lastIndex = 0;
  return SCALAR.exec(text)?.[0].length === text.length && text.length > 0 ? to : -1;
}
