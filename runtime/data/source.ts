/**
 * Where readers get bytes: a file path, a `file:` or `http(s):` URL, or bytes already in memory.
 *
 * A source is read by range, so that a reader of two columns of a large file touches no more than those. Files are
 * opened through `node:fs`, loaded only when a path is given: the same module serves browsers, where URLs and bytes
 * work. Everything that can go wrong outside the bytes themselves is W8001, with what the system said.
 */

import { fail, suggest } from '../../compiler/index.ts';

export type SourceInput = string | URL | Uint8Array;

export interface ByteSource {
  /** How errors call it: the path, the URL, or `<bytes>`. */
  readonly name: string;
  readonly byteLength: number;
  /** A copy or view of bytes [start, end); the caller has checked them against `byteLength`. */
  read(start: number, end: number): Promise<Uint8Array>;
  /** Fills `to` with the bytes from `start` on, which are there. */
  readInto(to: Uint8Array, start: number): Promise<void>;
  close(): Promise<void>;
}

/** Opens a source; whoever opens it closes it. */
export async function openSource(input: SourceInput): Promise<ByteSource> {
  if (input instanceof Uint8Array) return bytesSource('<bytes>', input);
  if (typeof input === 'string' && /^(https?|file):\/\//.test(input)) return openSource(new URL(input));
  if (input instanceof URL && input.protocol !== 'file:') return fetchSource(input);
  if (typeof input !== 'string' && !(input instanceof URL)) {
    fail('W8006', `a source is a path, a URL or a Uint8Array, found ${nameOfValue(input)}`, {
      help: 'wrap an ArrayBuffer: new Uint8Array(buffer)',
    });
  }
  return openFile(input);
}

/** All bytes of a source, for formats that cannot be read by range. */
export async function readAll(input: SourceInput): Promise<{ name: string; bytes: Uint8Array }> {
  const source = await openSource(input);
  try {
    return {
      name: source.name,
      bytes: await source.read(0, source.byteLength),
    };
  } finally {
    await source.close();
  }
}

/** Bytes in memory. */
export function bytesSource(name: string, bytes: Uint8Array): ByteSource {
  return {
    name,
    byteLength: bytes.length,
    read: async (start, end) => bytes.subarray(start, end),
    readInto: async (to, start) => to.set(bytes.subarray(start, start + to.length)),
    close: async () => {},
  };
}

async function fetchSource(url: URL): Promise<ByteSource> {
  const name = url.href;
  if (url.protocol !== 'http:' && url.protocol !== 'https:') {
    fail('W8001', `cannot read '${name}': found the scheme '${url.protocol}', expected file:, http: or https:`);
  }
  const response = await fetch(url).catch((error: unknown) =>
    fail('W8001', `cannot read '${name}': the request failed`, {
      notes: [messageOf(error)],
    }),
  );
  if (!response.ok) fail('W8001', `cannot read '${name}': the server answered ${response.status}`);
  return bytesSource(name, new Uint8Array(await response.arrayBuffer()));
}

async function openFile(path: string | URL): Promise<ByteSource> {
  const fs = await import('node:fs/promises');
  const name = path instanceof URL ? decodeURIComponent(path.pathname) : path;
  const handle = await fs.open(path, 'r').catch((error: unknown) => failToOpen(name, error));
  try {
    const stat = await handle.stat();
    if (!stat.isFile()) {
      fail(
        'W8001',
        `cannot read '${name}': found a ${stat.isDirectory() ? 'directory' : 'special file'}, expected a file`,
      );
    }
    return {
      name,
      byteLength: stat.size,
      read: async (start, end) => {
        const bytes = new Uint8Array(end - start);
        await readInto(bytes, start);
        return bytes;
      },
      readInto,
      close: () => handle.close(),
    };
  } catch (error) {
    await handle.close();
    throw error;
  }

  async function readInto(to: Uint8Array, start: number): Promise<void> {
    // One read may return less than asked for, and at most 2 GiB.
    for (let done = 0; done < to.length; ) {
      const { bytesRead } = await handle.read(to, done, Math.min(to.length - done, 2 ** 30), start + done);
      if (bytesRead === 0) fail('W8001', `cannot read '${name}': it became shorter while it was read`);
      done += bytesRead;
    }
  }
}

async function failToOpen(name: string, error: unknown): Promise<never> {
  const reason = REASONS[codeOf(error)] ?? messageOf(error);
  const help = codeOf(error) === 'ENOENT' ? await helpForMissing(name) : null;
  return fail('W8001', `cannot read '${name}': ${reason}`, { help });
}

const REASONS: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such file',
  EACCES: 'permission denied',
  EISDIR: 'found a directory, expected a file',
  ENOTDIR: 'a part of the path is not a directory',
};

/** A file of a similar name in the same directory, else where we looked. */
async function helpForMissing(name: string): Promise<string> {
  const [fs, paths] = await Promise.all([import('node:fs/promises'), import('node:path')]);
  const full = paths.resolve(name);
  const siblings = await fs.readdir(paths.dirname(full)).catch(() => null);
  if (siblings === null) return `there is no directory ${paths.dirname(full)} either`;
  const near = suggest(paths.basename(full), siblings);
  return near === null ? `looked for ${full}` : `did you mean '${paths.join(paths.dirname(name), near)}'?`;
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : '';
}

function nameOfValue(x: unknown): string {
  return typeof x === 'object' && x !== null ? `an object (${x.constructor?.name ?? 'without a class'})` : String(x);
}

/** The message of whatever was thrown. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
