/**
 * What a vectoriser must know of a scalar body: which addresses are the row itself, and which statements must run
 * row by row because the effects of one row can be seen by the next.
 *
 * Row by row are: the pushes of a cursor that several statements push at or one in a loop, loops in a branch and loops
 * that do not go round equally often in all rows, stores at other places than the row, loads of buffers that the kernel
 * writes, and all that depends on them: statements that read their registers, everything inside an `if` whose condition
 * does, and a loop around such a statement. Everything else (pure values, loads of read-only buffers, stores at the row,
 * other pushes, reductions, fails) can be done for several rows at once, before the row-by-row statements of the same rows.
 */

import type { ScalarKind } from '../../core/types.ts';
import { bin, cast, get, lit } from '../build.ts';
import type { Kernel, Reg, SExpr, Stmt } from '../kernel.ts';
import { blocksOf, definedReg, exprsOf, mapBlocks, readsAny, readsOnly, walkStmts } from '../shape.ts';
import { uniformValues } from './uniform.ts';

/** Lets are followed this far when an address is looked for. */
const MAX_STEPS = 16;
const ADDRESS_KINDS: ReadonlySet<ScalarKind> = new Set<ScalarKind>(['i32', 'u32', 'i64', 'u64']);

/**
 * The body with every load and store whose address is the row, plus something that is the same in all rows, written
 * as just that: `buf[row]` or `buf[row + c]`. Addresses come from 64-bit arithmetic in Core, so they are looked for
 * through lets and integer conversions: all of it agrees modulo 2^32, and an address is an i32.
 */
export function plainAddresses(kernel: Kernel): readonly Stmt[] {
  const lets = new Map<Reg, SExpr>();
  const uniform = uniformRegs(kernel, kernel.body);
  walkStmts(kernel.body, (s) => {
    if (s.s === 'let') lets.set(s.reg, s.e);
  });
  const isUniform = (e: SExpr): boolean => readsOnly(e, uniform);

  /** What is added to the row; null when `e` is no such address. */
  const offset = (e: SExpr, steps: number): SExpr | null => {
    if (steps === 0 || !ADDRESS_KINDS.has(e.ty.kind)) return null;
    if (e.x === 'get') {
      if (e.reg === kernel.index) return lit('i32', 0);
      const value = lets.get(e.reg);
      return value === undefined ? null : offset(value, steps - 1);
    }
    if (e.x === 'cast') return offset(e.a, steps - 1);
    if (e.x !== 'bin' || (e.op !== '+' && e.op !== '-')) return null;
    const [moving, fixed] = e.op === '+' && isUniform(e.a) ? [e.b, e.a] : [e.a, e.b];
    const rest = isUniform(fixed) ? offset(moving, steps - 1) : null;
    if (rest === null) return null;
    return e.op === '+' && isZero(rest) ? toI32(fixed) : bin(e.op, rest, toI32(fixed));
  };

  const row = get(kernel.index, 'i32');
  const address = (e: SExpr): SExpr => {
    const by = offset(e, MAX_STEPS);
    if (by === null) return e;
    return isZero(by) ? row : bin('+', row, by);
  };
  const block = (stmts: readonly Stmt[]): readonly Stmt[] =>
    stmts.map((s) => {
      if (s.s === 'load' || s.s === 'store') return { ...s, index: address(s.index) };
      return mapBlocks(s, block);
    });
  return block(kernel.body);
}

const isZero = (e: SExpr): boolean => e.x === 'lit' && e.value === 0;
/** An integer of an address kind modulo 2^32. */
const toI32 = (e: SExpr): SExpr => (e.x === 'lit' ? lit('i32', BigInt.asIntN(32, BigInt(e.value))) : cast(e, 'i32'));

/** Scalar parameters, and lets of only such: unlike variables, they may be read at another place. */
export function uniformRegs(kernel: Kernel, body: readonly Stmt[]): ReadonlySet<Reg> {
  const uniform = new Set(kernel.scalars.map((p) => p.reg));
  walkStmts(body, (s) => {
    if (s.s === 'let' && readsOnly(s.e, uniform)) uniform.add(s.reg);
  });
  return uniform;
}

export interface RowOrder {
  /** Statements that run row by row, and the registers that they define or assign. */
  readonly stmts: ReadonlySet<Stmt>;
  readonly regs: ReadonlySet<Reg>;
  /** What they are, in words, for the reason that is shown. */
  readonly what: readonly string[];
}

/** Finds the statements that run row by row: a fixpoint, because an assignment makes its variable row by row, and a
 *  store the other stores to its buffer. Without `loops` all inner loops do. */
export function rowOrder(kernel: Kernel, body: readonly Stmt[], loops = true): RowOrder {
  const { index } = kernel;
  const uniform = uniformValues(kernel, body);
  const written = new Set<number>();
  const scattered = new Set<number>();
  const loaded = new Set<number>();
  walkStmts(body, (s) => {
    if (s.s === 'load') loaded.add(s.buf);
    if (s.s === 'push') for (const p of s.stores) scattered.add(p.buf);
    if (s.s === 'store') {
      written.add(s.buf);
      if (!isRow(s.index, index)) scattered.add(s.buf);
    }
  });
  const stmts = new Set<Stmt>();
  const regs = new Set<Reg>();
  const pushes = pushesOf(body, true);
  const what = new Set<string>();

  /** Why a statement must keep the order of the rows on its own account, or null. */
  const ownReason = (s: Stmt, branch: boolean): string | null => {
    if (s.s === 'push') {
      const seen = s.stores.some((p) => written.has(p.buf) || loaded.has(p.buf));
      return seen || pushes.get(s.cursor) !== 1 ? 'pushes' : null;
    }
    if (s.s === 'while' && !(loops && !branch && readsOnly(s.cond, uniform) && !isOrdered(s.body)))
      return 'inner loops';
    if (s.s === 'load' && (written.has(s.buf) || scattered.has(s.buf))) return 'table updates';
    if (s.s === 'store' && (scattered.has(s.buf) || loaded.has(s.buf))) return 'table updates';
    return null;
  };
  const isOrdered = (block: readonly Stmt[]): boolean => block.some((s) => stmts.has(s) || blocksOf(s).some(isOrdered));
  const readsOrdered = (s: Stmt): boolean => exprsOf(s).some((e) => readsAny(e, regs));
  const visit = (block: readonly Stmt[], inside: boolean, branch: boolean): void => {
    for (const s of block) {
      const reason = ownReason(s, branch);
      if (reason !== null) what.add(reason);
      const assigns = (s.s === 'var' || s.s === 'set') && regs.has(s.reg);
      const ordered = inside || reason !== null || assigns || readsOrdered(s);
      if (ordered) {
        stmts.add(s);
        const reg = s.s === 'set' ? s.reg : definedReg(s);
        if (reg !== null) regs.add(reg);
        // The stores to one place keep their order: all of them run row by row, or none.
        if (s.s === 'store') scattered.add(s.buf);
      }
      for (const b of blocksOf(s)) visit(b, ordered, branch || s.s === 'if');
    }
  };
  for (let size = -1; size !== stmts.size; ) {
    size = stmts.size;
    visit(body, false, false);
  }
  return { stmts, regs, what: [...what] };
}

/**
 * How many pushes a row may make at each cursor; one in a loop counts as many. Of the branches of an `if` the one with the
 * most counts, or with `everywhere` all of them.
 */
export function pushesOf(stmts: readonly Stmt[], everywhere: boolean, looped = false): ReadonlyMap<number, number> {
  const found = new Map<number, number>();
  const add = (cursor: number, count: number): void => {
    found.set(cursor, (found.get(cursor) ?? 0) + count);
  };
  for (const s of stmts) {
    if (s.s === 'push') add(s.cursor, looped ? Number.POSITIVE_INFINITY : 1);
    const branches = blocksOf(s).map((b) => pushesOf(b, everywhere, looped || s.s === 'while'));
    for (const cursor of new Set(branches.flatMap((b) => [...b.keys()]))) {
      const counts = branches.map((b) => b.get(cursor) ?? 0);
      add(cursor, everywhere ? counts.reduce((a, b) => a + b, 0) : Math.max(...counts));
    }
  }
  return found;
}

export const isRow = (e: SExpr, index: Reg): boolean => e.x === 'get' && e.reg === index;

/** The buffers that each branch of an `if` stores to exactly once, not inside a further `if` and not row by row. */
export function storedByBoth(s: Extract<Stmt, { readonly s: 'if' }>, order: RowOrder): ReadonlySet<number> {
  const once = (stmts: readonly Stmt[]): ReadonlySet<number> => {
    const count = new Map<number, number>();
    walkStmts(stmts, (t) => {
      if (t.s === 'store') count.set(t.buf, (count.get(t.buf) ?? 0) + 1);
    });
    const direct = new Set<number>();
    for (const t of stmts) if (t.s === 'store' && count.get(t.buf) === 1 && !order.stmts.has(t)) direct.add(t.buf);
    return direct;
  };
  const no = once(s.else);
  return new Set([...once(s.then)].filter((buf) => no.has(buf)));
}
