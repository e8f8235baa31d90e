/**
 * The parts of the program generator, which call each other: a value may need a loop, a loop values and types. They
 * share one builder of code, one tape of decisions and one set of options.
 */

import type { Builder } from '../core/build.ts';
import { AlgebraGen } from './arb-algebra.ts';
import { IdiomGen } from './arb-idiom.ts';
import { LoopGen } from './arb-loop.ts';
import { MatrixGen } from './arb-matrix.ts';
import { NearMisses } from './arb-near-misses.ts';
import { OrderGen } from './arb-order.ts';
import { Reach } from './arb-reach.ts';
import { ScalarGen } from './arb-scalar.ts';
import type { ProgramOptions } from './arb-scope.ts';
import { TellingGen } from './arb-telling.ts';
import { TypeGen } from './arb-types.ts';
import { ValueGen } from './arb-value.ts';
import { WalkGen } from './arb-walk.ts';
import type { Tape } from './tape.ts';

export class Gen {
  readonly b: Builder;
  readonly tape: Tape;
  readonly options: Required<ProgramOptions>;
  readonly types: TypeGen;
  readonly scalars: ScalarGen;
  readonly algebra: AlgebraGen;
  readonly telling: TellingGen;
  readonly values: ValueGen;
  readonly reach: Reach;
  readonly order: OrderGen;
  readonly walks: WalkGen;
  readonly loops: LoopGen;
  readonly idioms: IdiomGen;
  readonly nearMisses: NearMisses;
  readonly matrices: MatrixGen;
  /** The length of vectors of a class, where it is known while the program is made. */
  readonly lengths = new Map<number, number>();
  #classes = 0;

  constructor(b: Builder, tape: Tape, options: Required<ProgramOptions>) {
    this.b = b;
    this.tape = tape;
    this.options = options;
    this.types = new TypeGen(tape, options);
    this.scalars = new ScalarGen(this);
    this.algebra = new AlgebraGen(this);
    this.telling = new TellingGen(this);
    this.values = new ValueGen(this);
    this.reach = new Reach(this);
    this.order = new OrderGen(this);
    this.walks = new WalkGen(this);
    this.loops = new LoopGen(this);
    this.idioms = new IdiomGen(this);
    this.nearMisses = new NearMisses(this);
    this.matrices = new MatrixGen(this);
  }

  /** A class of lengths that no other vector has. */
  freshLength(known?: number): number {
    const made = this.#classes++;
    if (known !== undefined) this.lengths.set(made, known);
    return made;
  }
}
