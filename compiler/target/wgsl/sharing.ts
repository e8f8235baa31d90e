/**
 * Decides how invocations may share each buffer, and finds the merges into tables.
 *
 * On the CPU every part has a private copy of a `partial` buffer. On the GPU there is one copy for all rows, so what
 * a row does to it must be atomic. The only shape that can be made so is the merge of a table:
 *
 *     load  %r = table[i]                    merge table[i] + v
 *     let   %s = (%r + v)           =>
 *     store table[i] = %s
 *
 * with nothing between the three that branches, stops, assigns or reads the table. Everything else that rows would
 * share is refused: RACE, or HASH_TABLE where a loop probes the table that it fills. Buffers that each row reaches
 * only at its own index need nothing. A buffer that is only written and not partial is the kernel's promise that
 * different rows write different places.
 */

import type { MergeOp } from '../../core/types.ts';
import { InternalError } from '../../diag/diagnostic.ts';
import type { Kernel, Reg, SExpr, Stmt } from '../../sir/kernel.ts';
import { countReads, exprsOf, operands, walkStmts } from '../../sir/shape.ts';
import { deviceKind, KINDS, perWord, type Refusal, refuse } from './info.ts';
import { sameExpr } from './rewrite.ts';

/** table[index] op= value, atomically. */
export interface MergeStmt {
  readonly s: 'merge';
  readonly buf: number;
  readonly op: MergeOp;
  readonly index: SExpr;
  readonly value: SExpr;
}
/** The statements of SIR, and merges in place of loads and stores of tables. */
export type GpuStmt =
  | Exclude<Stmt, { readonly s: 'if' | 'while' | 'pick' }>
  | MergeStmt
  | { readonly s: 'if'; readonly cond: SExpr; readonly then: readonly GpuStmt[]; readonly else: readonly GpuStmt[] }
  | { readonly s: 'while'; readonly cond: SExpr; readonly body: readonly GpuStmt[] };

/**
 * `input`: read only. `output`: plain loads and stores. `shared`: narrow values whose neighbours in a word other
 * invocations write, so stores are atomic. `table`: merges only.
 */
export type Role = 'input' | 'output' | 'shared' | 'table';

export interface Sharing {
  readonly ok: true;
  readonly body: readonly GpuStmt[];
  /** By buffer number. */
  readonly roles: readonly Role[];
  /** The operator of each table, by buffer number. */
  readonly merges: ReadonlyMap<number, MergeOp>;
  /** Consecutive rows that one invocation must own, so that it alone stores to the words of narrow outputs. */
  readonly rowsPerStep: 1 | 2 | 4;
}

/** Analyses a kernel that `rewrite.ts` has brought down. */
export function shareBuffers(kernel: Kernel): Sharing | Refusal {
  const reads = countReads(kernel.body);
  const body = mergeBlock(kernel.body, kernel, reads);
  const roles: Role[] = [];
  const merges = new Map<number, MergeOp>();
  let rowsPerStep: 1 | 2 | 4 = 1;
  for (const [buf, param] of kernel.bufs.entries()) {
    const access = accessesOf(body, buf, kernel.index);
    const role = roleOf(kernel, buf, access);
    if (typeof role !== 'string') return role;
    roles.push(role);
    for (const op of access.merges) merges.set(buf, op);
    const step = perWord(KINDS[deviceKind(param.elem)].packing);
    if (role === 'output' && access.stores > 0 && step > rowsPerStep) rowsPerStep = step;
  }
  return { ok: true, body, roles, merges, rowsPerStep };
}

interface Accesses {
  loads: number;
  stores: number;
  pushes: number;
  /** Loads and stores whose index is not the row. */
  elsewhere: number;
  /** Loads inside a `while`. */
  probes: number;
  merges: Set<MergeOp>;
}

function accessesOf(body: readonly GpuStmt[], buf: number, row: Reg): Accesses {
  const found: Accesses = { loads: 0, stores: 0, pushes: 0, elsewhere: 0, probes: 0, merges: new Set() };
  const at = (index: SExpr): number => (index.x === 'get' && index.reg === row ? 0 : 1);
  const visit = (block: readonly GpuStmt[], looping: boolean): void => {
    for (const s of block) {
      if (s.s === 'load' && s.buf === buf) {
        found.loads++;
        found.elsewhere += at(s.index);
        if (looping) found.probes++;
      } else if (s.s === 'store' && s.buf === buf) {
        found.stores++;
        found.elsewhere += at(s.index);
      } else if (s.s === 'merge' && s.buf === buf) {
        found.merges.add(s.op);
      } else if (s.s === 'push') {
        found.pushes += s.stores.filter((p) => p.buf === buf).length;
      } else if (s.s === 'if') {
        visit(s.then, looping);
        visit(s.else, looping);
      } else if (s.s === 'while') {
        visit(s.body, true);
      }
    }
  };
  visit(body, false);
  return found;
}

function roleOf(kernel: Kernel, buf: number, a: Accesses): Role | Refusal {
  const param = kernel.bufs[buf];
  if (param === undefined || a.stores + a.pushes + a.merges.size === 0) return 'input';
  const kind = deviceKind(param.elem);
  const name = `buffer ${param.name} of kernel ${kernel.name}`;
  if (a.merges.size > 0) {
    if (a.loads + a.stores + a.pushes > 0 || a.merges.size > 1) {
      return refuse('RACE', `${name} is merged into and also read or written in another way`);
    }
    if (KINDS[kind].packing === 'pair' && !a.merges.has('+')) {
      return refuse('OP_ATOMIC64', `${name}: only + has an atomic form on ${kind}`);
    }
    return 'table';
  }
  if (a.loads > 0 && a.stores + a.pushes > 0) {
    if (a.probes > 0) {
      return refuse('HASH_TABLE', `${name} is a table that a loop probes while other rows fill it`);
    }
    // A row would read what it, or another row, has written: fine only at its own index, and only if the body runs
    // once a row, which it does not where rows are counted before they are written.
    if (a.elsewhere > 0 || a.pushes > 0 || kernel.cursors > 0) {
      return refuse('RACE', `${name} is read and written by different rows`);
    }
  }
  if (param.partial && a.stores > 0 && a.elsewhere > 0) {
    return refuse('RACE', `${name} is private to a part, but rows of one part write the same places`);
  }
  const narrow = perWord(KINDS[kind].packing) > 1;
  const owned = a.elsewhere === 0 && a.pushes === 0 && kernel.cursors === 0;
  return narrow && a.stores + a.pushes > 0 && !owned ? 'shared' : 'output';
}

// ---- merges ------------------------------------------------------------------------------------------------------

type Load = Extract<Stmt, { readonly s: 'load' }>;
type Reads = ReadonlyMap<Reg, number>;

/** Puts merges in place of the load, let and store that make them up. */
function mergeBlock(block: readonly Stmt[], kernel: Kernel, reads: Reads): readonly GpuStmt[] {
  const dropped = new Set<Stmt>();
  const merges = new Map<Stmt, MergeStmt>();
  for (const [k, s] of block.entries()) {
    if (s.s !== 'load' || !mayMerge(kernel, s)) continue;
    const found = findMerge(block, k, s, reads);
    if (found === null) continue;
    dropped.add(s).add(found.store);
    merges.set(found.at, found.merge);
  }
  const out: GpuStmt[] = [];
  for (const s of block) {
    const merge = merges.get(s);
    if (merge !== undefined) out.push(merge);
    else if (!dropped.has(s)) out.push(inBlocks(s, kernel, reads));
  }
  return out;
}

function inBlocks(s: Stmt, kernel: Kernel, reads: Reads): GpuStmt {
  if (s.s === 'if') {
    return { ...s, then: mergeBlock(s.then, kernel, reads), else: mergeBlock(s.else, kernel, reads) };
  }
  if (s.s === 'pick') throw new InternalError('wgsl: a pick in a scalar body');
  return s.s === 'while' ? { ...s, body: mergeBlock(s.body, kernel, reads) } : s;
}

/** Tables are buffers that rows share; one that each row reaches at its own index alone needs no merge. */
function mayMerge(kernel: Kernel, load: Load): boolean {
  const param = kernel.bufs[load.buf];
  if (param?.access !== 'readwrite') return false;
  let shared = param.partial;
  walkStmts(kernel.body, (s) => {
    if ((s.s === 'load' || s.s === 'store') && s.buf === load.buf) {
      shared ||= !(s.index.x === 'get' && s.index.reg === kernel.index);
    }
  });
  return shared;
}

interface Found {
  readonly store: Stmt;
  /** The statement that the merge takes the place of: the let, or the store itself. */
  readonly at: Stmt;
  readonly merge: MergeStmt;
}

/** The merge that starts with the load at `from`, if it is one. */
function findMerge(block: readonly Stmt[], from: number, load: Load, reads: Reads): Found | null {
  if (reads.get(load.reg) !== 1) return null;
  let step: Extract<Stmt, { readonly s: 'let' }> | null = null;
  for (const s of block.slice(from + 1)) {
    if (s.s === 'store' && s.buf === load.buf) {
      if (!sameExpr(s.index, load.index)) return null;
      const through = s.value.x === 'get' && s.value.reg === step?.reg;
      if (through && reads.get(s.value.reg) !== 1) return null;
      const parts = operandsOf(through && step !== null ? step.e : s.value, load.reg);
      if (parts === null) return null;
      const at = through && step !== null ? step : s;
      return { store: s, at, merge: { s: 'merge', buf: load.buf, index: load.index, ...parts } };
    }
    const quiet = s.s === 'let' || s.s === 'store' || s.s === 'accum' || (s.s === 'load' && s.buf !== load.buf);
    if (!quiet) return null;
    if (exprsOf(s).some((e) => readsReg(e, load.reg))) {
      if (s.s !== 'let') return null;
      step = s;
    }
  }
  return null;
}

/** `e` as `reg op value`. */
function operandsOf(e: SExpr, reg: Reg): { readonly op: MergeOp; readonly value: SExpr } | null {
  if (e.x !== 'bin') return null;
  const op = MERGE_OPS.find((known) => known === e.op);
  if (op === undefined) return null;
  if (e.a.x === 'get' && e.a.reg === reg) return { op, value: e.b };
  return e.b.x === 'get' && e.b.reg === reg ? { op, value: e.a } : null;
}

const MERGE_OPS: readonly MergeOp[] = ['+', '*', 'min', 'max'];

function readsReg(e: SExpr, reg: Reg): boolean {
  return (e.x === 'get' && e.reg === reg) || operands(e).some((a) => readsReg(a, reg));
}
