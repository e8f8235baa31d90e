/** Runs `weldc` in this process on programs given as text, with captured output. */

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { main } from '../cli/main.ts';

export interface Answer {
  readonly status: number;
  readonly out: string;
  readonly err: string;
}

export interface Weldc {
  /** Writes a file into a temporary folder; command lines may name it. Gives the name. */
  file(name: string, text: string): string;
  run(argv: readonly string[], options?: { stdin?: string; env?: Readonly<Record<string, string>> }): Promise<Answer>;
  /** Removes the files. */
  clean(): void;
}

export function weldc(): Weldc {
  const folder = mkdtempSync(join(tmpdir(), 'weldc-'));
  const names = new Set<string>();
  return {
    file(name, text) {
      writeFileSync(join(folder, name), text);
      names.add(name);
      return name;
    },
    async run(argv, { stdin, env = {} } = {}) {
      let [out, err] = ['', ''];
      const status = await main(
        argv.map((word) => (names.has(word) ? join(folder, word) : word)),
        {
          out: (text) => {
            out += text;
          },
          err: (text) => {
            err += text;
          },
          stdin: () => stdin ?? '',
          env,
        },
      );
      // Paths are not the same on two machines.
      const plain = (text: string): string => text.replaceAll(`${folder}/`, '');
      return { status, out: plain(out), err: plain(err) };
    },
    clean: () => rmSync(folder, { recursive: true }),
  };
}
