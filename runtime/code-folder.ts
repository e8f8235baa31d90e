/**
 * Compiled programs in a folder, for the next process: a file an entry, named by a hash of what it was compiled from.
 *
 *     32 bytes   SHA-256 of the rest
 *      4 bytes   length of the plan, little-endian
 *                the plan as JSON, then the WASM module
 *
 * An entry that is damaged counts as absent and is written anew. Entries are written under another name and then
 * renamed, so that processes can share a folder. Nothing is ever removed. Whoever can write to the folder can run code
 * in the memory of sessions that use it: the hashes find damage, not malice.
 */

import { createHash, randomUUID } from 'node:crypto';
import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { decodePlan, encodePlan, fail, type Plan, WeldError } from '../compiler/index.ts';

/** A compiled program. */
export interface Code {
  readonly plan: Plan;
  readonly bytes: Uint8Array;
}

const HASH_BYTES = 32;
const HEAD_BYTES = HASH_BYTES + 4;

export class CodeFolder {
  readonly #folder: string;
  readonly #build: string;

  /** `build` names the code that compiles; entries of another build are other entries. W8006 for no folder. */
  constructor(folder: string, build: string = ownBuild()) {
    this.#folder = folder;
    this.#build = build;
    writing(folder, () => mkdirSync(folder, { recursive: true }));
  }

  /** What was compiled from `key`, or null. */
  read(key: string): Code | null {
    let entry: Uint8Array;
    try {
      entry = readFileSync(this.#file(key));
    } catch {
      return null;
    }
    const body = entry.subarray(HASH_BYTES);
    if (entry.length < HEAD_BYTES || !sha256(body).equals(entry.subarray(0, HASH_BYTES))) return null;
    const length = new DataView(entry.buffer, entry.byteOffset).getUint32(HASH_BYTES, true);
    const rest = entry.subarray(HEAD_BYTES);
    try {
      return {
        plan: decodePlan(new TextDecoder().decode(rest.subarray(0, length))),
        bytes: new Uint8Array(rest.subarray(length)),
      };
    } catch (e) {
      if (e instanceof WeldError) return null;
      throw e;
    }
  }

  /** Keeps what was compiled from `key`. W8006 when the folder cannot be written. */
  write(key: string, { plan, bytes }: Code): void {
    const text = new TextEncoder().encode(encodePlan(plan));
    const entry = new Uint8Array(HEAD_BYTES + text.length + bytes.length);
    new DataView(entry.buffer).setUint32(HASH_BYTES, text.length, true);
    entry.set(text, HEAD_BYTES);
    entry.set(bytes, HEAD_BYTES + text.length);
    entry.set(sha256(entry.subarray(HASH_BYTES)));
    const file = this.#file(key);
    const draft = `${file}.${randomUUID()}`;
    writing(this.#folder, () => {
      writeFileSync(draft, entry);
      renameSync(draft, file);
    });
  }

  #file(key: string): string {
    return join(this.#folder, `${sha256(`${this.#build}\n${key}`).toString('hex')}.weldcode`);
  }
}

const sha256 = (data: Uint8Array | string): Buffer => createHash('sha256').update(data).digest();

/** The file that this code is in. What is published names its other files by their content, so it tells builds apart. */
const ownBuild = (): string => sha256(readFileSync(fileURLToPath(import.meta.url))).toString('hex');

function writing(folder: string, write: () => void): void {
  try {
    write();
  } catch (e) {
    const code = e instanceof Error && 'code' in e ? String(e.code) : String(e);
    fail('W8006', `cannot write to the cache folder ${folder}: ${code}`, { help: 'name a folder to write to' });
  }
}
