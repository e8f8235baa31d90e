/**
 * What each command on a program prints. A command gives its answer as text, or as the object that `--json` prints;
 * whatever is wrong it throws.
 */

import { encodeJson } from '../core/json.ts';
import { resultType } from '../core/program.ts';
import { typeText } from '../core/types.ts';
import { parseProgram, printProgram, readProgram } from '../text.ts';
import { benchArtifact } from './artifact/bench.ts';
import { buildArtifact } from './artifact/build.ts';
import { bisectProgram } from './bisect/bisect.ts';
import type { Answer, Command, Invocation } from './command.ts';
import { compactText } from './compact.ts';
import { Evaluator } from './evaluator.ts';
import { explainProgram } from './explain.ts';
import { decodeArgs, programType, runnable } from './program.ts';

async function check(x: Invocation): Promise<Answer> {
  const type = programType(parseProgram(x.text));
  return { text: `ok: ${type}\n`, json: { type } };
}

async function fmt(x: Invocation): Promise<Answer> {
  const text = x.options.compact ? `${compactText(readProgram(x.text))}\n` : printProgram(parseProgram(x.text));
  return { text, json: { text } };
}

async function run(x: Invocation): Promise<Answer> {
  const p = runnable(parseProgram(x.text));
  const type = resultType(p);
  const args = decodeArgs(p, x.options.args ?? []);
  const evaluator = new Evaluator(x.options, x.env);
  try {
    const value = encodeJson(type, await evaluator.evaluate(p, args));
    return { text: `${JSON.stringify(value)}\n`, json: { type: typeText(type), value } };
  } finally {
    await evaluator.dispose();
  }
}

export const COMMANDS: Readonly<Record<string, Command>> = {
  run: { reads: 'text', options: ['args', 'target', 'threads', 'fuel', 'memory', 'fast-math'], counts: false, run },
  check: { reads: 'text', options: [], counts: true, run: check },
  fmt: { reads: 'text', options: ['compact'], counts: false, run: fmt },
  explain: { reads: 'text', options: ['diff', 'html', 'fast-math'], counts: false, run: explainProgram },
  bisect: {
    reads: 'text',
    options: ['args', 'target', 'threads', 'fuel', 'memory', 'fast-math'],
    counts: false,
    run: bisectProgram,
  },
  build: {
    reads: 'text',
    options: ['out', 'stream', 'optimize', 'memory', 'fast-math'],
    counts: false,
    run: buildArtifact,
  },
  bench: {
    reads: 'folder',
    options: ['args', 'n', 'seed', 'runs', 'batch', 'threads', 'memory'],
    counts: false,
    run: benchArtifact,
  },
};
