/**
 * The verifier: what holds of every Core program, checked after construction and after every pass.
 *
 *   params     A program's and a loop body's params are symbols of the table; branches of `if` take none.
 *   once       Every symbol is bound once: by a param or by one let, in one block.
 *   scope      An atom's symbol is bound before it is read, in the same block or in one around it.
 *   literal    A literal is in its type's range and in Core's JavaScript encoding.
 *   types      The type of every let is what `typing.ts` derives from its operation.
 *   linear     Builders are consumed exactly once on every path, see `linear.ts`.
 *
 * A violation is a fault of the compiler, never of a user: InternalError, naming the let and the invariant.
 */

import { InternalError, WeldError } from '../diag/diagnostic.ts';
import { checkLinear } from './linear.ts';
import type { Atom, Block, Let, Sym } from './op.ts';
import { isLit } from './op.ts';
import { printOp, symText } from './print.ts';
import type { Program, SymTab } from './program.ts';
import { normalise } from './scalar.ts';
import { atomsOf, blocksOf } from './shape.ts';
import { typeText } from './types.ts';
import { isWellFormedLit, typeOfOp } from './typing.ts';

/** Throws an InternalError when `p` breaks an invariant of Core. */
export function verify(p: Program): void {
  const cx: Context = { syms: p.syms, bound: new Set(), visible: new Set() };
  verifyBlock(p.body, 'the program', cx);
  const [first] = checkLinear(p);
  if (first !== undefined) broken('linear', 'the program', `${first.code}: ${first.message}`);
}

interface Context {
  readonly syms: SymTab;
  /** Every symbol bound so far, anywhere. */
  readonly bound: Set<Sym>;
  /** The symbols that the current block may read. */
  readonly visible: Set<Sym>;
}

function verifyBlock(b: Block, where: string, cx: Context): void {
  for (const s of b.params) bind(s, `a param of ${where}`, cx);
  for (const l of b.lets) verifyLet(l, cx);
  verifyAtom(b.result, `the result of ${where}`, cx);
  for (const s of b.params) cx.visible.delete(s);
  for (const l of b.lets) cx.visible.delete(l.sym);
}

function verifyLet(l: Let, cx: Context): void {
  // The text of a let is made only for a message: it costs more than the checks.
  const where = (): string => `let ${symText(l.sym, cx.syms)} = ${printOp(l.op, cx.syms)}`;
  for (const a of atomsOf(l.op)) verifyAtom(a, where, cx);
  const blocks = blocksOf(l.op);
  if (blocks.length > 0) {
    const text = where();
    for (const b of blocks) {
      if (l.op.kind === 'if' && b.params.length > 0) broken('params', text, 'a branch takes no params');
      verifyBlock(b, text, cx);
    }
  }
  bind(l.sym, where, cx);
  const found = cx.syms.type(l.sym);
  const derived = derive(l, where, cx);
  if (found !== derived) {
    broken('types', where(), `the table says ${typeText(found)}, the typing rules ${typeText(derived)}`);
  }
}

type Where = string | (() => string);

function derive(l: Let, where: Where, cx: Context): ReturnType<typeof typeOfOp> {
  try {
    return typeOfOp(l.op, cx.syms);
  } catch (e) {
    if (!(e instanceof WeldError)) throw e;
    return broken('types', where, e.message);
  }
}

function bind(s: Sym, where: Where, cx: Context): void {
  if (!Number.isInteger(s) || s < 0 || s >= cx.syms.size) {
    broken('params', where, `symbol %${s} is not in the program's table`);
  }
  if (cx.bound.has(s)) broken('once', where, `${symText(s, cx.syms)} is bound a second time`);
  cx.bound.add(s);
  cx.visible.add(s);
}

function verifyAtom(a: Atom, where: Where, cx: Context): void {
  if (isLit(a)) {
    if (!isWellFormedLit(a) || !Object.is(normalise(a.ty.scalar, a.lit), a.lit)) {
      broken('literal', where, `${String(a.lit)} is not a ${a.ty.scalar} in Core's encoding`);
    }
  } else if (!cx.visible.has(a)) {
    const how = cx.bound.has(a) ? 'outside the block that binds it' : 'before it is bound';
    broken('scope', where, `${symText(a, cx.syms)} is read ${how}`);
  }
}

function broken(invariant: string, where: Where, what: string): never {
  throw new InternalError(`verify: ${invariant}: ${what}\n  in: ${typeof where === 'string' ? where : where()}`);
}
