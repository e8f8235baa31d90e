/**
 * The lines of earlier sessions, in the file that WELD_HISTORY names; without it nothing is kept. A file that cannot
 * be read or written is said once, and the session goes on without it.
 */

import { appendFileSync, existsSync, readFileSync, writeFileSync } from 'node:fs';

/** The most lines that are kept from earlier sessions. */
const MOST_LINES = 1000;

export class History {
  /** The lines of earlier sessions, oldest first. */
  readonly lines: readonly string[];
  readonly #warn: (message: string) => void;
  #file: string | null;

  constructor(file: string | undefined, warn: (message: string) => void) {
    this.#warn = warn;
    this.#file = file === undefined || file === '' ? null : file;
    this.lines =
      this.#try((path) => {
        if (!existsSync(path)) return [];
        const all = readFileSync(path, 'utf8').split('\n').filter(isSomething);
        const last = all.slice(-MOST_LINES);
        if (last.length < all.length) writeFileSync(path, `${last.join('\n')}\n`, { mode: 0o600 });
        return last;
      }) ?? [];
  }

  /** Keeps a line. */
  add(line: string): void {
    if (isSomething(line)) this.#try((path) => appendFileSync(path, `${line}\n`, { mode: 0o600 }));
  }

  #try<T>(use: (path: string) => T): T | null {
    if (this.#file === null) return null;
    try {
      return use(this.#file);
    } catch (e) {
      const why = e instanceof Error && 'code' in e ? String(e.code) : String(e);
      this.#warn(`no history is kept: WELD_HISTORY is ${this.#file} (${why})`);
      this.#file = null;
      return null;
    }
  }
}

const isSomething = (line: string): boolean => line.trim() !== '';
