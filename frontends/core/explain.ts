/**
 * `value.explain()`: how a lazy value would be computed, for frames, arrays, tensors and scalars alike. What comes back
 * is plain data with a text for people, which is also what printing it shows.
 */

import type { Explanation } from '../../compiler/index.ts';
import { explainText } from '../../compiler/index.ts';
import type { CompileSettings, Session } from '../../runtime/index.ts';
import { defaultSession } from '../../runtime/index.ts';
import type { LazyColumn } from './column.ts';
import { emitFor } from './evaluate.ts';
import { INSPECT } from './inspect.ts';
import type { Operand } from './operand.ts';

/** An explanation that prints as its text. */
export interface ValueExplanation extends Explanation {
  readonly text: string;
  toString(): string;
}

/**
 * Explains what `evaluate` would run for columns and scalars, with the switches of the session; nothing is run. Where
 * all of it is data already there is nothing to explain, and the explanation is that of no passes.
 */
export async function explainValue(
  columns: readonly LazyColumn[],
  scalars: readonly Operand[],
  session: Session | null,
  settings: CompileSettings = {},
): Promise<ValueExplanation> {
  const emitted = emitFor(columns, scalars);
  if (emitted === null) return printable(NOTHING, 'nothing to compute: it is data already\n');
  const story = await (session ?? (await defaultSession())).explain(emitted.program, settings);
  return printable(story, await explainText(story));
}

const NOTHING: Explanation = {
  loopsBefore: 0,
  loopsAfter: 0,
  bytesBefore: 0,
  bytesAfter: 0,
  passes: [],
  steps: [],
  missed: [],
  initial: '',
  final: '',
  lowering: [],
  kernels: [],
};

function printable(story: Explanation, text: string): ValueExplanation {
  const show = { toString: () => text, [INSPECT]: () => text };
  return { ...story, text, ...show };
}
