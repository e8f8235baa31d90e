/** Arrow keeps flags as bits, least significant first; we keep one byte each. */

/** Bytes that are not 0 become 1 bits; padded to the 8 bytes that Arrow likes buffers to be long. */
export function packBits(flags: ArrayLike<number | bigint>, length: number): Uint8Array {
  const bits = new Uint8Array(Math.ceil(length / 64) * 8);
  for (let i = 0; i < length; i++) {
    if (Number(flags[i] ?? 0) !== 0) bits[i >> 3] = (bits[i >> 3] ?? 0) | (1 << (i & 7));
  }
  return bits;
}

/** Writes `length` bits from bit `offset` on as bytes 0/1 to out[at...]. */
export function unpackBits(bits: Uint8Array, offset: number, length: number, out: Uint8Array, at: number): void {
  for (let i = 0; i < length; i++) {
    const bit = offset + i;
    out[at + i] = ((bits[bit >> 3] ?? 0) >> (bit & 7)) & 1;
  }
}
