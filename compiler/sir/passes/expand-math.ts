/**
 * Replaces math functions by library code (`lib/`), in `body` and in `wide`.
 *
 *     out[%0] = sin(x * k) + cos(x * k)
 *   becomes
 *     t1 = x * k;  t2 = t1 * 2/pi + magic; ...;  out[%0] = select(...) + select(...)
 *
 * The statements that an expansion needs stand directly before the statement that holds the call, in its own block:
 * nothing leaves an `if` or a `while`. Inside a block and those nested in it equal pure expressions of expansions are
 * computed once, so sin(x) twice is one expansion, and sin and cos of one argument share their work. |-x| is |x|, so
 * do functions of x and -x, as far as they compute of |x|.
 *
 * The condition of a `while` becomes a variable that is set before the loop and at the end of its body.
 *
 * Runs after `vectorize`: the wide form then has its calls on whole lanes and gets lane code. No call is left.
 */

import { any, lanes as combine, get, lane, lit, sel } from '../build.ts';
import type { Kernel, Reg, SExpr, Stmt } from '../kernel.ts';
import { isMathCall, type MathCall, mathCode } from '../lib/index.ts';
import type { MathScope, Values } from '../lib/ops.ts';
import { exprText } from '../print.ts';
import {
  blocksOf,
  exprsOf,
  mapBlocks,
  mapExprs,
  readsAny,
  rewriteExpr,
  varsOf,
  walkExpr,
  walkStmts,
} from '../shape.ts';
import { dropDead } from './drop-dead.ts';

/** The kernel with library code in place of the functions of the library; itself if it calls none. */
export function expandMath(kernel: Kernel): Kernel {
  if (!callsLibrary(kernel.body) && (kernel.wide === null || !callsLibrary(kernel.wide.body))) return kernel;
  const state: State = { kernel, next: kernel.regs, vars: new Set(), negated: new Map(), committed: false };
  const expand = (stmts: readonly Stmt[]): readonly Stmt[] => {
    // Lanes of a packed kernel have no other form to go on in.
    state.committed = kernel.packed;
    for (const reg of varsOf(stmts)) state.vars.add(reg);
    // Of values that are made together some may have no reader.
    return dropDead(new Block(state, null).expand(stmts));
  };
  const body = expand(kernel.body);
  const { wide } = kernel;
  if (wide === null) return { ...kernel, body, regs: state.next };
  const lanes = expand(wide.body);
  const rows = wide.rows === null ? null : { ...wide.rows, body: expand(wide.rows.body) };
  return { ...kernel, body, wide: { ...wide, body: lanes, rows }, regs: state.next };
}

function callsLibrary(stmts: readonly Stmt[]): boolean {
  let found = false;
  walkStmts(stmts, (s) => {
    for (const e of exprsOf(s)) {
      walkExpr(e, (x) => {
        if (isMathCall(x)) found = true;
      });
    }
  });
  return found;
}

interface State {
  readonly kernel: Kernel;
  next: number;
  /** An effect stands before this place that must not happen twice. */
  committed: boolean;
  /** What registers are the negation of. */
  readonly negated: Map<Reg, SExpr>;
  /** Registers that change: an expression that reads one has no value of its own to share. */
  readonly vars: Set<Reg>;
}

/** The output of one block, and what is known in it: its own expressions and those of the blocks around it. */
class Block implements MathScope {
  readonly #state: State;
  readonly #outer: Block | null;
  readonly #known = new Map<string, SExpr>();
  readonly #branches = new Map<string, readonly SExpr[]>();
  readonly #out: Stmt[] = [];

  constructor(state: State, outer: Block | null) {
    this.#state = state;
    this.#outer = outer;
  }

  expand(stmts: readonly Stmt[]): readonly Stmt[] {
    for (const s of stmts) {
      const own = s.s === 'while' ? this.#while(s) : mapExprs(s, (e) => this.#calls(e));
      const nested = blocksOf(own).length === 0 ? own : mapBlocks(own, (b) => new Block(this.#state, this).expand(b));
      this.#out.push(nested);
      if (own.s === 'let' && own.e.x === 'un' && own.e.op === 'neg') this.#state.negated.set(own.reg, own.e.a);
      if (!this.#state.committed) this.#state.committed = commits(own, this.#state.kernel);
    }
    return this.#out;
  }

  #calls(e: SExpr): SExpr {
    return rewriteExpr(e, (x) => (isMathCall(x) ? this.#call(x) : x));
  }

  #while(s: Extract<Stmt, { readonly s: 'while' }>): Stmt {
    if (!callsLibrary([{ ...s, body: [] }])) return s;
    const again = this.#define('var', this.#calls(s.cond));
    if (again.x !== 'get') return s;
    this.#state.vars.add(again.reg);
    return { s: 'while', cond: again, body: [...s.body, { s: 'set', reg: again.reg, e: s.cond }] };
  }

  /** A call of a library function becomes its code; its arguments are expanded already. */
  #call(e: MathCall): SExpr {
    const a = this.bind(e.a);
    const call: MathCall = e.x === 'un' ? { ...e, a } : { ...e, a, b: this.bind(e.b) };
    return this.#shared(call, () => this.bind(mathCode(this, call)));
  }

  bind(e: SExpr): SExpr {
    if (e.x === 'get' || e.x === 'lit') return e;
    const known = rewriteExpr(e, (x) => this.#withoutSign(x));
    return this.#shared(known, () => this.#define('let', known));
  }

  /**
   * In wide code the rows of an iteration with a rare lane are left to `body`, so that the wide loop holds no call
   * (around which every live register would be saved). Where the iteration cannot be broken off any more, and in
   * scalar code, the call stands in a branch.
   */
  rarely(
    x: SExpr,
    when: SExpr,
    common: readonly SExpr[],
    rare: (s: MathScope, x: SExpr) => readonly SExpr[],
  ): readonly SExpr[] {
    const lanes = when.ty.lanes;
    if (lanes !== 1 && !this.#state.committed) {
      // Functions that share an argument ask the same.
      this.#shared(when, () => {
        const asked = this.#define('let', when);
        this.#out.push({ s: 'fail', code: 'RareLanes', when: asked });
        return asked;
      });
      return common;
    }
    const asked = this.bind(when);
    const merged = common.map((e) => this.#define('var', e));
    const inner = new Block(this.#state, this);
    const byLane = Array.from({ length: lanes }, (_, k) => rare(inner, inner.bind(lane(x, k))));
    for (const [i, target] of merged.entries()) {
      const e = sel(asked, combine(byLane.map((values) => values[i] ?? x)), target);
      if (target.x === 'get') inner.#out.push({ s: 'set', reg: target.reg, e });
    }
    this.#out.push({ s: 'if', cond: any(asked), then: inner.#out, else: [] });
    return merged.map((e) => this.#define('let', e));
  }

  branch(what: string, x: SExpr, cond: SExpr, yes: Values, no: Values): readonly SExpr[] {
    const key = `${what} ${exprText(x)}`;
    const known = this.#changes(x) ? null : this.#findBranch(key);
    if (known !== null) return known;
    const [then, otherwise] = [yes, no].map((values) => {
      const inner = new Block(this.#state, this);
      return { inner, values: values(inner).map((e) => inner.bind(e)) };
    });
    if (then === undefined || otherwise === undefined) return [];
    const merged = then.values.map((e) => this.#define('var', zeroLike(e)));
    for (const side of [then, otherwise]) {
      for (const [k, target] of merged.entries()) {
        const e = side.values[k];
        if (e !== undefined && target.x === 'get') side.inner.#out.push({ s: 'set', reg: target.reg, e });
      }
    }
    this.#out.push({ s: 'if', cond, then: then.inner.#out, else: otherwise.inner.#out, general: true });
    const values = merged.map((e) => this.#define('let', e));
    this.#branches.set(key, values);
    return values;
  }

  #findBranch(key: string): readonly SExpr[] | null {
    return this.#branches.get(key) ?? (this.#outer === null ? null : this.#outer.#findBranch(key));
  }

  /** |-x| as |x|. */
  #withoutSign(e: SExpr): SExpr {
    if (e.x !== 'un' || e.op !== 'abs' || e.a.x !== 'get') return e;
    const positive = this.#state.negated.get(e.a.reg);
    return positive === undefined || this.#changes(positive) ? e : { ...e, a: positive };
  }

  /** The value that `make` gives for `e`, remembered unless `e` reads a variable. */
  #shared(e: SExpr, make: () => SExpr): SExpr {
    if (this.#changes(e)) return make();
    const key = exprText(e);
    const known = this.#find(key);
    if (known !== null) return known;
    const value = make();
    this.#known.set(key, value);
    return value;
  }

  #find(key: string): SExpr | null {
    const known = this.#known.get(key);
    if (known !== undefined) return known;
    return this.#outer === null ? null : this.#outer.#find(key);
  }

  #changes(e: SExpr): boolean {
    return readsAny(e, this.#state.vars);
  }

  #define(s: 'let' | 'var', e: SExpr): SExpr {
    const reg = this.#state.next++ as Reg;
    this.#out.push({ s, reg, e });
    return get(reg, e.ty.kind, e.ty.lanes);
  }
}

/** A constant of the same type, for a variable that both branches set. */
const zeroLike = (e: SExpr): SExpr => lit(e.ty.kind, 0, e.ty.lanes);

/** Does the statement do something that must not be done again when the rows of an iteration are run by `body`? */
function commits(s: Stmt, kernel: Kernel): boolean {
  switch (s.s) {
    case 'accum':
      return true;
    case 'store':
      // What is only written may be written again, and scratch of rows that did not finish is never read.
      return !['write', 'scratch'].includes(kernel.bufs[s.buf]?.access ?? '');
    case 'if':
    case 'while':
      return blocksOf(s).some((b) => b.some((inner) => commits(inner, kernel)));
    case 'let':
    case 'var':
    case 'set':
    case 'load':
    case 'fail':
    case 'push':
    case 'pick':
      // Those of a broken off iteration are taken back.
      return false;
    default:
      return s satisfies never;
  }
}
