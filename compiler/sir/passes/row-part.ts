/**
 * Which values of a body go with its row-by-row statements (`row-order.ts`), and are computed when those run:
 *
 *     c = code[row];  x = a[row];  y = b[row]
 *     if c > 0 { z = x * y;  t[c] += z }           the lanes compute c > 0 alone; c, x, y and z are made row by row
 *
 * In lanes a value would be made for all rows, and taken out of its register for those that want it. So the lanes keep
 * what they need themselves (conditions, reductions, stores at the row, failures) and what is dear enough. A column that
 * both parts want is read by both: a load is as cheap as a lane.
 */

import { isFloatKind } from '../../core/types.ts';
import { get } from '../build.ts';
import type { Kernel, Reg, SExpr, Stmt } from '../kernel.ts';
import { isMathCall } from '../lib/index.ts';
import { blocksOf, exprsOf, mapBlocks, mapExprs, rewriteExpr, walkExpr, walkStmts } from '../shape.ts';
import { isRow, type RowOrder } from './row-order.ts';
import { uniformValues } from './uniform.ts';

export interface RowPart {
  /** With registers for the loads that were added. */
  readonly kernel: Kernel;
  readonly body: readonly Stmt[];
  readonly order: RowOrder;
}

/** The body with loads for each part, and all of it that runs row by row. */
export function rowPart(kernel: Kernel, body: readonly Stmt[], order: RowOrder): RowPart {
  if (order.stmts.size === 0) return { kernel, body, order };
  const stmts = new Set([...order.stmts, ...lightValues(kernel, body, order)]);
  return withOwnLoads(kernel, body, { ...order, stmts });
}

/** Is this work that lanes do several times as fast? */
export function isDear(e: SExpr): boolean {
  let dear = false;
  walkExpr(e, (x) => {
    const divides = (x.x === 'bin' && x.op === '/') || (x.x === 'un' && x.op === 'sqrt');
    dear ||= isMathCall(x) || (divides && isFloatKind(x.ty.kind));
  });
  return dear;
}

type Value = Extract<Stmt, { readonly s: 'let' | 'load' }>;
const isValue = (s: Stmt): s is Value => s.s === 'let' || s.s === 'load';

/** The registers that a statement reads itself, not in its blocks. */
function readBy(s: Stmt): ReadonlySet<Reg> {
  const regs = new Set<Reg>();
  for (const e of exprsOf(s)) {
    walkExpr(e, (x) => {
      if (x.x === 'get') regs.add(x.reg);
    });
  }
  return regs;
}

/**
 * The cheap values that nothing in the lanes wants, and statements that go with the row-by-row ones around them, unless
 * something in the lanes waits for them: failures, and conditions that do not decide for all of the row-by-row part.
 */
function lightValues(kernel: Kernel, body: readonly Stmt[], order: RowOrder): ReadonlySet<Stmt> {
  const uniform = uniformValues(kernel, body);
  const blocks = mixedBlocks(body, order);
  const isMixed = (s: Stmt): boolean => blocksOf(s).some((b) => blocks.includes(b));
  const deciding = decidingIfs(body, order, isMixed);
  const soft = new Set(
    blocks.flat().filter((s) => !order.stmts.has(s) && (s.s === 'fail' || (isMixed(s) && !deciding.has(s)))),
  );
  for (;;) {
    const light = unwanted(body, order, uniform, soft);
    const inLanes = (s: Stmt): boolean => {
      if (order.stmts.has(s) || light.has(s)) return false;
      if (isMixed(s)) return blocksOf(s).flat().some(inLanes);
      return isValue(s) ? !uniform.has(s.reg) : !soft.has(s);
    };
    const waited = blocks.flatMap((b) => {
      const waits = b.some(inLanes);
      return b.filter((s) => soft.has(s) && (s.s === 'fail' ? waits : inLanes(s)));
    });
    if (waited.length === 0) return new Set([...light, ...soft]);
    for (const s of waited) soft.delete(s);
  }
}

/** The nested conditions behind which all of the row-by-row part stands. */
function decidingIfs(body: readonly Stmt[], order: RowOrder, isMixed: (s: Stmt) => boolean): ReadonlySet<Stmt> {
  const found = new Set<Stmt>();
  for (let block = body; ; ) {
    const [only, more] = block.filter((s) => order.stmts.has(s) || isMixed(s));
    if (only?.s !== 'if' || order.stmts.has(only) || more !== undefined || only.else.length > 0) return found;
    found.add(only);
    block = only.then;
  }
}

/** The blocks with row-by-row statements in them that do not run row by row as a whole. */
function mixedBlocks(body: readonly Stmt[], order: RowOrder): readonly (readonly Stmt[])[] {
  const inner = body.flatMap((s) => (order.stmts.has(s) ? [] : blocksOf(s).flatMap((b) => mixedBlocks(b, order))));
  return inner.length > 0 || body.some((s) => order.stmts.has(s)) ? [body, ...inner] : [];
}

/** The cheap values that are read row by row alone, `soft` statements among them. */
function unwanted(
  body: readonly Stmt[],
  order: RowOrder,
  uniform: ReadonlySet<Reg>,
  soft: ReadonlySet<Stmt>,
): ReadonlySet<Stmt> {
  const light = new Map<Reg, Value>();
  const wanted: Reg[] = [];
  walkStmts(body, (s) => {
    if (order.stmts.has(s) || soft.has(s)) return;
    if (!isValue(s) || uniform.has(s.reg)) wanted.push(...readBy(s));
    else if (exprsOf(s).some(isDear)) wanted.push(s.reg);
    if (isValue(s) && !uniform.has(s.reg)) light.set(s.reg, s);
  });
  for (let reg = wanted.pop(); reg !== undefined; reg = wanted.pop()) {
    const value = light.get(reg);
    if (value === undefined) continue;
    light.delete(reg);
    wanted.push(...readBy(value));
  }
  return new Set(light.values());
}

/** Columns that the lanes read and the rows do, too, are loaded for each of them. */
function withOwnLoads(kernel: Kernel, body: readonly Stmt[], order: RowOrder): RowPart {
  const rowReads = new Set<Reg>();
  for (const s of order.stmts) for (const reg of readBy(s)) rowReads.add(reg);
  const own = new Map<Reg, Reg>();
  let regs: number = kernel.regs;
  const stmts = new Set<Stmt>();
  const moved = (e: SExpr): SExpr =>
    rewriteExpr(e, (x) => {
      const reg = x.x === 'get' ? own.get(x.reg) : undefined;
      return reg === undefined ? x : get(reg, x.ty.kind);
    });
  const block = (list: readonly Stmt[]): readonly Stmt[] =>
    list.flatMap((s): readonly Stmt[] => {
      if (order.stmts.has(s)) {
        const made = mapBlocks(mapExprs(s, moved), block);
        stmts.add(made);
        return [made];
      }
      const isColumn = s.s === 'load' && isRow(s.index, kernel.index) && kernel.bufs[s.buf]?.access === 'read';
      if (!isColumn || !rowReads.has(s.reg)) return [mapBlocks(s, block)];
      const copy = { ...s, reg: regs++ as Reg };
      own.set(s.reg, copy.reg);
      stmts.add(copy);
      return [s, copy];
    });
  const made = block(body);
  const defined = new Set(order.regs);
  for (const s of stmts) if (isValue(s)) defined.add(s.reg);
  return { kernel: { ...kernel, regs }, body: made, order: { ...order, stmts, regs: defined } };
}
