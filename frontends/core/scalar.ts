/**
 * Lazy scalars: the sum of a column, the mean of an array. They can be used in further expressions, where they meet
 * every row, and are computed when `item()` asks.
 */

import type { ScalarValue } from '../../compiler/index.ts';
import type { CompileSettings, DType, EvaluateOptions, Session } from '../../runtime/index.ts';
import { commonSession } from './column.ts';
import { answer, type LazyProgram, programFor, type Request } from './evaluate.ts';
import { explainValue, type ValueExplanation } from './explain.ts';
import { INSPECT } from './inspect.ts';
import { literal, type Operand } from './operand.ts';
import { type ArithOp, arith, type MathOp, math, neg, type Where } from './ops.ts';
import { extend, refuse, type Site, siteOf, type Trail } from './trail.ts';

/** What a lazy scalar may be combined with by its own methods. */
export type ScalarLike = Scalar | number | bigint;

/**
 * One number that is not computed yet, of a numeric dtype.
 *
 * Methods give further lazy scalars (`f64` for division and math functions, NumPy's promotion otherwise). In an operator
 * of an array, or `lit(scalar)` in a frame expression, it meets every row.
 */
export class Scalar {
  readonly operand: Operand;
  readonly session: Session | null;
  readonly trail: Trail;
  constructor(operand: Operand, session: Session | null, trail: Trail) {
    this.operand = operand;
    this.session = session;
    this.trail = trail;
  }
  /** What the scalar is, without computing anything. */
  toString(): string {
    return `Scalar { ${this.dtype} } (lazy: await item())`;
  }
  [INSPECT](): string {
    return this.toString();
  }
  get dtype(): DType {
    return this.operand.dtype;
  }
  add(other: ScalarLike): Scalar {
    return this.#arith('add', other);
  }
  sub(other: ScalarLike): Scalar {
    return this.#arith('sub', other);
  }
  mul(other: ScalarLike): Scalar {
    return this.#arith('mul', other);
  }
  /** Real division: two integers give f64. */
  div(other: ScalarLike): Scalar {
    return this.#arith('div', other);
  }
  min(other: ScalarLike): Scalar {
    return this.#arith('min', other);
  }
  max(other: ScalarLike): Scalar {
    return this.#arith('max', other);
  }
  pow(other: ScalarLike): Scalar {
    return this.#arith('pow', other);
  }
  neg(): Scalar {
    const where = this.#where('neg', '');
    return new Scalar(neg(this.operand, where), this.session, where.trail);
  }
  sqrt(): Scalar {
    return this.#math('sqrt');
  }
  exp(): Scalar {
    return this.#math('exp');
  }
  log(): Scalar {
    return this.#math('log');
  }

  /** How the scalar would be computed: the passes, what they save, the program, the lowering. It prints as text. */
  explain(settings: CompileSettings = {}): Promise<ValueExplanation> {
    return explainValue([], [this.operand], this.session, settings);
  }
  /** What `item` would run, as a program with its data in memory: the form that `weldc build` compiles. */
  toProgram(): LazyProgram {
    return programFor([], [this.operand], siteOf('scalar.toProgram', this.trail, 'toProgram()'));
  }
  /**
   * Computes the number. The mean, min or max of no values is NaN for floats; for integers it has no value, which is
   * an error (W8005). An integer beyond 2^53 is an error (W8006): use `bigint()`.
   */
  item(options: EvaluateOptions = {}): Promise<number> {
    return answer(this.request(), options);
  }
  /** Computes an integer exactly; a float is an error (W8006). */
  bigint(options: EvaluateOptions = {}): Promise<bigint> {
    return answer(
      this.#request('bigint', (value, site) => {
        if (typeof value === 'bigint' || (this.dtype !== 'f64' && this.dtype !== 'f32')) return BigInt(value);
        return refuse(site, 'W8006', `a ${this.dtype} has no bigint`, { help: 'use item()' });
      }),
      options,
    );
  }
  /** What `item` computes, for `evaluate`. */
  request(): Request<number> {
    return this.#request('item', (value, site) => {
      if (typeof value === 'bigint' && (value > MAX_SAFE || value < -MAX_SAFE)) {
        refuse(site, 'W8006', `${value} is not exact as a JavaScript number`, {
          help: 'use bigint() for integers beyond 2^53',
        });
      }
      return Number(value);
    });
  }

  #request<R>(call: string, finish: (value: number | bigint, site: Site) => R): Request<R> {
    const site = siteOf(`scalar.${call}`, this.trail, `${call}()`);
    return {
      columns: [],
      scalars: [this.operand],
      session: this.session,
      site,
      finish: ({ scalars: [value = null] }) => finish(this.#number(value, site), site),
    };
  }
  #number(value: ScalarValue | null, site: Site): number | bigint {
    if (value !== null) return typeof value === 'boolean' ? Number(value) : value;
    if (this.dtype === 'f64' || this.dtype === 'f32') return Number.NaN;
    return refuse(site, 'W8005', 'the reduction of no values has no value', {
      help: 'check that there are rows first',
    });
  }
  #arith(op: ArithOp, other: ScalarLike): Scalar {
    const where = this.#where(op, other instanceof Scalar ? 'scalar' : String(other));
    const session = other instanceof Scalar ? commonSession([this, other], where) : this.session;
    return new Scalar(arith(op, this.operand, operandOf(other), where), session, where.trail);
  }
  #math(op: MathOp): Scalar {
    const where = this.#where(op, '');
    return new Scalar(math(op, this.operand, where), this.session, where.trail);
  }
  #where(op: string, argument: string): Where {
    const text = `${op}(${argument})`;
    return { call: `scalar.${op}`, trail: extend(this.trail, text), text: () => `scalar.${text}` };
  }
}

const MAX_SAFE = BigInt(Number.MAX_SAFE_INTEGER);

const operandOf = (x: ScalarLike): Operand => (x instanceof Scalar ? x.operand : literal(x));
