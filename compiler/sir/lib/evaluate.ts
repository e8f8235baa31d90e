/**
 * Runs library code on numbers: the meaning of the math functions for everybody who has no machine at hand (both
 * interpreters, host steps of plans, tests).
 *
 * The code of a function is expanded once for each format, as one lane, and turned into closures over an array of
 * registers. Then a call costs a few hundred nanoseconds, a couple of them for each operation.
 */

import { InternalError } from '../../diag/diagnostic.ts';
import { binary, compare, convert, reinterpret, type Scalar, unary } from '../arith.ts';
import { bin, get, un } from '../build.ts';
import type { Reg, SExpr } from '../kernel.ts';
import {
  type BinaryMath,
  isBinaryMath,
  isMathCall,
  isUnaryMath,
  type MathName,
  type MathScope,
  mathCode,
  type UnaryMath,
} from './index.ts';
import type { FloatKind, Values } from './ops.ts';

type Regs = Scalar[];
type Eval = (regs: Regs) => Scalar;
type Step = (regs: Regs) => void;

/** Which register is free next, for a function and the branches in it. */
interface Counter {
  next: number;
}

/** Collects the steps of one block of library code. */
class Recorder implements MathScope {
  readonly steps: Step[] = [];
  readonly #regs: Counter;

  constructor(regs: Counter) {
    this.#regs = regs;
  }

  bind(e: SExpr): SExpr {
    return this.#hold(e, evaluator(e));
  }

  rarely(
    x: SExpr,
    when: SExpr,
    common: readonly SExpr[],
    rare: (s: MathScope, x: SExpr) => readonly SExpr[],
  ): readonly SExpr[] {
    const always: Values = () => common;
    return this.branch('', x, when, (s) => rare(s, x), always);
  }

  branch(_what: string, _x: SExpr, cond: SExpr, yes: Values, no: Values): readonly SExpr[] {
    const test = evaluator(cond);
    const [then, otherwise] = [this.#side(yes), this.#side(no)];
    const targets = then.values.map((e) => this.#fresh(e));
    const assign = (side: { readonly steps: readonly Step[]; readonly values: readonly SExpr[] }): Step => {
      const values = side.values.map(evaluator);
      return (regs) => {
        for (const step of side.steps) step(regs);
        for (const [k, target] of targets.entries()) regs[target.reg] = values[k]?.(regs) ?? 0;
      };
    };
    const [a, b] = [assign(then), assign(otherwise)];
    this.steps.push((regs) => (test(regs) === true ? a(regs) : b(regs)));
    return targets;
  }

  #side(values: Values): { readonly steps: readonly Step[]; readonly values: readonly SExpr[] } {
    const inner = new Recorder(this.#regs);
    const made = values(inner);
    return { steps: inner.steps, values: made };
  }

  #hold(e: SExpr, value: Eval): SExpr {
    const target = this.#fresh(e);
    const { reg } = target;
    this.steps.push((regs) => {
      regs[reg] = value(regs);
    });
    return target;
  }

  #fresh(e: SExpr): Extract<SExpr, { readonly x: 'get' }> {
    return get(this.#regs.next++ as Reg, e.ty.kind);
  }
}

/** An expression of one lane as a closure. Float arithmetic, which is most of it, goes straight to the machine. */
function evaluator(e: SExpr): Eval {
  switch (e.x) {
    case 'get': {
      const { reg } = e;
      return (regs) => regs[reg] ?? 0;
    }
    case 'lit': {
      const { value } = e;
      return () => value;
    }
    case 'un': {
      if (isUnaryMath(e.op)) throw new InternalError(`sir: the library code of a function calls ${e.op}`);
      const [a, op, { kind }] = [evaluator(e.a), e.op, e.ty];
      return (regs) => unary(op, kind, a(regs));
    }
    case 'bin':
      return binaryEvaluator(e);
    case 'cmp': {
      const [a, b, { op }] = [evaluator(e.a), evaluator(e.b), e];
      return (regs) => compare(op, a(regs), b(regs));
    }
    case 'select': {
      const [c, a, b] = [evaluator(e.c), evaluator(e.a), evaluator(e.b)];
      return (regs) => (c(regs) === true ? a(regs) : b(regs));
    }
    case 'cast': {
      const [a, from, to] = [evaluator(e.a), e.a.ty.kind, e.ty.kind];
      return (regs) => convert(from, to, a(regs));
    }
    case 'bitcast': {
      const [a, from, to] = [evaluator(e.a), e.a.ty.kind, e.ty.kind];
      return (regs) => reinterpret(from, to, a(regs));
    }
    case 'any':
      return evaluator(e.a);
    case 'splat':
    case 'lane':
    case 'lanes':
    case 'whole':
      throw new InternalError(`sir: ${e.x} in one lane`);
    default:
      return e satisfies never;
  }
}

function binaryEvaluator(e: Extract<SExpr, { readonly x: 'bin' }>): Eval {
  const { op } = e;
  const { kind } = e.ty;
  if (isBinaryMath(op)) throw new InternalError(`sir: the library code of a function calls ${op}`);
  const [a, b] = [evaluator(e.a), evaluator(e.b)];
  const double = (f: (x: number, y: number) => number): Eval =>
    kind === 'f32'
      ? (regs) => Math.fround(f(Number(a(regs)), Number(b(regs))))
      : (regs) => f(Number(a(regs)), Number(b(regs)));
  if (kind === 'f64' || kind === 'f32') {
    if (op === '+') return double((x, y) => x + y);
    if (op === '-') return double((x, y) => x - y);
    if (op === '*') return double((x, y) => x * y);
  }
  return (regs) => binary(op, kind, a(regs), b(regs));
}

type Compiled = (x: number, y: number) => number;

function made(name: MathName, kind: FloatKind): Compiled {
  const counter: Counter = { next: 2 };
  const scope = new Recorder(counter);
  const [x, y] = [get(0 as Reg, kind), get(1 as Reg, kind)];
  const call = name === 'pow' || name === 'atan2' ? bin(name, x, y) : un(name, x);
  if (!isMathCall(call)) throw new InternalError(`sir: ${name} is no function of the library`);
  const value = evaluator(mathCode(scope, call));
  const { steps } = scope;
  return (a, b) => {
    const regs: Regs = new Array<Scalar>(counter.next).fill(0);
    regs[0] = a;
    regs[1] = b;
    for (const step of steps) step(regs);
    return Number(value(regs));
  };
}

/** Functions are made when they are first called; what is made never changes. */
const known = new Map<string, Compiled>();

function functionOf(name: MathName, kind: FloatKind): Compiled {
  const key = `${name} ${kind}`;
  const found = known.get(key) ?? made(name, kind);
  known.set(key, found);
  return found;
}

/** f(x) in a format; `x` is a number of it. */
export const unaryMath = (f: UnaryMath, kind: FloatKind, x: number): number => functionOf(f, kind)(x, 0);
/** f(x, y) in a format. */
export const binaryMath = (f: BinaryMath, kind: FloatKind, x: number, y: number): number => functionOf(f, kind)(x, y);
