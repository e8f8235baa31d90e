/**
 * A session of the repl as a text: prompts with what is typed behind them, and the answers. What is given is such a
 * text, of which only the lines with prompts are read, so a transcript that is right comes back as it is.
 */

import { Engine, type EngineOptions } from '../cli/repl/engine.ts';
import type { LineEvent } from '../cli/repl/lines.ts';
import { converse } from '../cli/repl/repl.ts';

const PROMPTS = ['weld> ', '  ... '] as const;
/** What is typed for Ctrl-C. */
const INTERRUPT = '^C';

export async function replTranscript(script: string, options: Partial<EngineOptions> = {}): Promise<string> {
  const typed = script.split('\n').flatMap((line) => {
    const prompt = PROMPTS.find((p) => line.startsWith(p) || line === p.trimEnd());
    return prompt === undefined ? [] : [line.slice(prompt.length)];
  });
  let text = '';
  const out = (more: string): void => {
    text += more;
  };
  const engine = new Engine({
    json: false,
    target: 'interp',
    threads: 1,
    fuel: null,
    memory: null,
    fastMath: false,
    env: {},
    out,
    err: out,
    ...options,
  });
  const next = async (prompt: string): Promise<LineEvent> => {
    const line = typed.shift();
    if (line === undefined) return { kind: 'end' };
    out(`${`${prompt}${line}`.trimEnd()}\n`);
    if (!line.endsWith(INTERRUPT)) return { kind: 'line', text: line };
    return { kind: 'interrupt', typed: line !== INTERRUPT };
  };
  const lines = { terminal: false, next, whileBusy: <T>(work: () => Promise<T>): Promise<T> => work() };
  try {
    await converse(engine, lines, () => {}, out);
  } finally {
    await engine.dispose();
  }
  return text;
}
