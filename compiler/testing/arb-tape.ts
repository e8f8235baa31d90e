/**
 * An arbitrary for whatever is a function of a tape of decisions, with a shrinker that is fast on long tapes.
 *
 * Shrinking cuts out the spans that the maker has named (the steps of a program, the last first), then pieces of any
 * kind, halves of the tape first, then sets cells to 0, then lowers them. It goes on where it was after each success
 * instead of from the start, which takes some three tries a cell; a list of numbers shrunk by fast-check itself takes
 * minutes on programs.
 */

import fc from 'fast-check';
import { Tape } from './tape.ts';

/** The values that `make` makes from tapes of up to `maxLength` cells. */
export function arbFromTape<T>(maxLength: number, make: (tape: Tape) => T): fc.Arbitrary<T> {
  return new TapeArbitrary(maxLength, make);
}

type Phase = 'span' | 'cut' | 'zero' | 'lower';
/** Where the shrinker is: at the span before `at`, at pieces of `size` cells before `at`, or at the cell `at`. */
interface Progress {
  readonly phase: Phase;
  readonly at: number;
  readonly size: number;
}
const start = (phase: Phase, at: number, size = 0): Progress => ({ phase, at, size });

interface Context {
  readonly cells: readonly number[];
  readonly spans: readonly (readonly [number, number])[];
  readonly progress: Progress;
  /** Changing cells makes others superfluous, so everything is tried a second time. */
  readonly round: number;
}

const CELL = 0xffff;

class TapeArbitrary<T> extends fc.Arbitrary<T> {
  readonly #maxLength: number;
  readonly #make: (tape: Tape) => T;

  constructor(maxLength: number, make: (tape: Tape) => T) {
    super();
    this.#maxLength = maxLength;
    this.#make = make;
  }

  override generate(random: fc.Random): fc.Value<T> {
    const length = random.nextInt(0, this.#maxLength);
    const cells = Array.from({ length }, () => random.nextInt(0, CELL));
    return this.#value(cells, start('span', Number.POSITIVE_INFINITY), 0);
  }

  override canShrinkWithoutContext(_value: unknown): _value is T {
    return false;
  }

  override shrink(_value: T, context: unknown): fc.Stream<fc.Value<T>> {
    return isContext(context) ? fc.stream(this.#smaller(context)) : fc.Stream.nil();
  }

  /** The candidates from `progress` on; each carries the progress to go on from if it is taken. */
  *#smaller(cx: Context): IterableIterator<fc.Value<T>> {
    const { cells, progress, round } = cx;
    switch (progress.phase) {
      case 'span':
        for (let k = Math.min(progress.at, cx.spans.length) - 1; k >= 0; k--) {
          const [from, to] = cx.spans[k] ?? [0, 0];
          yield this.#value(without(cells, from, to), start('span', k), round);
        }
        yield* this.#smaller({ ...cx, progress: start('cut', cells.length, Math.ceil(cells.length / 2)) });
        break;
      case 'cut':
        for (let at = progress.at - progress.size; at > -progress.size; at -= progress.size) {
          const from = Math.max(0, at);
          yield this.#value(without(cells, from, at + progress.size), start('cut', from, progress.size), round);
        }
        yield* this.#smaller({
          ...cx,
          progress: progress.size > 1 ? start('cut', cells.length, Math.ceil(progress.size / 2)) : start('zero', 0),
        });
        break;
      case 'zero':
        for (let at = progress.at; at < cells.length; at++) {
          if (cells[at] !== 0) yield this.#value(cells.with(at, 0), start('zero', at + 1), round);
        }
        yield* this.#smaller({ ...cx, progress: start('lower', 0) });
        break;
      case 'lower':
        for (let at = progress.at; at < cells.length; at++) {
          const cell = cells[at] ?? 0;
          for (const lower of [1, 2, 3, cell >> 8, cell >> 4, cell >> 1]) {
            if (lower > 0 && lower < cell) yield this.#value(cells.with(at, lower), start('lower', at), round);
          }
        }
        if (round === 0) yield* this.#smaller({ ...cx, progress: start('span', Number.POSITIVE_INFINITY), round: 1 });
        break;
      default:
        progress.phase satisfies never;
    }
  }

  /** The value of a tape; what the maker did not read is cut off. */
  #value(cells: readonly number[], progress: Progress, round: number): fc.Value<T> {
    const tape = new Tape(cells);
    const value = this.#make(tape);
    const context: Context = { cells: cells.slice(0, tape.used), spans: tape.spans, progress, round };
    return new fc.Value(value, context);
  }
}

const without = (cells: readonly number[], from: number, to: number): readonly number[] => [
  ...cells.slice(0, from),
  ...cells.slice(to),
];

function isContext(c: unknown): c is Context {
  return typeof c === 'object' && c !== null && 'cells' in c && 'progress' in c;
}
