/**
 * Kernels to a WASM module. One function a kernel, exported under its name, by the launch ABI of `sir/kernel.ts`:
 *
 *     prologue                                   bases, scalars, cells and cursors to locals
 *     if (row <= end - lanes) {                  only with a wide body
 *       hoisted constants; lane accumulators := identity
 *       do { wide body; row += lanes } while (row <= end - lanes)      in batches where rows follow
 *       cells := cell op combined lanes
 *     }
 *     constants                                  only of a packed kernel
 *     if (row < end) do { body; row += 1 } while (row < end)
 *     epilogue                                   cells and cursors back; return 0
 *
 * The order of a reduction is part of its meaning: lane l takes rows l, l + lanes, ... of the wide loop in order, with
 * accumulators of its own for each copy of the body; copies, then lanes are combined in pairs, (0 op 1) op (2 op 3); the
 * cell comes first, cell op lanes; then the rest row by row.
 *
 * Memory is imported as `env.memory`, shared; library functions as `math.<name>` on f64.
 */

import { fail, invariant } from '../../diag/diagnostic.ts';
import { inPairs } from '../../sir/arith.ts';
import type { Kernel, RowPhase, Stmt, ValTy, Wide } from '../../sir/kernel.ts';
import { contract } from '../../sir/passes/contract.ts';
import { laneReductions, walkStmts } from '../../sir/shape.ts';
import { verifyKernel } from '../../sir/verify.ts';
import { scalarCast } from './cast.ts';
import { COMPACTION_TABLE, compacts } from './compact.ts';
import { encodeModule } from './encode/encode.ts';
import { finishExtreme, isExtreme, startExtreme } from './extremes.ts';
import { type Engine, Frame } from './frame.ts';
import type { LibraryName } from './info.ts';
import { identityOf, scalarTy } from './info.ts';
import { extract } from './lanes.ts';
import { END, PARAMS, ROW } from './launch.ts';
import { placeAt } from './memory.ts';
import { scalarBin } from './scalar.ts';
import type { Local, Ref, WasmSink } from './sink.ts';
import { buildModule, inspectModule, optimizeModule } from './sink-binaryen.ts';
import { emitStmts } from './stmt.ts';
import { litBytes, wideBin } from './wide.ts';

/** Pages of 64 KiB: 4 GiB, all that 32-bit addresses reach. */
export const MAX_PAGES = 65536;
/** 16 GiB, the most that engines give a 64-bit memory. */
export const MAX_PAGES_64 = 262_144;

/** Who writes the bytes: our encoder, or binaryen, which is large and slow to load and says more when something is wrong. */
export type SinkName = 'direct' | 'binaryen';

export interface WasmOptions {
  /** Default: `direct`. */
  readonly sink?: SinkName;
  /** Run binaryen's optimiser over the module. Loads binaryen. Default: false. */
  readonly optimize?: boolean;
  /** Also give the module as WASM text. Loads binaryen. */
  readonly text?: boolean;
  /** Use relaxed multiply-add in wide code: results then depend on the engine in their last bits. Default: false. */
  readonly relaxedMadd?: boolean;
  /** For a memory with 64-bit addresses. Default: false. */
  readonly memory64?: boolean;
  /** Verify the kernels before and validate the module after. Loads binaryen. */
  readonly check?: boolean;
}
export interface WasmModule {
  readonly bytes: Uint8Array;
  readonly text: string | null;
  /** Names that the module imports from `math`, sorted. */
  readonly imports: readonly string[];
}

/** Compiles kernels (with different names) to one WASM module. */
export async function compileWasm(kernels: readonly Kernel[], options: WasmOptions = {}): Promise<WasmModule> {
  const {
    sink = 'direct',
    optimize = false,
    text = false,
    check = false,
    relaxedMadd = false,
    memory64 = false,
  } = options;
  if (check) kernels.forEach(verifyKernel);
  const ready = relaxedMadd ? kernels.map(contract) : kernels;
  let imports: readonly string[] = [];
  const write = (to: WasmSink): void => {
    imports = emitModule(ready, to, { relaxedMadd, memory64 });
  };
  const written = sink === 'direct' ? encodeModule(write) : await buildModule(write);
  const bytes = optimize ? await optimizeModule(written) : written;
  if (!text && !check) return { bytes, text: null, imports };
  const found = await inspectModule(bytes);
  invariant(found.valid, () => `wasm: invalid code for ${kernels.map((k) => k.name).join(', ')}`);
  return { bytes, text: text ? found.text : null, imports };
}

/** Emits kernels to a sink; gives the library functions that they import. */
function emitModule(kernels: readonly Kernel[], sink: WasmSink, engine: Engine): readonly string[] {
  const names = new Set(kernels.map((k) => k.name));
  invariant(names.size === kernels.length, () => 'wasm: two kernels of one name in a module');
  sink.importMemory({
    module: 'env',
    name: 'memory',
    memory64: engine.memory64,
    maximumPages: engine.memory64 ? MAX_PAGES_64 : MAX_PAGES,
    data: kernels.some(compacts) ? [COMPACTION_TABLE] : [],
  });
  const imports = new Set<LibraryName>();
  for (const kernel of kernels) emitKernel(kernel, sink, imports, engine);
  const sorted = [...imports].sort();
  for (const name of sorted) {
    sink.importFunction('math', name, ['f64', 'f64'], 'f64');
  }
  return sorted;
}

/** What engines take in one function. */
const MOST_LOCALS = 50_000;

function emitKernel(kernel: Kernel, sink: WasmSink, imports: Set<LibraryName>, engine: Engine): void {
  const f = new Frame(sink, kernel, PARAMS.length, imports, engine);
  f.bind(kernel.index, ROW);
  const body = f.list(() => {
    f.state.load();
    if (kernel.wide !== null) emitWideLoop(f, kernel.wide);
    const rows = f.list(() => emitScalarLoop(f));
    for (const stmt of [...f.constants(), ...rows]) f.emit(stmt);
    f.state.store();
    f.emit(sink.ret(sink.i32(0)));
  });
  if (f.locals.length > MOST_LOCALS) {
    fail(
      'W5001',
      `generated code does not support a loop body of ${f.locals.length} values yet, the most is ${MOST_LOCALS}`,
      {
        help: 'make the loop in several steps, with a vector between them',
      },
    );
  }
  sink.addFunction({ name: kernel.name, params: PARAMS, result: 'i32', locals: f.locals, body });
}

function emitScalarLoop(f: Frame): void {
  const { sink } = f;
  const label = f.label('row');
  const more = (): Ref => sink.binary('i32.lt_s', sink.getLocal(ROW, 'i32'), sink.getLocal(END, 'i32'));
  const round = f.list(() => {
    emitStmts(f, f.kernel.body);
    advance(f, 1);
    f.emit(sink.br(label, more()));
  });
  f.emit(sink.if(more(), [sink.loop(label, round)], []));
}

function emitWideLoop(f: Frame, wide: Wide): void {
  const { sink } = f;
  const last = f.spill(sink.binary('i32.sub', sink.getLocal(END, 'i32'), sink.i32(wide.step)), 'i32');
  const reductions = laneReductions(wide.body);
  const stmts = f.withPrelude(() => {
    for (const [red, { ty, copies }] of reductions) {
      const { op } = f.state.reduction(red);
      for (let copy = 0; copy < copies; copy++) {
        if (isExtreme(op, ty)) startExtreme(f, red, copy, ty);
        else f.state.setWideCell(red, copy, f.constant(litBytes(ty, identityOf(op, ty.kind))));
      }
    }
    if (wide.rows === null) emitLanes(f, wide, last, () => {});
    else emitBatches(f, wide, wide.rows, last);
    for (const [red, { ty, copies }] of reductions) combineLanes(f, red, ty, copies);
  });
  f.emit(sink.if(upTo(f, last), stmts, []));
}

/** Is the row counter still at or below `limit`? */
function upTo(f: Frame, limit: () => Ref): Ref {
  return f.sink.binary('i32.le_s', f.sink.getLocal(ROW, 'i32'), limit());
}

/**
 * Wide iterations while the row counter is at or below `limit`; there is at least one. An iteration that bails is
 * broken off before the counter moves, its pushes and picks are taken back, and `onBail` says so.
 */
function emitLanes(f: Frame, wide: Wide, limit: () => Ref, onBail: () => void): void {
  const { sink } = f;
  const [again, bail, done] = [f.label('rows'), f.label('bail'), f.label('done')];
  const mayFail = fails(wide.body);
  const saved = mayFail ? f.state.cursorCopies() : [];
  const picks = mayFail && f.picks !== null ? { count: f.picks.count, copy: f.local('i32') } : null;
  f.bail = bail;
  const round = f.list(() => {
    for (const [cursor, copy] of saved.entries()) f.emit(sink.setLocal(copy, f.state.cursor(cursor)));
    if (picks !== null) f.emit(sink.setLocal(picks.copy, sink.getLocal(picks.count, 'i32')));
    emitStmts(f, wide.body);
    advance(f, wide.step);
    f.emit(sink.br(again, upTo(f, limit)));
    if (mayFail) f.emit(sink.br(done, null));
  });
  f.bail = null;
  const undo = f.list(() => {
    for (const [cursor, copy] of saved.entries()) f.state.setCursor(cursor, sink.getLocal(copy, 'i32'));
    if (picks !== null) f.emit(sink.setLocal(picks.count, sink.getLocal(picks.copy, 'i32')));
    onBail();
  });
  const loop = sink.loop(again, round);
  f.emit(mayFail ? sink.block(done, [sink.block(bail, [loop]), ...undo]) : loop);
}

/** Batches: the lanes of up to `batch` rows, then these rows, or those picked, one by one. A broken off batch is the last. */
function emitBatches(f: Frame, wide: Wide, rows: RowPhase, last: () => Ref): void {
  const { sink } = f;
  const [batch, row] = [f.label('batch'), f.label('row')];
  const [start, limit, more] = [f.local('i32'), f.local('i32'), f.local('i32')];
  const get = (local: Local): Ref => sink.getLocal(local, 'i32');
  const set = (local: Local, value: Ref): void => f.emit(sink.setLocal(local, value));
  f.bind(rows.start, start);
  f.picks = rows.picked === null ? null : { list: rows.picked, count: f.local('i32') };
  const { picks } = f;
  const round = f.list(() => {
    set(start, get(ROW));
    set(more, sink.i32(1));
    if (picks !== null) set(picks.count, sink.i32(0));
    // The last iteration of a full batch; the batch may also end with the rows.
    set(limit, sink.binary('i32.add', get(ROW), sink.i32(rows.batch - wide.step)));
    set(limit, sink.select(sink.binary('i32.lt_s', last(), get(limit)), last(), get(limit)));
    emitLanes(
      f,
      wide,
      () => get(limit),
      () => set(more, sink.i32(0)),
    );
    const stop = f.spill(get(ROW), 'i32');
    // Counts rows, or goes through the list.
    const at = picks === null ? ROW : f.local('i32');
    const end = picks === null ? stop : () => get(picks.count);
    set(at, picks === null ? get(start) : sink.i32(0));
    const left = (): Ref => sink.binary('i32.lt_s', get(at), end());
    const each = f.list(() => {
      if (picks !== null) set(ROW, sink.load('i32.load', placeAt(f, picks.list, get(at), 0)));
      emitStmts(f, rows.body);
      set(at, sink.binary('i32.add', get(at), sink.i32(1)));
      f.emit(sink.br(row, left()));
    });
    f.emit(sink.if(left(), [sink.loop(row, each)], []));
    if (picks !== null) set(ROW, stop());
    f.emit(sink.br(batch, sink.binary('i32.and', get(more), upTo(f, last))));
  });
  f.emit(sink.loop(batch, round));
}

function advance(f: Frame, rows: number): void {
  const { sink } = f;
  f.emit(sink.setLocal(ROW, sink.binary('i32.add', sink.getLocal(ROW, 'i32'), sink.i32(rows))));
}

/** cell := cell op the lane accumulators: their copies, then their lanes, combined in pairs. */
function combineLanes(f: Frame, red: number, ty: ValTy, copies: number): void {
  const { op, kind } = f.state.reduction(red);
  const all = Array.from({ length: copies }, (_, copy) =>
    isExtreme(op, ty) ? finishExtreme(f, red, copy, ty) : f.state.wideCell(red, copy),
  );
  const sum = inPairs(all, (a, b) => wideBin(f, op, ty, a, b));
  if (sum === null) return;
  const lanes = f.spill(sum, 'v128');
  const each = Array.from({ length: ty.lanes }, (_, l) => scalarCast(f, ty.kind, kind, extract(f, ty, lanes(), l)));
  const total = inPairs(each, (a, b) => scalarBin(f, op, kind, a, b));
  if (total === null) return;
  const combined = f.spill(total, scalarTy(kind));
  f.state.setCell(red, scalarBin(f, op, kind, f.state.cell(red), combined()));
}

function fails(stmts: readonly Stmt[]): boolean {
  let found = false;
  walkStmts(stmts, (s) => {
    if (s.s === 'fail') found = true;
  });
  return found;
}
