/** CSV files by a session: its threads, its memory. */

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { Session } from '../session.ts';
import { plainAllocator, type Table } from './column.ts';
import { readCsvTable } from './csv.ts';
import { cells } from './testing/tables.ts';

const folder = mkdtempSync(join(tmpdir(), 'weld-csv-'));
const sessions = [1, 3].map((threads) => new Session({ threads }));
afterAll(async () => {
  for (const session of sessions) await session.dispose();
  rmSync(folder, { recursive: true });
});

const ROWS = 2500;
const rowText = (n: number): string => {
  const price = n % 13 === 0 ? '' : (n / 100).toFixed(2);
  // A word at the end makes strings of what began as numbers.
  const late = n === ROWS - 1 ? 'none' : n;
  return `${n},${price},"name ""${n % 7}"", ${n % 3}",2020-01-0${1 + (n % 9)},${n % 2 === 0},${late}`;
};
const path = join(folder, 'rows.csv');
writeFileSync(path, `n,price,name,day,even,late\r\n${Array.from({ length: ROWS }, (_, n) => rowText(n)).join('\r\n')}`);

const shown = ({ names, columns, length }: Table): unknown => [
  length,
  names.map((name, k) => [name, columns[k]?.dtype, cells(columns[k])]),
];

it('are the same tables on any number of threads, in memory that goes back', async () => {
  const want = shown(await readCsvTable(path, { alloc: plainAllocator }));
  for (const session of sessions) {
    const before = session.heap.used;
    const table = await readCsvTable(path, { alloc: session.heap, machine: session.machine(), blockBytes: 100_000 });
    expect(shown(table)).toEqual(want);
    for (const { data, validity } of table.columns) {
      expect(session.heap.owner(data)).not.toBeNull();
      session.heap.free(data);
      if (validity !== null) session.heap.free(validity);
    }
    expect(session.heap.used).toBe(before);
  }
});

it('give their memory back when they are at fault', async () => {
  const [session] = sessions;
  const before = session?.heap.used;
  if (session === undefined) return;
  const options = { alloc: session.heap, machine: session.machine(), blockBytes: 100_000 };
  await expect(readCsvTable(path, { ...options, dtypes: { late: 'i64' } })).rejects.toThrow(
    'found "none", expected i64',
  );
  expect(session.heap.used).toBe(before);
  const open = `${'a,b\n'.repeat(30_000)}"x\n`;
  await expect(readCsvTable({ text: open }, options)).rejects.toThrow(
    "row 30000 (line 30001), column 'a': a quoted field begins here",
  );
  expect(session.heap.used).toBe(before);
});

it('stop when a signal fires', async () => {
  const [session] = sessions;
  if (session === undefined) return;
  const machine = session.machine(AbortSignal.abort());
  await expect(readCsvTable(path, { alloc: session.heap, machine })).rejects.toThrow('W6013');
});
