/**
 * A program over columns that come in batches, driven by the builder law: `init`, `run` once a batch, `combine` of states
 * that began apart, `result`. `session.stream` is the loop over batches; another engine may run partitions where it likes.
 *
 * The compiler splits the program (`compiler/split.ts`). Each of its stages is a program that the session evaluates, so that
 * threads, limits and caches are those of any evaluation, or code of an artifact. A state belongs to whoever has it: `run`
 * and `combine` make new ones and leave their arguments as they are.
 */

import {
  fail,
  invariant,
  type StageName,
  type StageShape,
  type Type,
  type Value,
  type VecValue,
} from '../../compiler/index.ts';
import { throwIfCancelled } from '../cancel.ts';
import { DISPOSE } from '../dispose.ts';
import { type Given, givenValue } from '../given.ts';
import type { EvaluateOptions } from '../options.ts';
import { asVec, checkValue } from '../value.ts';

/** What the builders of a program hold after some batches. */
export interface StreamState {
  /** How many rows they have seen. */
  readonly rows: bigint;
  readonly builders: readonly Value[];
}

/** The columns of one batch: one for each streamed parameter, in order, all of one length. */
export type Batch = readonly Given[];

/** A program that is run batch by batch, or partition by partition. */
export interface Partitioned extends Disposable {
  /** The state before any row. It is the identity of `combine`. */
  init(): Promise<StreamState>;
  /** The state after the rows of one more batch. W8006 and W8005 for columns that do not fit. */
  run(state: StreamState, batch: Batch): Promise<StreamState>;
  /** The state of the rows of `a` and then those of `b`. W5002 where the loops read the numbers of their iterations. */
  combine(a: StreamState, b: StreamState): Promise<StreamState>;
  /** The program's value for all rows of a state. */
  result(state: StreamState): Promise<Value>;
  /** Gives the memory of a state back. */
  release(state: StreamState): void;
  /** Gives back what was computed before the loops; states that it made stay. */
  dispose(): void;
}

/** What the stages of a program are run with. */
export interface Host {
  evaluate(stage: StageName, args: readonly Value[], options: EvaluateOptions): Promise<Value>;
  /** Gives the memory of a value back. */
  release(value: Value): void;
  /** Gives the copies back that were made of columns in memory of others. */
  forget(value: Value): void;
}

/** The arguments of a program some of whose parameters are streamed: null for those. */
export type PartialArgs = readonly (Given | null)[];

export const streamedOf = (args: PartialArgs): readonly number[] => args.flatMap((a, k) => (a === null ? [k] : []));

/** Checks the arguments of a program that is to be streamed. W2005, W8006. */
export function checkStreamed(types: readonly Type[], args: PartialArgs): void {
  if (args.length !== types.length) {
    fail('W2005', `the program takes ${types.length} arguments, found ${args.length}`, {
      help: 'give null for each parameter that is streamed',
    });
  }
  if (!args.includes(null)) fail('W8006', 'no argument is null: nothing is streamed', { help: 'use evaluate' });
  for (const [k, t] of types.entries()) {
    if (args[k] === null && t.kind !== 'vec') fail('W8006', `the streamed argument ${k + 1} must be a vector`);
  }
}

/** What the loops begin from, computed once. */
interface Begun {
  /** Of the columns that come in batches. */
  readonly types: readonly Type[];
  readonly fixed: readonly Value[];
  readonly kept: readonly Value[];
  /** What the builders hold before the first row. */
  readonly states: readonly Value[];
  readonly late: readonly Value[];
}

export class Stages {
  readonly #host: Host;
  readonly #shape: StageShape;
  readonly #options: EvaluateOptions;
  readonly #begun: Begun;
  #disposed = false;

  private constructor(host: Host, shape: StageShape, options: EvaluateOptions, begun: Begun) {
    this.#host = host;
    this.#shape = shape;
    this.#options = options;
    this.#begun = begun;
  }

  /** Computes what comes before the loops. */
  static async begin(
    host: Host,
    shape: StageShape,
    types: readonly Type[],
    asked: PartialArgs,
    options: EvaluateOptions,
  ): Promise<Stages> {
    const args = types.map((t, k) =>
      asked[k] === null ? null : givenValue(asked[k] ?? undefined, t, `argument ${k + 1}`),
    );
    const given = args.flatMap((a) => (a === null ? [] : [a]));
    const made = fieldsOf(await host.evaluate('init', given, options));
    const { kept, states } = shape;
    const fixed = shape.fixed.flatMap((k) => args[k] ?? []);
    const [a, b] = [kept, kept + states];
    return new Stages(host, shape, options, {
      types: shape.streamed.flatMap((k) => types[k] ?? []),
      fixed,
      kept: made.slice(0, a),
      states: made.slice(a, b),
      late: made.slice(b),
    });
  }

  /** The state that a stream begins with: what the builders hold before the first row. */
  begun(): StreamState {
    return { rows: 0n, builders: this.#begun.states };
  }
  /** A state that holds nothing. */
  async empty(): Promise<StreamState> {
    this.#checkAlive();
    const made = await this.#host.evaluate('empty', this.#begun.states, this.#options);
    return { rows: 0n, builders: fieldsOf(made) };
  }

  async run(state: StreamState, batch: Batch): Promise<StreamState> {
    this.#checkAlive();
    const { types, fixed, kept } = this.#begun;
    const columns = columnsOf(batch, types);
    const length = lengthOf(columns);
    try {
      const args = [...fixed, ...kept, ...state.builders, state.rows, ...columns];
      const made = await this.#host.evaluate('run', args, this.#options);
      return { rows: state.rows + BigInt(length), builders: fieldsOf(made) };
    } finally {
      // They would wait for the garbage collector, which does not know how large they are.
      for (const column of columns) this.#host.forget(column);
    }
  }

  async combine(a: StreamState, b: StreamState): Promise<StreamState> {
    this.#checkAlive();
    const made = await this.#host.evaluate('combine', [...a.builders, ...b.builders], this.#options);
    return { rows: a.rows + b.rows, builders: fieldsOf(made) };
  }

  /** The program's value for a state that began with `begun`. */
  finish(state: StreamState): Promise<Value> {
    const { fixed, kept, late } = this.#begun;
    const args = [...fixed, ...kept, ...state.builders, ...late, state.rows];
    return this.#host.evaluate('result', args, this.#options);
  }

  release(state: StreamState): void {
    if (state.builders === this.#begun.states) return;
    for (const v of state.builders) this.#host.release(v);
  }
  /** Gives back what was computed before the loops; a second time does nothing. */
  dispose(): void {
    if (this.#disposed) return;
    this.#disposed = true;
    for (const v of [...this.#begun.kept, ...this.#begun.states, ...this.#begun.late]) this.#host.release(v);
  }

  #checkAlive(): void {
    if (this.#disposed)
      fail('W8009', 'the partitioned program was disposed', { help: 'dispose it after its last use' });
  }

  /** The law for states that begin empty: what the builders held before the first row comes in at the end. */
  partitioned(): Partitioned {
    return {
      init: () => this.empty(),
      run: (state, batch) => this.run(state, batch),
      combine: (a, b) => {
        if (this.#shape.readsIndex) {
          fail('W5002', 'states cannot be combined: a loop reads the numbers of its iterations', {
            help: 'stream the numbers of the rows as a column',
          });
        }
        return this.combine(a, b);
      },
      result: async (state) => {
        const whole = await this.combine(this.begun(), state);
        try {
          return await this.finish(whole);
        } finally {
          this.release(whole);
        }
      },
      release: (state) => this.release(state),
      dispose: () => this.dispose(),
      [DISPOSE]: () => this.dispose(),
    };
  }
}

/** The program's value for all batches, one after the other; a batch is asked for when the one before is done. */
export async function streamBatches(
  stages: Stages,
  batches: AsyncIterable<Batch> | Iterable<Batch>,
  signal: AbortSignal | null,
): Promise<Value> {
  let state = stages.begun();
  try {
    for await (const batch of batches) {
      throwIfCancelled(signal);
      const next = await stages.run(state, batch);
      stages.release(state);
      state = next;
    }
    return await stages.finish(state);
  } finally {
    stages.release(state);
    stages.dispose();
  }
}

function fieldsOf(v: Value): readonly Value[] {
  invariant(typeof v === 'object' && v.kind === 'struct', () => 'stream: a stage gave no struct');
  return v.fields;
}

/** The rows of a batch, whose columns have one length. */
/** The columns of a batch as values. W8006 for others than are streamed. */
function columnsOf(batch: Batch, types: readonly Type[]): readonly VecValue[] {
  if (batch.length !== types.length) fail('W8006', `a batch has ${types.length} columns, found ${batch.length}`);
  return types.map((t, k) => {
    const what = `column ${k + 1} of the batch`;
    const column = givenValue(batch[k], t, what);
    checkValue(column, t, what);
    return asVec(column);
  });
}

function lengthOf(columns: readonly VecValue[]): number {
  const lengths = columns.map((v) => v.length);
  const [length = 0] = lengths;
  if (lengths.some((n) => n !== length)) {
    fail('W8005', `the columns of a batch have one length, found ${lengths.join(' and ')}`);
  }
  return length;
}
