/** Runs `weldc` in this process on programs given as text, with captured output. */

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough, Readable } from 'node:stream';
import { main } from '../cli/main.ts';

export interface Answer {
  readonly status: number;
  readonly out: string;
  readonly err: string;
  /** Both, in the order in which they were written. */
  readonly all: string;
}

export interface Weldc {
  /** Writes a file into a temporary folder; command lines may name it. Gives the name. */
  file(name: string, content: string | Uint8Array): string;
  run(argv: readonly string[], options?: { stdin?: string; env?: Readonly<Record<string, string>> }): Promise<Answer>;
  /** Where a file of that name is, or would be. */
  path(name: string): string;
  /** Removes the files. */
  clean(): void;
}

export function weldc(): Weldc {
  const folder = mkdtempSync(join(tmpdir(), 'weldc-'));
  const names = new Set<string>();
  return {
    file(name, content) {
      writeFileSync(join(folder, name), content);
      names.add(name);
      return name;
    },
    async run(argv, { stdin, env = {} } = {}) {
      let [out, err, all] = ['', '', ''];
      const status = await main(
        argv.map((word) => (names.has(word) ? join(folder, word) : word)),
        {
          out: (text) => {
            out += text;
            all += text;
          },
          err: (text) => {
            err += text;
            all += text;
          },
          stdin: () => stdin ?? '',
          console: () => ({ input: Readable.from([stdin ?? '']), output: new PassThrough(), terminal: false }),
          env,
        },
      );
      // Paths are not the same on two machines.
      const plain = (text: string): string => text.replaceAll(`${folder}/`, '');
      return { status, out: plain(out), err: plain(err), all: plain(all) };
    },
    path: (name) => join(folder, name),
    clean: () => rmSync(folder, { recursive: true }),
  };
}
