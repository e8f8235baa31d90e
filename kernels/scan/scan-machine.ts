/**
 * The machine form of scans: every block comes to something by itself, the host joins these, and every block is joined
 * again behind what is before it. Two readings of the column, one writing.
 */

import type { ScalarKind, ScalarValue } from '../../compiler/index.ts';
import { bin, cmp, type Get, type Kernel, KernelBuilder, lit, type SExpr, sel } from '../../compiler/kernels.ts';
import { columnOf, vector, vectorOf } from '../column.ts';
import { type MachineForm, once } from '../machine.ts';
import { BLOCK, joiner, SCANS, type ScanName } from './scan.ts';

export const scanMachine =
  (name: ScanName): MachineForm =>
  async ([v], m) => {
    const { kind, cells, length } = columnOf(v);
    const join = joiner(name, kind);
    const blocks = Math.ceil(length / BLOCK);
    const rowsPerPart = Math.max(1, Math.ceil(blocks / (m.threads * 4)));
    const wholes = m.alloc.alloc(kind, blocks);
    // Nobody asks what the last block comes to.
    await m.launch(blockWholes(name, kind), { rows: Math.max(blocks - 1, 0), rowsPerPart, bufs: [cells, wholes] });
    // Nothing is before the first block; its zero is not looked at.
    const starts: ScalarValue[] = [];
    for (let block = 0; block < blocks; block++) {
      const [before, own] = [starts[block - 1], wholes[block - 1] ?? 0];
      starts.push(block === 0 ? 0 : block === 1 || before === undefined ? own : join(before, own));
    }
    const before = vectorOf(
      kind,
      starts.map((s) => (typeof s === 'boolean' ? 0 : s)),
      m.alloc,
    ).cols[0];
    const to = m.alloc.alloc(kind, length);
    const bufs = before === undefined ? [] : [cells, before, to];
    await m.launch(scanBlocks(name, kind), { rows: blocks, rowsPerPart, bufs, scalars: [length] });
    return vector(kind, to);
  };

const ONE = lit('i32', 1);

/** Joins the elements of a block one after the other; `each` gets every prefix with its row. The block is not empty. */
function overBlock(
  k: KernelBuilder,
  name: ScanName,
  column: number,
  end: SExpr,
  each: (own: Get, row: Get) => void,
): Get {
  const first = k.let(bin('*', k.index, lit('i32', BLOCK)));
  const own = k.var(k.load(column, first));
  const row = k.var(first);
  each(own, row);
  k.set(row, bin('+', row, ONE));
  k.while(cmp('<', row, end), () => {
    k.set(own, bin(SCANS[name], own, k.load(column, row)));
    each(own, row);
    k.set(row, bin('+', row, ONE));
  });
  return own;
}

/** wholes[block] = what the elements of a full block come to. */
const blockWholes = once((name: ScanName, kind: ScalarKind): Kernel => {
  const k = KernelBuilder.packed(`${name}_blocks_${kind}`);
  const [column, wholes] = [k.buf('column', kind, 'read'), k.buf('wholes', kind, 'write')];
  const end = k.let(bin('*', bin('+', k.index, ONE), lit('i32', BLOCK)));
  k.store(
    wholes,
    k.index,
    overBlock(k, name, column, end, () => {}),
  );
  return k.finish();
});

/** to[row] = before[block] op the prefix of its block; in the first block the prefix alone. */
const scanBlocks = once((name: ScanName, kind: ScalarKind): Kernel => {
  const k = KernelBuilder.packed(`${name}_${kind}`);
  const [column, before] = [k.buf('column', kind, 'read'), k.buf('before', kind, 'read')];
  const to = k.buf('to', kind, 'write');
  const length = k.scalar('length', 'i32');
  const start = k.load(before, k.index);
  const isFirst = k.let(cmp('==', k.index, lit('i32', 0)));
  const end = k.let(bin('min', bin('*', bin('+', k.index, ONE), lit('i32', BLOCK)), length));
  overBlock(k, name, column, end, (own, row) => {
    k.store(to, row, sel(isFirst, own, bin(SCANS[name], start, own)));
  });
  return k.finish();
});
