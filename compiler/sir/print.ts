/**
 * Text of a kernel, for `explain`, dumps and test failures. One statement a line, C-like, types where they are not
 * plain from the operands:
 *
 *     kernel sum_sq(x: read f64[], k: f64 = %1) {
 *       reduction s: f64 +
 *       body %0 {
 *         %2: f64 = x[%0]
 *         s += %2 * %1
 *       }
 *       wide x2 %0 { ... }
 *     }
 *
 * The form is for reading; nothing parses it. Parentheses surround every nested operation, so there is no precedence
 * to remember.
 */

import type { ScalarKind } from '../core/types.ts';
import type { BufParam, Kernel, Reduction, Reg, SExpr, Stmt, ValTy } from './kernel.ts';

const reg = (r: Reg): string => `%${r}`;
const tyText = (t: ValTy): string => (t.lanes === 1 ? t.kind : `${t.kind}x${t.lanes}`);

function litText(value: number | bigint | boolean, kind: ScalarKind): string {
  if (typeof value === 'boolean') return String(value);
  if (typeof value === 'number' && Object.is(value, -0)) return `-0${kind}`;
  return `${value}${kind}`;
}

/** Text of an expression; nested operations are in parentheses. */
export function exprText(e: SExpr): string {
  switch (e.x) {
    case 'get':
      return reg(e.reg);
    case 'lit':
      return e.ty.lanes === 1 ? litText(e.value, e.ty.kind) : `${litText(e.value, e.ty.kind)}x${e.ty.lanes}`;
    case 'un':
      return `${e.op}(${exprText(e.a)})`;
    case 'bin':
      return /^[a-z]/.test(e.op) ? `${e.op}(${exprText(e.a)}, ${exprText(e.b)})` : infix(e.op, e.a, e.b);
    case 'cmp':
      return infix(e.op, e.a, e.b);
    case 'select':
      return `select(${exprText(e.c)}, ${exprText(e.a)}, ${exprText(e.b)})`;
    case 'cast':
      return `${tyText(e.ty)}(${exprText(e.a)})`;
    case 'bitcast':
      return `bits.${tyText(e.ty)}(${exprText(e.a)})`;
    case 'splat':
      return `splat${e.ty.lanes}(${exprText(e.a)})`;
    case 'lane':
      return `${nested(e.a)}.${e.lane}`;
    case 'lanes':
      return `lanes(${e.items.map(exprText).join(', ')})`;
    case 'any':
      return `any(${exprText(e.a)})`;
    case 'whole':
      return `${e.op}(${e.args.map(exprText).join(', ')})`;
    default:
      return e satisfies never;
  }
}

const infix = (op: string, a: SExpr, b: SExpr): string => `${nested(a)} ${op} ${nested(b)}`;

function nested(e: SExpr): string {
  const isInfix = e.x === 'cmp' || (e.x === 'bin' && !/^[a-z]/.test(e.op));
  return isInfix ? `(${exprText(e)})` : exprText(e);
}

interface Names {
  readonly bufs: readonly BufParam[];
  readonly reductions: readonly Reduction[];
}

function stmtLines(s: Stmt, names: Names, pad: string): string[] {
  const buf = (n: number): string => names.bufs[n]?.name ?? `?buf${n}`;
  const block = (stmts: readonly Stmt[]): string[] => stmts.flatMap((t) => stmtLines(t, names, `${pad}  `));
  switch (s.s) {
    case 'let':
      return [`${pad}${reg(s.reg)}: ${tyText(s.e.ty)} = ${exprText(s.e)}`];
    case 'var':
      return [`${pad}var ${reg(s.reg)}: ${tyText(s.e.ty)} = ${exprText(s.e)}`];
    case 'set':
      return [`${pad}${reg(s.reg)} := ${exprText(s.e)}`];
    case 'load':
      return [`${pad}${reg(s.reg)}: ${tyText(s.ty)} = ${buf(s.buf)}[${exprText(s.index)}]`];
    case 'store':
      return [`${pad}${buf(s.buf)}[${exprText(s.index)}] = ${exprText(s.value)}`];
    case 'accum': {
      const red = names.reductions[s.red];
      const mask = s.mask === null ? '' : ` where ${exprText(s.mask)}`;
      const copy = s.copy === undefined ? '' : `.${s.copy}`;
      return [`${pad}${red?.name ?? `?red${s.red}`}${copy} ${red?.op ?? ''}= ${exprText(s.value)}${mask}`];
    }
    case 'if': {
      const no = s.else.length === 0 ? [] : [`${pad}} else {`, ...block(s.else)];
      return [`${pad}if ${exprText(s.cond)} {`, ...block(s.then), ...no, `${pad}}`];
    }
    case 'while':
      return [`${pad}while ${exprText(s.cond)} {`, ...block(s.body), `${pad}}`];
    case 'push': {
      const stores = s.stores.map((p) => `${buf(p.buf)} <- ${exprText(p.value)}`);
      const mask = s.mask === null ? '' : ` where ${exprText(s.mask)}`;
      return [`${pad}push #${s.cursor} { ${stores.join(', ')} }${mask}`];
    }
    case 'pick':
      return [`${pad}pick ${exprText(s.rows)} where ${exprText(s.mask)}`];
    case 'fail':
      return [`${pad}fail ${s.code} when ${exprText(s.when)}`];
    default:
      return s satisfies never;
  }
}

/** Text of statements alone, for messages about a part of a kernel. */
export function stmtsText(stmts: readonly Stmt[], names: Names): string {
  return stmts.flatMap((s) => stmtLines(s, names, '')).join('\n');
}

/** Text of a whole kernel, ending in a newline. */
export function kernelText(k: Kernel): string {
  const params = [
    ...k.bufs.map((b) => `${b.name}: ${b.partial ? 'partial ' : ''}${b.access} ${b.elem}[]`),
    ...k.scalars.map((p) => `${p.name}: ${p.kind} = ${reg(p.reg)}`),
  ];
  const lines = [`kernel ${k.name}(${params.join(', ')}) {`];
  for (const r of k.reductions) lines.push(`  reduction ${r.name}: ${r.kind} ${r.op}`);
  if (k.cursors > 0) lines.push(`  cursors ${k.cursors}`);
  const body = (head: string, stmts: readonly Stmt[]): void => {
    lines.push(`  ${head} ${reg(k.index)} {`, ...stmts.flatMap((s) => stmtLines(s, k, '    ')), '  }');
  };
  body('body', k.body);
  if (k.wide !== null) body(`wide x${k.wide.lanes}`, k.wide.body);
  if (k.wide !== null && k.wide.rows !== null) {
    const { start, batch, picked, body: rows } = k.wide.rows;
    const which = picked === null ? '' : `, those of ${k.bufs[picked]?.name}`;
    body(`then row by row${which}, batches of ${batch} from %${start},`, rows);
  }
  return `${[...lines, '}'].join('\n')}\n`;
}
