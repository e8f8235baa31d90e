/**
 * SIR kernel -> WGSL module: legalises, lays out, prints. The only public door of this target, with `layout.ts` for
 * the host's side of a launch.
 *
 * Runs on kernels before `passes/expand-math.ts` (math functions have f32 helpers here). Only the scalar body counts;
 * the grid takes the place of lanes.
 */

import type { MergeOp } from '../../core/types.ts';
import { invariant } from '../../diag/diagnostic.ts';
import type { Kernel } from '../../sir/kernel.ts';
import { printLoad, printMerge, printStore } from './access.ts';
import { type Entry, fitsWorkgroup, printEntries, workgroupBytes } from './entries.ts';
import { DEFAULT_WORKGROUP_SIZE, LIMITS, type Refusal, refuse } from './info.ts';
import { type Layout, layoutOf, type StateLayout } from './layout.ts';
import { legalize } from './legalize.ts';
import { createModule, FIXED_NAMES, type ModuleContext } from './module.ts';
import { createNamer } from './names.ts';
import { POLYFILL_NAMES } from './polyfill.ts';
import { createWriter, type Writer } from './writer.ts';

export interface WgslOptions {
  /** What to do with f64: keep the kernel off the GPU, or compute and store it as f32. */
  readonly f64: 'refuse' | 'f32';
  /** Invocations of a workgroup: a power of two from 1 to 256, 64 if not given. */
  readonly workgroupSize?: number;
  /** Storage bindings that the device has, 8 if not given. */
  readonly storageBuffers?: number;
}

/** A module with all that a host must know to launch it; see `layout.ts` and `entries.ts`. */
export interface WgslModule {
  readonly ok: true;
  readonly code: string;
  /** Group 0, the same for all entries. */
  readonly bindings: Layout['bindings'];
  readonly buffers: Layout['buffers'];
  readonly params: Layout['params'];
  readonly state: StateLayout | null;
  readonly entries: readonly Entry[];
  readonly workgroupSize: number;
  /** Consecutive rows of an invocation, for `gridOf`. */
  readonly rowsPerStep: 1 | 2 | 4;
  /** How results may differ from the CPU's. */
  readonly notes: readonly string[];
}

/** Prints `kernel` as a WGSL module, or says why it cannot run on the GPU. */
export function emitWgsl(kernel: Kernel, options: WgslOptions): WgslModule | Refusal {
  const size = options.workgroupSize ?? DEFAULT_WORKGROUP_SIZE;
  const sizeFits = size >= 1 && size <= LIMITS.workgroupSize && Number.isInteger(Math.log2(size));
  invariant(
    sizeFits,
    () => `wgsl: a workgroup size of ${size} is not a power of two from 1 to ${LIMITS.workgroupSize}`,
  );
  const legal = legalize(kernel, options.f64);
  if (!legal.ok) return legal;
  const names = createNamer([...POLYFILL_NAMES, ...FIXED_NAMES]);
  const { roles, rowsPerStep } = legal.sharing;
  const layout = layoutOf(legal.kernel, roles, names, options.storageBuffers ?? LIMITS.storageBuffers);
  if (!layout.ok) return layout;
  const m = createModule(legal, layout, size, names);
  if (!fitsWorkgroup(m)) {
    return refuse('LIMIT_MEMORY', `kernel ${kernel.name} needs ${workgroupBytes(m)} bytes of workgroup memory`);
  }
  // Printed first, because the entries decide which helpers and accessors the module has.
  const running = createWriter();
  const entries = printEntries(running, m);
  const touching = createWriter();
  printAccessors(touching, m);
  const head = createWriter();
  printDeclarations(head, m);
  const helpers = m.helpers.code();
  const parts = [head.text(), helpers === '' ? '' : `${helpers}\n`, touching.text(), running.text()];
  return {
    ok: true,
    code: parts
      .map((p) => p.trim())
      .filter((p) => p !== '')
      .join('\n\n')
      .concat('\n'),
    bindings: layout.bindings,
    buffers: layout.buffers,
    params: layout.params,
    state: layout.state,
    entries,
    workgroupSize: size,
    rowsPerStep,
    notes: legal.notes,
  };
}

function printDeclarations(w: Writer, m: ModuleContext): void {
  w.block('struct Params', () => {
    for (const { name, type } of m.layout.params.fields) w.line(`${name}: ${type},`);
  });
  for (const b of m.layout.bindings) {
    const at = `@group(0) @binding(${b.binding})`;
    if (b.type === 'uniform') w.line(`${at} var<uniform> ${b.name}: Params;`);
    else w.line(`${at} var<storage, ${b.type === 'storage' ? 'read_write' : 'read'}> ${b.name}: array<${b.element}>;`);
  }
  const { state } = m.layout;
  if (state === null) return;
  w.line('// Places in the state, in words; before the cells is the first failing row of each code.');
  w.line(`const CELLS = ${state.cells}u;`);
  w.line(`const TOTALS = ${state.totals}u;`);
  w.line(`const GROUPS = ${state.groups}u;`);
  w.line(`const GROUP_WORDS = ${state.groupWords}u;`);
  w.line('fn fail_row(code: u32, row: i32) { atomicMin(&state[code], u32(row)); }');
}

function printAccessors(w: Writer, m: ModuleContext): void {
  for (const { what, buf, accessor } of m.accessors()) {
    if (what === 'load') printLoad(w, accessor, m.helpers);
    else if (what === 'store') printStore(w, accessor);
    else printMerge(w, accessor, tableOp(m, buf), m.helpers);
  }
}

function tableOp(m: ModuleContext, buf: number): MergeOp {
  const op = m.legal.sharing.merges.get(buf);
  invariant(op !== undefined, () => `wgsl: buffer ${buf} of kernel ${m.kernel.name} is no table`);
  return op;
}
