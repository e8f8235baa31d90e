/**
 * The shape of SIR: which parts a node has, and how to walk and map them. Everything that must know every kind of
 * node only to get at its parts uses this file, so a new kind is added here once and not in each pass.
 *
 * Maps keep identity: when `f` gives every part back as it was, the node itself comes back, so a pass can tell
 * "unchanged" by reference. Recursion follows nesting (at most 64 deep in expressions), never the length of a block.
 */

import type { Reg, SExpr, Stmt, ValTy } from './kernel.ts';

type MapExpr = (e: SExpr) => SExpr;
type MapBlock = (stmts: readonly Stmt[]) => readonly Stmt[];

/** The operands of an expression, left to right. */
export function operands(e: SExpr): readonly SExpr[] {
  switch (e.x) {
    case 'get':
    case 'lit':
      return [];
    case 'un':
    case 'cast':
    case 'bitcast':
    case 'splat':
    case 'lane':
    case 'any':
      return [e.a];
    case 'bin':
    case 'cmp':
      return [e.a, e.b];
    case 'select':
      return [e.c, e.a, e.b];
    case 'lanes':
      return e.items;
    case 'whole':
      return e.args;
    default:
      return e satisfies never;
  }
}

/** `e` with `f` applied to its direct operands. The types of the operands must stay. */
export function mapOperands(e: SExpr, f: MapExpr): SExpr {
  switch (e.x) {
    case 'get':
    case 'lit':
      return e;
    case 'un':
    case 'cast':
    case 'bitcast':
    case 'splat':
    case 'lane':
    case 'any': {
      const a = f(e.a);
      return a === e.a ? e : { ...e, a };
    }
    case 'bin':
    case 'cmp': {
      const [a, b] = [f(e.a), f(e.b)];
      return a === e.a && b === e.b ? e : { ...e, a, b };
    }
    case 'select': {
      const [c, a, b] = [f(e.c), f(e.a), f(e.b)];
      return c === e.c && a === e.a && b === e.b ? e : { ...e, c, a, b };
    }
    case 'lanes': {
      const items = mapList(e.items, f);
      return items === e.items ? e : { ...e, items };
    }
    case 'whole': {
      const args = mapList(e.args, f);
      return args === e.args ? e : { ...e, args };
    }
    default:
      return e satisfies never;
  }
}

/** Rewrites a whole expression, operands before the node that uses them. */
export function rewriteExpr(e: SExpr, f: MapExpr): SExpr {
  return f(mapOperands(e, (a) => rewriteExpr(a, f)));
}

/** Calls `visit` for `e` and every expression inside it, outermost first. */
export function walkExpr(e: SExpr, visit: (e: SExpr) => void): void {
  visit(e);
  for (const a of operands(e)) walkExpr(a, visit);
}

/** Does `e` read no registers but those of the set? */
export function readsOnly(e: SExpr, regs: { has(r: Reg): boolean }): boolean {
  return e.x === 'get' ? regs.has(e.reg) : operands(e).every((a) => readsOnly(a, regs));
}

/** Does `e` read any register of the set? */
export function readsAny(e: SExpr, regs: { has(r: Reg): boolean }): boolean {
  return e.x === 'get' ? regs.has(e.reg) : operands(e).some((a) => readsAny(a, regs));
}

/** The expressions that a statement itself evaluates, in order; not those of its blocks. */
export function exprsOf(s: Stmt): readonly SExpr[] {
  switch (s.s) {
    case 'let':
    case 'var':
    case 'set':
      return [s.e];
    case 'load':
      return [s.index];
    case 'store':
      return [s.index, s.value];
    case 'accum':
      return s.mask === null ? [s.value] : [s.value, s.mask];
    case 'if':
    case 'while':
      return [s.cond];
    case 'push':
      return [...s.stores.map((p) => p.value), ...(s.mask === null ? [] : [s.mask])];
    case 'pick':
      return [s.rows, s.mask];
    case 'fail':
      return [s.when];
    default:
      return s satisfies never;
  }
}

/** `s` with `f` applied to the expressions that it evaluates itself; blocks stay. */
export function mapExprs(s: Stmt, f: MapExpr): Stmt {
  switch (s.s) {
    case 'let':
    case 'var':
    case 'set': {
      const e = f(s.e);
      return e === s.e ? s : { ...s, e };
    }
    case 'load': {
      const index = f(s.index);
      return index === s.index ? s : { ...s, index };
    }
    case 'store': {
      const [index, value] = [f(s.index), f(s.value)];
      return index === s.index && value === s.value ? s : { ...s, index, value };
    }
    case 'accum': {
      const value = f(s.value);
      const mask = s.mask === null ? null : f(s.mask);
      return value === s.value && mask === s.mask ? s : { ...s, value, mask };
    }
    case 'if':
    case 'while': {
      const cond = f(s.cond);
      return cond === s.cond ? s : { ...s, cond };
    }
    case 'push': {
      const stores = mapList(s.stores, (p) => {
        const value = f(p.value);
        return value === p.value ? p : { ...p, value };
      });
      const mask = s.mask === null ? null : f(s.mask);
      return stores === s.stores && mask === s.mask ? s : { ...s, stores, mask };
    }
    case 'pick': {
      const [rows, mask] = [f(s.rows), f(s.mask)];
      return rows === s.rows && mask === s.mask ? s : { ...s, rows, mask };
    }
    case 'fail': {
      const when = f(s.when);
      return when === s.when ? s : { ...s, when };
    }
    default:
      return s satisfies never;
  }
}

/** The blocks nested directly in a statement. */
export function blocksOf(s: Stmt): readonly (readonly Stmt[])[] {
  if (s.s === 'if') return [s.then, s.else];
  return s.s === 'while' ? [s.body] : [];
}

/** `s` with `f` applied to the blocks nested directly in it. */
export function mapBlocks(s: Stmt, f: MapBlock): Stmt {
  if (s.s === 'if') {
    const [yes, no] = [f(s.then), f(s.else)];
    return yes === s.then && no === s.else ? s : { ...s, then: yes, else: no };
  }
  if (s.s === 'while') {
    const body = f(s.body);
    return body === s.body ? s : { ...s, body };
  }
  return s;
}

/** Applies `f` to every expression that the statements evaluate, in nested blocks too. */
export function mapStmts(stmts: readonly Stmt[], f: MapExpr): readonly Stmt[] {
  return mapList(stmts, (s) => mapBlocks(mapExprs(s, f), (block) => mapStmts(block, f)));
}

/** Calls `visit` for every statement, in order, a statement before those nested in it. */
export function walkStmts(stmts: readonly Stmt[], visit: (s: Stmt) => void): void {
  for (const s of stmts) {
    visit(s);
    for (const block of blocksOf(s)) walkStmts(block, visit);
  }
}

/** How many statements there are, in blocks too. */
export function statementCount(stmts: readonly Stmt[]): number {
  let count = 0;
  walkStmts(stmts, () => {
    count++;
  });
  return count;
}

/** The register that a statement defines, or null. `set` changes a register and defines none. */
export function definedReg(s: Stmt): Reg | null {
  return s.s === 'let' || s.s === 'var' || s.s === 'load' ? s.reg : null;
}

/** The registers that `set` may change: an expression that reads one has not the same value everywhere. */
export function varsOf(stmts: readonly Stmt[]): Set<Reg> {
  const vars = new Set<Reg>();
  walkStmts(stmts, (s) => {
    if (s.s === 'var') vars.add(s.reg);
  });
  return vars;
}

/** How often each register is read by the statements. */
export function countReads(stmts: readonly Stmt[]): ReadonlyMap<Reg, number> {
  const reads = new Map<Reg, number>();
  walkStmts(stmts, (s) => {
    for (const e of exprsOf(s)) {
      walkExpr(e, (x) => {
        if (x.x === 'get') reads.set(x.reg, (reads.get(x.reg) ?? 0) + 1);
      });
    }
  });
  return reads;
}

/** Maps a list; the list itself when no item changed. */
function mapList<T>(items: readonly T[], f: (item: T) => T): readonly T[] {
  let changed = false;
  const out = items.map((item) => {
    const next = f(item);
    if (next !== item) changed = true;
    return next;
  });
  return changed ? out : items;
}

/** What a wide body accumulates lane by lane, by reduction: the type of an accumulator, and how many copies there are. */
export function laneReductions(
  stmts: readonly Stmt[],
): ReadonlyMap<number, { readonly ty: ValTy; readonly copies: number }> {
  const found = new Map<number, { readonly ty: ValTy; readonly copies: number }>();
  walkStmts(stmts, (s) => {
    if (s.s !== 'accum' || s.value.ty.lanes === 1) return;
    const copies = Math.max(found.get(s.red)?.copies ?? 1, 1 + (s.copy ?? 0));
    found.set(s.red, { ty: s.value.ty, copies });
  });
  return found;
}
