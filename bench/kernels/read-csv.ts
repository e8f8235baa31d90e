/**
 * Reading a CSV file: two million orders, 215 MB. Each implementation finds out the types of the columns by itself, but for
 * the JavaScript loop, which is written for them.
 *
 *     id           whole numbers, counting         sku        500 articles of three sizes, quoted where commas are in them
 *     day, at      dates and timestamps            quantity   whole numbers
 *     city         40 strings                      price      two places, one of twenty missing
 *     customer     up to a fifth of the rows       score      up to 17 digits          paid   true and false
 *
 * The answer is every column as numbers: of strings the number of each in order of first appearance, and their lengths.
 */

import { readCsvTable } from '../../runtime/index.ts';
import type { Leaf } from '../workloads/near.ts';
import type { Random } from '../workloads/random.ts';
import type { Workload } from '../workloads/workload.ts';
import { Codes, leavesOfColumn, linesFile, two } from './text-files.ts';

const HEADER = 'id,day,at,city,customer,sku,quantity,price,score,paid\n';
const MICROS = 1000;

export const readCsv: Workload = {
  name: 'read_csv',
  about: 'read a CSV file of ten columns: numbers, dates, strings that repeat and that hardly do, quotes',
  unit: 'rows',
  rows: 2_000_000,
  reader: async (path, session) => {
    const { columns } = await readCsvTable(path, { alloc: session.heap, machine: session.machine() });
    return {
      leaves: () => columns.flatMap(leavesOfColumn),
      memory: () => columns.flatMap(({ data, validity }) => (validity === null ? [data] : [data, validity])),
    };
  },
  handFused: { loops: 0, why: 'a reader is no loop of a program' },
  make: (rows, random) => {
    const bytes = linesFile(HEADER, rows, (row) => orderLine(row, rows, random));
    return { inputs: [bytes], js: () => scanOrders(bytes, rows), near: new Array(13).fill('exact') };
  },
};

function orderLine(row: number, rows: number, random: Random): string {
  const day = `20${two(random.whole(10, 24))}-${two(random.whole(1, 12))}-${two(random.whole(1, 28))}`;
  const at = `${day}T${two(random.whole(0, 23))}:${two(random.whole(0, 59))}:${two(random.whole(0, 59))}`;
  const customer = `customer-${random
    .whole(0, rows / 5)
    .toString(36)
    .padStart(5, '0')}`;
  const item = `item ${random.whole(0, 499)}`;
  const sku = random.chance(0.25) ? `"${item}, ${random.chance(0.5) ? 'large' : '""small""'}"` : item;
  const price = random.chance(0.05) ? '' : (random.whole(0, 1_000_000) / 100).toFixed(2);
  // Of two words, for all the digits that a double has.
  const score = random.uniform(0, 1) + random.uniform(0, 2 ** -32);
  const city = `City ${random.whole(0, 39)}`;
  const fields = [row, day, at, city, customer, sku, random.whole(0, 999), price, score, random.chance(0.5)];
  return `${fields.join(',')}\n`;
}

/** The plain loop: byte by byte over the file, with the types that its columns have. */
function scanOrders(bytes: Uint8Array, rows: number): readonly Leaf[] {
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const numbers = Array.from({ length: 6 }, () => new Float64Array(rows));
  const [id, day, clock, quantity, price, score] = numbers as [Floats, Floats, Floats, Floats, Floats, Floats];
  const paid = new Uint8Array(rows);
  const strings = Array.from({ length: 3 }, () => new Codes(rows));
  let at = HEADER.length;
  let start = 0;
  let end = 0;
  let isQuoted = false;
  const next = (): void => {
    isQuoted = bytes[at] === 0x22;
    start = isQuoted ? at + 1 : at;
    if (isQuoted) {
      for (at++; bytes[at] !== 0x22 || bytes[at + 1] === 0x22; at++) if (bytes[at] === 0x22) at++;
      end = at++;
    } else {
      while (bytes[at] !== 0x2c && bytes[at] !== 0x0a) at++;
      end = at;
    }
    at++;
  };
  const whole = (from: number, to: number): number => {
    let n = 0;
    for (let i = from; i < to; i++) n = n * 10 + (bytes[i] as number) - 0x30;
    return n;
  };
  const float = (): number => (start === end ? Number.NaN : Number(text.toString('latin1', start, end)));
  const date = (): number =>
    Date.UTC(whole(start, start + 4), whole(start + 5, start + 7) - 1, whole(start + 8, start + 10));
  const string = (k: number, row: number): void => {
    const raw = text.toString('latin1', start, end);
    strings[k]?.add(row, isQuoted ? raw.replaceAll('""', '"') : raw);
  };
  for (let row = 0; row < rows; row++) {
    next();
    id[row] = whole(start, end);
    next();
    day[row] = date() * MICROS;
    next();
    const minutes = whole(start + 11, start + 13) * 60 + whole(start + 14, start + 16);
    clock[row] = (date() + (minutes * 60 + whole(start + 17, start + 19)) * 1000) * MICROS;
    for (let k = 0; k < 3; k++) {
      next();
      string(k, row);
    }
    next();
    quantity[row] = whole(start, end);
    next();
    price[row] = float();
    next();
    score[row] = float();
    next();
    paid[row] = bytes[start] === 0x74 ? 1 : 0;
  }
  return [id, day, clock, ...strings.flatMap((s) => [s.codes, s.lengths]), quantity, price, score, paid];
}

type Floats = Float64Array;
