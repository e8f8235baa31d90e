/**
 * Random types of values, keys and merged values. The plain ones are those that frontends make columns of; the rich
 * ones nest without end, as far as the tape asks for it.
 */

import {
  BOOL,
  type DictType,
  dict,
  F32,
  F64,
  I8,
  I16,
  I32,
  I64,
  type ScalarType,
  struct,
  type Type,
  U8,
  U16,
  U32,
  U64,
  UNIT,
  type VecType,
  vec,
} from '../core/types.ts';
import type { ProgramOptions } from './arb-scope.ts';
import type { Tape } from './tape.ts';

export const SCALARS: readonly [ScalarType, ...ScalarType[]] = [I64, F64, I32, BOOL, F32, U8, I8, U32, I16, U16, U64];
export const NUMBERS: readonly [ScalarType, ...ScalarType[]] = [I64, F64, I32, F32, U8, I8, U32, I16, U16, U64];
const KEYS: readonly [Type, ...Type[]] = [I64, I32, BOOL, U8, struct([I32, BOOL]), F64];

export class TypeGen {
  readonly tape: Tape;
  readonly options: Required<ProgramOptions>;
  constructor(tape: Tape, options: Required<ProgramOptions>) {
    this.tape = tape;
    this.options = options;
  }

  scalar(): ScalarType {
    return this.tape.choose(SCALARS);
  }

  /** A type of values, mostly scalar, that nests at most `depth` deep. */
  data(depth: number): Type {
    const { tape } = this;
    if (depth <= 0 || tape.pick(3) < 2) return this.scalar();
    switch (tape.pick(this.options.nestedVecs ? 6 : 2)) {
      case 0:
      case 1:
        return this.struct(depth);
      case 2:
        return vec(I8);
      case 3:
      case 4:
        return vec(this.data(depth - 1));
      default:
        return this.options.rich ? this.dict(depth) : vec(this.scalar());
    }
  }
  /** A vector of such. */
  column(depth: number): VecType {
    return vec(this.data(depth));
  }
  /** A struct of two or three scalars. */
  row(): Type {
    return struct(Array.from({ length: 2 + this.tape.pick(2) }, () => this.scalar()));
  }
  struct(depth: number): Type {
    const fields = this.tape.choose([2, 2, 3, 1, 0]);
    if (fields === 0 && !this.options.rich) return struct([I64, F64]);
    return struct(Array.from({ length: fields }, () => this.data(depth - 1)));
  }
  /** A dictionary that code can make: over a dictmerger or a groupmerger. */
  dict(depth: number): DictType {
    const { tape } = this;
    const value = tape.pick(2) === 0 ? this.merged() : vec(this.data(depth - 2));
    return dict(this.key(), value);
  }

  /** What may be a key. */
  key(): Type {
    const { tape, options } = this;
    if (!options.rich || tape.pick(2) === 0) return options.nestedVecs && tape.rarely(8) ? vec(U8) : tape.choose(KEYS);
    switch (tape.pick(options.nestedVecs ? 8 : 4)) {
      case 0:
      case 1:
        return this.scalar();
      case 2:
        return struct([this.scalar(), struct([this.scalar()])]);
      case 3:
        return tape.rarely(3) ? UNIT : struct([this.scalar(), this.scalar()]);
      case 4:
      case 5:
        return vec(I8);
      case 6:
        return struct([this.scalar(), vec(this.scalar())]);
      default:
        return vec(tape.choose<Type>([vec(I8), struct([I32, F64]), F64]));
    }
  }
  /** What `+ * min max` may merge: a number, or structs of numbers. */
  merged(): Type {
    const { tape } = this;
    if (!tape.rarely(5)) return tape.choose(NUMBERS);
    const pair = struct([tape.choose(NUMBERS), tape.choose(NUMBERS)]);
    return this.options.rich && tape.rarely(3) ? struct([pair, tape.choose(NUMBERS)]) : pair;
  }

  /** Whether a type may occur in programs with these options. */
  allows(t: Type): boolean {
    return this.options.nestedVecs || (t.kind !== 'vec' && t.kind !== 'dict');
  }
}
