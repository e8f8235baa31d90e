/**
 * Prints SIR expressions. Chooses nothing: the spelling of every operation is in `ops.ts`.
 */

import { InternalError, invariant } from '../../diag/diagnostic.ts';
import type { Reg, SExpr } from '../../sir/kernel.ts';
import { deviceKind } from './info.ts';
import { binText, bitcastText, castText, cmpText, literal, plain, type Text, unText } from './ops.ts';
import type { Polyfilled } from './polyfill.ts';

/** What an expression is printed with: the text of registers and the helpers in use. */
export interface ExprContext {
  readonly reg: (reg: Reg) => string;
  readonly helpers: Polyfilled;
}

/** `e` as WGSL, with the facts that its user needs. */
export function exprText(e: SExpr, cx: ExprContext): Text {
  invariant(e.ty.lanes === 1, () => 'wgsl: a wide value in a scalar body');
  const of = (part: SExpr): Text => exprText(part, cx);
  switch (e.x) {
    case 'get':
      return plain(cx.reg(e.reg));
    case 'lit':
      return literal(deviceKind(e.ty.kind), e.value, cx.helpers);
    case 'un':
      return unText(e.op, deviceKind(e.ty.kind), of(e.a), cx.helpers);
    case 'bin':
      return binText(e.op, deviceKind(e.ty.kind), of(e.a), of(e.b), cx.helpers);
    case 'cmp':
      return cmpText(e.op, deviceKind(e.a.ty.kind), of(e.a), of(e.b), cx.helpers);
    case 'select': {
      const parts = [of(e.b), of(e.a), of(e.c)];
      const code = `select(${parts.map((t) => t.code).join(', ')})`;
      return { code, open: false, constant: parts.every((t) => t.constant) };
    }
    case 'cast':
      return castText(e.a.ty.kind, e.ty.kind, of(e.a), cx.helpers);
    case 'bitcast':
      return bitcastText(e.a.ty.kind, e.ty.kind, of(e.a), cx.helpers);
    // On one lane these are the value itself.
    case 'splat':
    case 'lane':
    case 'any':
      return of(e.a);
    case 'lanes': {
      const only = e.items[0];
      if (only === undefined) throw new InternalError('wgsl: lanes of nothing');
      return of(only);
    }
    case 'whole':
      throw new InternalError(`wgsl: ${e.op} of a packed kernel`);
    default:
      return e satisfies never;
  }
}

/** `e` as the text of a whole statement operand. */
export const codeOf = (e: SExpr, cx: ExprContext): string => exprText(e, cx).code;
