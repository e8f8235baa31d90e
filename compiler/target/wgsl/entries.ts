/**
 * Prints the entry points of a module and the functions that they share.
 *
 * A kernel without cursors has one entry over the rows, in grid stride. Where narrow values are stored, an invocation
 * owns the consecutive rows whose values share a word. A compacting kernel has three entries over contiguous runs of
 * `rows_per_group` rows a workgroup, walked in tiles of one row an invocation:
 *
 *     count   how many rows each workgroup pushes
 *     scan    one workgroup turns the counts into places, and leaves the totals
 *     write   in each tile counts again, scans the counts of the tile, and runs the body with known places
 *
 * so rows come out in the order of the input, whatever a row pushes. Reductions are kept by invocation, reduced by a
 * tree in the workgroup and left as one cell a workgroup; `combine` (one workgroup) reduces these. The shape of all
 * trees depends on n only. Barriers occur in uniform control flow only: rows are guarded, never returned from.
 */

import { KINDS, LIMITS, typeBytes } from './info.ts';
import { type Cell, identityText, type ModuleContext } from './module.ts';
import { binText, plain } from './ops.ts';
import { printRowFunction } from './stmt.ts';
import type { Writer } from './writer.ts';

/** One pipeline of a module; the host runs them in the order given. `grid`: as many workgroups as `groups` says. */
export interface Entry {
  readonly name: string;
  readonly role: 'rows' | 'count' | 'scan' | 'write' | 'combine';
  readonly groups: 'grid' | 'one';
}

const BUILTINS = '@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_index) lid: u32';

/** Bytes of workgroup memory that the module's entries take. */
export function workgroupBytes(m: ModuleContext): number {
  const cells = m.cells.reduce((sum, cell) => sum + typeBytes(KINDS[cell.kind].type), 0);
  return m.size * (cells + (m.cursors.length > 0 ? 4 : 0));
}
export const fitsWorkgroup = (m: ModuleContext): boolean => workgroupBytes(m) <= LIMITS.workgroupBytes;

/** Prints everything that runs; gives the entry points in the order of running. */
export function printEntries(w: Writer, m: ModuleContext): readonly Entry[] {
  const entries: Entry[] = [];
  const entry = (role: Entry['role'], groups: Entry['groups'], body: () => void): void => {
    const name = m.names.fresh(role === 'rows' ? m.kernel.name : `${m.kernel.name}_${role}`);
    entries.push({ name, role, groups });
    w.line();
    w.line(`@compute @workgroup_size(${m.size})`);
    w.block(`fn ${name}(${BUILTINS})`, body);
  };
  printReductionFunctions(w, m);
  const { counting, sharing } = m.legal;
  if (counting === null) {
    w.line();
    printRowFunction(w, 'each_row', sharing.body, 'writing', m);
    entry('rows', 'grid', () => printGridStride(w, m));
  } else {
    printScanFunction(w, m);
    w.line();
    printRowFunction(w, 'count_row', counting, 'counting', m);
    w.line();
    printRowFunction(w, 'each_row', sharing.body, 'writing', m);
    entry('count', 'grid', () => printCount(w, m));
    entry('scan', 'one', () => printScan(w, m));
    entry('write', 'grid', () => printWrite(w, m));
  }
  if (m.cells.length > 0) entry('combine', 'one', () => printCombine(w, m));
  return entries;
}

// ---- rows --------------------------------------------------------------------------------------------------------

function printGridStride(w: Writer, m: ModuleContext): void {
  const step = m.legal.sharing.rowsPerStep;
  if (m.cells.length > 0) w.line('start_cells();');
  const first = `group.x * ${m.size}u + lid`;
  if (step === 1) {
    w.block(`for (var row = ${first}; row < params.n; row += params.groups * ${m.size}u)`, () => {
      w.line('each_row(i32(row));');
    });
  } else {
    w.block(`for (var run = (${first}) * ${step}u; run < params.n; run += params.groups * ${m.size * step}u)`, () => {
      w.block(`for (var row = run; row < min(run + ${step}u, params.n); row++)`, () => w.line('each_row(i32(row));'));
    });
  }
  if (m.cells.length > 0) printGroupCells(w);
}

/** Leaves the cells of a workgroup in the state. */
function printGroupCells(w: Writer): void {
  w.line('reduce_group(lid);');
  w.line('if (lid == 0u) { put_cells(GROUPS + group.x * GROUP_WORDS); }');
}

// ---- compaction --------------------------------------------------------------------------------------------------

/** The word of the state that has a workgroup's count, then its first place. */
const countWord = (m: ModuleContext, group: string, cursor: number): string =>
  `GROUPS + ${group} * GROUP_WORDS + ${2 * m.cells.length + cursor}u`;

function printRun(w: Writer): void {
  w.line('let first = group.x * params.rows_per_group;');
  w.line('let end = min(first + params.rows_per_group, params.n);');
}

function printCount(w: Writer, m: ModuleContext): void {
  printRun(w);
  w.block(`for (var row = first + lid; row < end; row += ${m.size}u)`, () => w.line('count_row(i32(row));'));
  for (const [c, cursor] of m.cursors.entries()) {
    const total = `count_${c}`;
    w.line(`let ${total} = exclusive_scan(lid, ${cursor.pushed}).y;`);
    w.line(`if (lid == 0u) { atomicStore(&state[${countWord(m, 'group.x', c)}], ${total}); }`);
  }
}

function printScan(w: Writer, m: ModuleContext): void {
  for (const [c] of m.cursors.entries()) {
    const at = `state[${countWord(m, 'g', c)}]`;
    w.line(`var sum_${c} = 0u;`);
    w.block(`for (var tile = 0u; tile < params.groups; tile += ${m.size}u)`, () => {
      w.line('let g = tile + lid;');
      w.line('var count = 0u;');
      w.line(`if (g < params.groups) { count = atomicLoad(&${at}); }`);
      w.line('let place = exclusive_scan(lid, count);');
      w.line(`if (g < params.groups) { atomicStore(&${at}, sum_${c} + place.x); }`);
      w.line(`sum_${c} += place.y;`);
    });
    w.line(`if (lid == 0u) { atomicStore(&state[TOTALS + ${c}u], sum_${c}); }`);
  }
}

function printWrite(w: Writer, m: ModuleContext): void {
  printRun(w);
  if (m.cells.length > 0) w.line('start_cells();');
  for (const [c, { next }] of m.cursors.entries()) {
    w.line(`var ${next} = atomicLoad(&state[${countWord(m, 'group.x', c)}]);`);
  }
  w.block(`for (var tile = first; tile < end; tile += ${m.size}u)`, () => {
    w.line('let row = tile + lid;');
    for (const { pushed } of m.cursors) w.line(`${pushed} = 0u;`);
    w.line('if (row < end) { count_row(i32(row)); }');
    for (const { pushed, at, next } of m.cursors) {
      w.block('', () => {
        w.line(`let place = exclusive_scan(lid, ${pushed});`);
        w.line(`${at} = ${next} + place.x;`);
        w.line(`${next} += place.y;`);
      });
    }
    w.line('if (row < end) { each_row(i32(row)); }');
  });
  if (m.cells.length > 0) printGroupCells(w);
}

function printScanFunction(w: Writer, m: ModuleContext): void {
  w.line();
  for (const { pushed, at } of m.cursors) {
    w.line(`var<private> ${pushed}: u32;`);
    w.line(`var<private> ${at}: u32;`);
  }
  w.line(`var<workgroup> scan_cells: array<u32, ${m.size}>;`);
  w.line('// (sum of the values of lower invocations, sum of all). For uniform control flow.');
  w.block('fn exclusive_scan(lid: u32, value: u32) -> vec2<u32>', () => {
    w.line('scan_cells[lid] = value;');
    w.line('workgroupBarrier();');
    w.block(`for (var reach = 1u; reach < ${m.size}u; reach <<= 1u)`, () => {
      w.line('var below = 0u;');
      w.line('if (lid >= reach) { below = scan_cells[lid - reach]; }');
      w.line('workgroupBarrier();');
      w.line('scan_cells[lid] += below;');
      w.line('workgroupBarrier();');
    });
    w.line(`let sums = vec2<u32>(scan_cells[lid] - value, scan_cells[${m.size - 1}]);`);
    w.line('workgroupBarrier();');
    w.line('return sums;');
  });
}

// ---- reductions --------------------------------------------------------------------------------------------------

function printCombine(w: Writer, m: ModuleContext): void {
  w.line('start_cells();');
  w.block(`for (var g = lid; g < params.groups; g += ${m.size}u)`, () =>
    w.line('add_cells(GROUPS + g * GROUP_WORDS);'),
  );
  w.line('reduce_group(lid);');
  w.line('if (lid == 0u) { put_cells(CELLS); }');
}

/** The cells of an invocation, of a workgroup, and their way to and from the state. */
function printReductionFunctions(w: Writer, m: ModuleContext): void {
  if (m.cells.length === 0) return;
  const merge = (cell: Cell, a: string, b: string): string =>
    binText(cell.op, cell.kind, plain(a), plain(b), m.helpers).code;
  w.line();
  for (const { acc, shared, kind } of m.cells) {
    w.line(`var<private> ${acc}: ${KINDS[kind].type};`);
    w.line(`var<workgroup> ${shared}: array<${KINDS[kind].type}, ${m.size}>;`);
  }
  w.block('fn start_cells()', () => {
    for (const cell of m.cells) w.line(`${cell.acc} = ${identityText(cell, m.helpers)};`);
  });
  w.line('// Leaves the values of all invocations in element 0. For uniform control flow.');
  w.block('fn reduce_group(lid: u32)', () => {
    for (const { acc, shared } of m.cells) w.line(`${shared}[lid] = ${acc};`);
    w.line('workgroupBarrier();');
    w.block(`for (var half = ${m.size / 2}u; half > 0u; half >>= 1u)`, () => {
      w.block('if (lid < half)', () => {
        for (const cell of m.cells) {
          w.line(`${cell.shared}[lid] = ${merge(cell, `${cell.shared}[lid]`, `${cell.shared}[lid + half]`)};`);
        }
      });
      w.line('workgroupBarrier();');
    });
  });
  w.block('fn put_cells(at: u32)', () => {
    for (const [r, { shared, kind }] of m.cells.entries()) {
      for (const [word, value] of wordsOfCell(`${shared}[0]`, kind).entries()) {
        w.line(`atomicStore(&state[at + ${2 * r + word}u], ${value});`);
      }
    }
  });
  w.block('fn add_cells(at: u32)', () => {
    for (const [r, cell] of m.cells.entries()) {
      const value = cellFromWords(`atomicLoad(&state[at + ${2 * r}u])`, `atomicLoad(&state[at + ${2 * r + 1}u])`, cell);
      w.line(`${cell.acc} = ${merge(cell, cell.acc, value)};`);
    }
  });
}

function wordsOfCell(value: string, kind: Cell['kind']): readonly string[] {
  const { type } = KINDS[kind];
  if (type === 'vec2<u32>') return [`${value}.x`, `${value}.y`];
  return [type === 'u32' ? value : `bitcast<u32>(${value})`];
}

function cellFromWords(low: string, high: string, { kind }: Cell): string {
  const { type } = KINDS[kind];
  if (type === 'vec2<u32>') return `vec2<u32>(${low}, ${high})`;
  return type === 'u32' ? low : `bitcast<${type}>(${low})`;
}
