/**
 * A text in pieces that begin with a row: what was read of a row that is not whole stands before the next block.
 *
 * There are two buffers, so that the next block is read from the file while rows of the last one are made. A block is read
 * behind a reserve, in which the begun row is put.
 */

import { fail } from '../../compiler/index.ts';
import type { ByteSource } from './source.ts';

/** Bytes of a buffer behind the text, which kernels read and where a line end may be put. */
export const TEXT_SLACK = 80;
const RESERVE = 1 << 12;
/** A row is not longer than this: places in a piece are i32. */
const MOST_ROW_BYTES = 2 ** 29;

/** A stretch of the text: bytes [from, to) of a buffer. */
export interface Piece {
  readonly bytes: Uint8Array;
  readonly from: number;
  readonly to: number;
  /** Does the text end here? */
  readonly last: boolean;
  /** Where bytes[from] stands in the source. */
  readonly offset: number;
}

export class TextPieces {
  readonly #source: ByteSource;
  readonly #blockBytes: number;
  readonly #buffer: (which: string, bytes: number) => Uint8Array;
  /** Where the block begins that is being read, and how long it is. */
  #at: number;
  #length = 0;
  #which = 0;
  #reserve = RESERVE;
  #coming: Promise<Uint8Array> | null = null;

  /** `buffer` gives the first or second buffer with room for so many bytes; what was in it is lost if it has to grow. */
  constructor(
    source: ByteSource,
    start: number,
    blockBytes: number,
    buffer: (which: string, bytes: number) => Uint8Array,
  ) {
    this.#source = source;
    this.#at = start;
    this.#blockBytes = blockBytes;
    this.#buffer = buffer;
  }

  /** The piece behind one whose rows were read up to `next`; the first one for null. Its buffers are used again. */
  async after(piece: Piece | null, next = 0): Promise<Piece> {
    this.#coming ??= this.#begin();
    const rest = piece === null ? new Uint8Array(0) : piece.bytes.subarray(next, piece.to);
    let bytes = await this.#coming;
    if (rest.length > this.#reserve) {
      if (rest.length > MOST_ROW_BYTES) {
        fail('W8002', `${this.#source.name}: a row has more than ${MOST_ROW_BYTES} bytes`, {
          help: 'a quote that is not closed makes one row of all that follows',
        });
      }
      const [begun, block] = [rest.slice(), bytes.slice(this.#reserve, this.#reserve + this.#length)];
      this.#reserve = 2 * rest.length;
      bytes = this.#bufferOf(this.#which);
      bytes.set(block, this.#reserve);
      bytes.set(begun, this.#reserve - begun.length);
    } else {
      bytes.set(rest, this.#reserve - rest.length);
    }
    const from = this.#reserve - rest.length;
    const to = this.#reserve + this.#length;
    const offset = this.#at - rest.length;
    this.#at += this.#length;
    this.#which = 1 - this.#which;
    const last = this.#at >= this.#source.byteLength;
    this.#coming = last ? null : this.#begin();
    return { bytes, from, to, last, offset };
  }

  /** Waits for what is being read: nothing is written to the buffers any more. */
  async end(): Promise<void> {
    await this.#coming?.catch(() => {});
    this.#coming = null;
  }

  #bufferOf(which: number): Uint8Array {
    const block = Math.min(this.#blockBytes, this.#source.byteLength);
    return this.#buffer(`text ${which}`, this.#reserve + block + TEXT_SLACK);
  }
  #begin(): Promise<Uint8Array> {
    const coming = this.#read();
    // Whoever asks for the piece is told; it may be that nobody does any more.
    coming.catch(() => {});
    return coming;
  }
  async #read(): Promise<Uint8Array> {
    const bytes = this.#bufferOf(this.#which);
    this.#length = Math.min(this.#blockBytes, this.#source.byteLength - this.#at);
    await this.#source.readInto(bytes.subarray(this.#reserve, this.#reserve + this.#length), this.#at);
    return bytes;
  }
}
