/**
 * What the printers of one module share: the legal kernel, its layout, and the names and helpers given out so far.
 */

import type { MergeOp } from '../../core/types.ts';
import { InternalError } from '../../diag/diagnostic.ts';
import { INT_RANGE } from '../../sir/int-range.ts';
import type { Kernel, Reg } from '../../sir/kernel.ts';
import type { Accessor } from './access.ts';
import type { ExprContext } from './expr.ts';
import { type DeviceKind, deviceKind, KINDS } from './info.ts';
import type { Layout } from './layout.ts';
import type { LegalKernel } from './legalize.ts';
import type { Namer } from './names.ts';
import { literal } from './ops.ts';
import { createPolyfilled, type Polyfilled } from './polyfill.ts';

/** Names of module scope that the printers use as they are; everything else comes from the namer. */
export const FIXED_NAMES = [
  'Params',
  'params',
  'state',
  'inputs',
  'outputs',
  'CELLS',
  'TOTALS',
  'GROUPS',
  'GROUP_WORDS',
  'each_row',
  'count_row',
  'fail_row',
  'start_cells',
  'reduce_group',
  'put_cells',
  'add_cells',
  'exclusive_scan',
  'scan_cells',
  'TWO_OVER_PI',
] as const;

/** A declared reduction: its accumulator, and the array that a workgroup reduces it in. */
export interface Cell {
  readonly acc: string;
  readonly shared: string;
  readonly kind: DeviceKind;
  readonly op: MergeOp;
}
/** A cursor: rows pushed, the place of the next push, and the place that a workgroup has reached. */
export interface Cursor {
  readonly pushed: string;
  readonly at: string;
  readonly next: string;
}

export type Access = 'load' | 'store' | 'merge';
export interface UsedAccessor {
  readonly what: Access;
  readonly buf: number;
  readonly accessor: Accessor;
}

export interface ModuleContext {
  readonly kernel: Kernel;
  readonly legal: LegalKernel;
  readonly layout: Layout;
  readonly size: number;
  readonly names: Namer;
  readonly helpers: Polyfilled;
  readonly expr: ExprContext;
  readonly cells: readonly Cell[];
  readonly cursors: readonly Cursor[];
  /** The accessor of a buffer; what has been asked for is printed. */
  readonly accessor: (what: Access, buf: number) => Accessor;
  readonly accessors: () => readonly UsedAccessor[];
}

export function createModule(legal: LegalKernel, layout: Layout, size: number, names: Namer): ModuleContext {
  const { kernel } = legal;
  const helpers = createPolyfilled();
  const regs = new Map<Reg, string>([[kernel.index, 'row']]);
  for (const { name, source } of layout.params.fields) {
    const scalar = source.of === 'scalar' ? kernel.scalars[source.scalar] : undefined;
    if (scalar !== undefined)
      regs.set(scalar.reg, scalar.kind === 'bool' ? `(params.${name} != 0u)` : `params.${name}`);
  }
  const used = new Map<string, UsedAccessor>();
  return {
    kernel,
    legal,
    layout,
    size,
    names,
    helpers,
    expr: { reg: (reg) => regs.get(reg) ?? `v${reg}`, helpers },
    cells: kernel.reductions.map((r) => ({
      acc: names.fresh(`acc_${r.name}`),
      shared: names.fresh(`shared_${r.name}`),
      kind: deviceKind(r.kind),
      op: r.op,
    })),
    cursors: Array.from({ length: kernel.cursors }, (_, c) => ({
      pushed: names.fresh(`pushed_${c}`),
      at: names.fresh(`cursor_${c}`),
      next: names.fresh(`next_${c}`),
    })),
    accessor: (what, buf) => {
      const key = `${what} ${buf}`;
      const known = used.get(key);
      if (known !== undefined) return known.accessor;
      const place = layout.buffers[buf];
      const param = kernel.bufs[buf];
      if (place === undefined || param === undefined) throw new InternalError(`wgsl: no buffer ${buf}`);
      const accessor = { fn: names.fresh(`${what}_${param.name}`), place };
      used.set(key, { what, accessor, buf });
      return accessor;
    },
    accessors: () => [...used.values()],
  };
}

/** The identity of a reduction. */
export function identityText(cell: Cell, helpers: Polyfilled): string {
  const { kind, op } = cell;
  return literal(kind, identity(op, kind), helpers).code;
}

function identity(op: MergeOp, kind: DeviceKind): number | bigint {
  const big = KINDS[kind].type === 'vec2<u32>';
  // -0 is the identity of float sums: 0 + -0 would lose the sign.
  if (op === '+') return big ? 0n : kind === 'f32' ? -0 : 0;
  if (op === '*') return big ? 1n : 1;
  if (kind === 'f32') return op === 'min' ? Infinity : -Infinity;
  const range = INT_RANGE[kind];
  if (range === undefined) throw new InternalError(`wgsl: no identity of ${op} on ${kind}`);
  const end = op === 'min' ? range[1] : range[0];
  return big ? end : Number(end);
}
