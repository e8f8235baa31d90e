/** The files that `weldc` reads: the program, and the package it belongs to. */

import { existsSync, readFileSync } from 'node:fs';
import type { Source } from '../diag/render.ts';
import { UsageError } from './arguments.ts';

const REASONS: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such file',
  EISDIR: 'it is a directory, a file is needed',
  EACCES: 'permission is denied',
};

/** The program text; `-` is standard input. A byte order mark is no part of it. */
export function readSource(file: string, stdin: () => string): Source {
  try {
    const text = file === '-' ? stdin() : readFileSync(file, 'utf8');
    return { name: file === '-' ? '<stdin>' : file, text: text.replace(/^\uFEFF/, '') };
  } catch (e) {
    const code = e instanceof Error && 'code' in e ? String(e.code) : '';
    throw new UsageError(`cannot read ${file}: ${REASONS[code] ?? (code === '' ? String(e) : code)}`);
  }
}

/** The version of the package, whose package.json lies above this file, in the sources as in what is built. */
export function version(): string {
  for (const up of ['../../package.json', '../../../package.json']) {
    const path = new URL(up, import.meta.url);
    if (!existsSync(path)) continue;
    const found: unknown = JSON.parse(readFileSync(path, 'utf8'));
    if (typeof found === 'object' && found !== null && 'version' in found) return String(found.version);
  }
  return 'of an unknown version';
}
