/** The files that `weldc` reads and writes: programs, the package it belongs to, pages. */

import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import type { Source } from '../diag/render.ts';
import { UsageError } from './report.ts';

const REASONS: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such file',
  ENOTDIR: 'a part of the path is no directory',
  EISDIR: 'it is a directory, a file is needed',
  EACCES: 'permission is denied',
  EAGAIN: 'standard input is not ready to be read',
  ELOOP: 'its links go in a circle',
  ENAMETOOLONG: 'the name is too long',
  ERR_INVALID_ARG_VALUE: 'that is no name of a file',
  ERR_STRING_TOO_LONG: 'it is too large',
  ERR_FS_FILE_TOO_LARGE: 'it is too large',
  ERR_ENCODING_INVALID_ENCODED_DATA: 'it is no UTF-8 text',
};

/** The program text; `-` is standard input. A byte order mark is no part of it. */
export function readSource(file: string, stdin: () => string): Source {
  try {
    const text = file === '-' ? stdin() : decodeUtf8(readFileSync(file));
    return { name: file === '-' ? '<stdin>' : file, text: text.replace(/^\uFEFF/, '') };
  } catch (e) {
    throw new UsageError(`cannot read ${file}: ${reasonOf(e)}`);
  }
}

/** Writes a text, over a file of that name if there is one. */
export function writeText(file: string, text: string): void {
  try {
    writeFileSync(file, text);
  } catch (e) {
    throw new UsageError(`cannot write ${file}: ${reasonOf(e)}`);
  }
}

function reasonOf(e: unknown): string {
  const code = e instanceof Error && 'code' in e ? String(e.code) : '';
  return REASONS[code] ?? (code === '' ? String(e) : code);
}

/** Bytes as text. A picture is refused as such, and not character by character. */
export const decodeUtf8 = (bytes: Uint8Array): string => new TextDecoder('utf-8', { fatal: true }).decode(bytes);

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
