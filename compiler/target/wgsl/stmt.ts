/**
 * Prints the body of a kernel as a function of the row. Chooses nothing; see `legalize.ts`.
 *
 * `fail` records the row and returns, so a failing row does no more. In the counting form pushes only count.
 */

import { InternalError } from '../../diag/diagnostic.ts';
import { FAIL_CODES, type SExpr } from '../../sir/kernel.ts';
import { codeOf, exprText } from './expr.ts';
import type { Cell, Cursor, ModuleContext } from './module.ts';
import { binText, plain } from './ops.ts';
import type { GpuStmt } from './sharing.ts';
import type { Writer } from './writer.ts';

/** What a push does: count, or store at the cursor. */
export type Form = 'counting' | 'writing';

/** `fn name(row: i32)` with the statements of `body`. */
export function printRowFunction(
  w: Writer,
  name: string,
  body: readonly GpuStmt[],
  form: Form,
  m: ModuleContext,
): void {
  w.block(`fn ${name}(row: i32)`, () => printBlock(w, body, form, m));
}

function printBlock(w: Writer, body: readonly GpuStmt[], form: Form, m: ModuleContext): void {
  for (const s of body) printStmt(w, s, form, m);
}

function printStmt(w: Writer, s: GpuStmt, form: Form, m: ModuleContext): void {
  const code = (e: SExpr): string => codeOf(e, m.expr);
  switch (s.s) {
    case 'let':
    case 'var':
      w.line(`${s.s} ${m.expr.reg(s.reg)} = ${code(s.e)};`);
      break;
    case 'set':
      w.line(`${m.expr.reg(s.reg)} = ${code(s.e)};`);
      break;
    case 'load':
      w.line(`let ${m.expr.reg(s.reg)} = ${m.accessor('load', s.buf).fn}(${element(s.index, m)});`);
      break;
    case 'store':
    case 'merge':
      w.line(`${m.accessor(s.s, s.buf).fn}(${element(s.index, m)}, ${code(s.value)});`);
      break;
    case 'accum': {
      const { acc, kind, op } = cellOf(m, s.red);
      const merged = `${acc} = ${binText(op, kind, plain(acc), exprText(s.value, m.expr), m.helpers).code};`;
      if (s.mask === null) w.line(merged);
      else w.block(`if (${code(s.mask)})`, () => w.line(merged));
      break;
    }
    case 'if': {
      const otherwise = s.else.length === 0 ? null : () => printBlock(w, s.else, form, m);
      w.branch(code(s.cond), () => printBlock(w, s.then, form, m), otherwise);
      break;
    }
    case 'while':
      w.block(`while (${runtimeCond(s.cond, m)})`, () => printBlock(w, s.body, form, m));
      break;
    case 'push':
      printPush(w, s, form, m);
      break;
    case 'fail':
      w.block(`if (${code(s.when)})`, () => {
        w.line(`fail_row(${FAIL_CODES[s.code]}u, row); // ${s.code}`);
        w.line('return;');
      });
      break;
    default:
      s satisfies never;
  }
}

function printPush(w: Writer, s: Extract<GpuStmt, { readonly s: 'push' }>, form: Form, m: ModuleContext): void {
  const cursor = cursorOf(m, s.cursor);
  if (form === 'counting') {
    w.line(`${cursor.pushed}++;`);
    return;
  }
  for (const p of s.stores) w.line(`${m.accessor('store', p.buf).fn}(${cursor.at}, ${codeOf(p.value, m.expr)});`);
  w.line(`${cursor.at}++;`);
}

/** An index as an element number; a negative one becomes too large for any buffer. */
function element(index: SExpr, m: ModuleContext): string {
  return index.x === 'lit' ? `${Number(index.value) >>> 0}u` : `u32(${codeOf(index, m.expr)})`;
}

/** WGSL rejects a loop that it can see never ends. */
function runtimeCond(cond: SExpr, m: ModuleContext): string {
  const { code, constant } = exprText(cond, m.expr);
  return constant ? `${m.helpers.use('opaque_bool')}(${code})` : code;
}

function cellOf(m: ModuleContext, red: number): Cell {
  const cell = m.cells[red];
  if (cell === undefined) throw new InternalError(`wgsl: kernel ${m.kernel.name} has no reduction ${red}`);
  return cell;
}

function cursorOf(m: ModuleContext, cursor: number): Cursor {
  const found = m.cursors[cursor];
  if (found === undefined) throw new InternalError(`wgsl: kernel ${m.kernel.name} has no cursor ${cursor}`);
  return found;
}
