/**
 * Reading a file of NDJSON: 800,000 requests to a server, 170 MB. Each implementation finds out keys and types by itself.
 *
 *     id        whole numbers, counting                   status   whole numbers
 *     at        times to the millisecond                  ms       two places; one of twenty lines lacks the key
 *     host      40 strings                                ok       true and false
 *     user      up to a fifth of the lines                message  hardly ever the same, one of ten with escapes
 *     path      500 strings                               tags     lists of one to three strings
 *
 * The answer is every column as numbers: of texts, and of lists as JSON text, the number of each in order of first
 * appearance, and their lengths.
 */

import { readNdjsonTable } from '../../runtime/index.ts';
import type { Leaf } from '../workloads/near.ts';
import type { Random } from '../workloads/random.ts';
import type { Workload } from '../workloads/workload.ts';
import { Codes, leavesOfColumn, linesFile, two } from './text-files.ts';

const WORDS = 'the cache was cold so a slow copy of data went out over the wire twice while we waited for it'.split(
  ' ',
);
const ODD_WORDS = ['"quoted"', 'C:\\data', 'line\nline', 'naïve', 'Straße', '漢字'];
const TAGS = ['web', 'api', 'batch', 'mobile', 'retry'];
const LF = 0x0a;

export const readNdjson: Workload = {
  name: 'read_ndjson',
  about: 'read a file of JSON objects, one a line, of ten keys: numbers, texts that repeat and that do not, lists',
  unit: 'lines',
  rows: 800_000,
  reader: async (path, session) => {
    const { columns } = await readNdjsonTable(path, { alloc: session.heap, machine: session.machine() });
    return {
      leaves: () => columns.flatMap(leavesOfColumn),
      memory: () => columns.flatMap(({ data, validity }) => (validity === null ? [data] : [data, validity])),
    };
  },
  handFused: { loops: 0, why: 'a reader is no loop of a program' },
  make: (rows, random) => {
    const bytes = linesFile('', rows, (row) => requestLine(row, rows, random));
    return { inputs: [bytes], js: () => parseLines(bytes, rows), near: new Array(16).fill('exact') };
  },
};

function requestLine(row: number, rows: number, random: Random): string {
  const day = `20${two(random.whole(10, 24))}-${two(random.whole(1, 12))}-${two(random.whole(1, 28))}`;
  const clock = `${two(random.whole(0, 23))}:${two(random.whole(0, 59))}:${two(random.whole(0, 59))}`;
  const word = (from: readonly string[]): string => from[random.whole(0, from.length - 1)] ?? '';
  const words = Array.from({ length: 7 }, () => word(random.chance(0.03) ? ODD_WORDS : WORDS));
  const request = {
    id: row,
    at: `${day}T${clock}.${String(random.whole(0, 999)).padStart(3, '0')}Z`,
    host: `server-${random.whole(0, 39)}.example.org`,
    user: `user-${random.whole(0, rows / 5).toString(36)}`,
    path: `/articles/${random.whole(0, 499)}`,
    status: random.chance(0.9) ? 200 : random.whole(400, 504),
    ms: random.chance(0.05) ? undefined : random.whole(0, 1_000_000) / 100,
    ok: random.chance(0.9),
    message: words.join(' '),
    tags: Array.from({ length: random.whole(1, 3) }, () => word(TAGS)),
  };
  return `${JSON.stringify(request)}\n`;
}

interface Request {
  readonly id: number;
  readonly status: number;
  readonly ms?: number;
  readonly ok: boolean;
  readonly at: string;
  readonly host: string;
  readonly user: string;
  readonly path: string;
  readonly message: string;
  readonly tags: readonly string[];
}
const TEXTS = ['at', 'host', 'user', 'path', 'message'] as const;

/** The plain loop: each line by JSON.parse, and its values in columns. */
function parseLines(bytes: Uint8Array, rows: number): readonly Leaf[] {
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const [id, status, ms] = [new Float64Array(rows), new Float64Array(rows), new Float64Array(rows)];
  const ok = new Uint8Array(rows);
  const strings = TEXTS.map(() => new Codes(rows));
  const tags = new Codes(rows);
  let at = 0;
  for (let row = 0; row < rows; row++) {
    const end = text.indexOf(LF, at);
    const request: Request = JSON.parse(text.toString('utf8', at, end));
    at = end + 1;
    id[row] = request.id;
    status[row] = request.status;
    ms[row] = request.ms ?? Number.NaN;
    ok[row] = request.ok ? 1 : 0;
    for (const [k, key] of TEXTS.entries()) strings[k]?.add(row, request[key]);
    tags.add(row, JSON.stringify(request.tags));
  }
  const leaves = (s: readonly Codes[]): readonly Leaf[] => s.flatMap(({ codes, lengths }) => [codes, lengths]);
  return [id, ...leaves(strings.slice(0, 4)), status, ms, ok, ...leaves(strings.slice(4)), ...leaves([tags])];
}
