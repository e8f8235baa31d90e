/**
 * Numbers as the WASM binary format writes them, and a buffer to write them to: LEB128 for integers (7 bits a byte,
 * the high bit set on all but the last), little-endian IEEE for floats, names and vectors with their length before
 * them.
 */

const ONE_BYTE: readonly (readonly number[])[] = Array.from({ length: 128 }, (_, v) => [v]);

/** The bytes of an unsigned 32-bit integer. */
export function unsigned(value: number): readonly number[] {
  let rest = value >>> 0;
  const short = ONE_BYTE[rest];
  if (short !== undefined) return short;
  const out: number[] = [];
  for (; rest > 0x7f; rest >>>= 7) out.push((rest & 0x7f) | 0x80);
  out.push(rest);
  return out;
}

/** The bytes of a signed 32-bit integer. */
export function signed(value: number): readonly number[] {
  const out: number[] = [];
  let rest = value | 0;
  // The last byte gives the sign back in its bit 6.
  for (; rest < -0x40 || rest > 0x3f; rest >>= 7) out.push((rest & 0x7f) | 0x80);
  out.push(rest & 0x7f);
  return out;
}

/** The bytes of a signed 64-bit integer. */
export function signedLong(value: bigint): readonly number[] {
  const out: number[] = [];
  let rest = BigInt.asIntN(64, value);
  for (; rest < -0x40n || rest > 0x3fn; rest >>= 7n) out.push(Number(rest & 0x7fn) | 0x80);
  out.push(Number(rest & 0x7fn));
  return out;
}

export const single = (value: number): Uint8Array => new Uint8Array(new Float32Array([value]).buffer);
export const double = (value: number): Uint8Array => new Uint8Array(new Float64Array([value]).buffer);

const FIRST_BYTES = 256;
const utf8 = new TextEncoder();

export class ByteWriter {
  #bytes = new Uint8Array(FIRST_BYTES);
  #length = 0;

  /** What was written, as a view that the next write may make stale. */
  get written(): Uint8Array {
    return this.#bytes.subarray(0, this.#length);
  }

  byte(value: number): void {
    if (this.#length === this.#bytes.length) this.#grow(1);
    this.#bytes[this.#length++] = value;
  }
  bytes(values: ArrayLike<number>): void {
    const { length } = values;
    if (this.#length + length > this.#bytes.length) this.#grow(length);
    this.#bytes.set(values, this.#length);
    this.#length += length;
  }
  /** An unsigned 32-bit integer. */
  u32(value: number): void {
    if (value < 0x80) this.byte(value);
    else this.bytes(unsigned(value));
  }
  /** A vector of bytes: the length, then the bytes. */
  sized(values: ArrayLike<number>): void {
    this.u32(values.length);
    this.bytes(values);
  }
  name(text: string): void {
    this.sized(utf8.encode(text));
  }

  #grow(more: number): void {
    const larger = new Uint8Array(Math.max(2 * this.#bytes.length, this.#length + more));
    larger.set(this.written);
    this.#bytes = larger;
  }
}
