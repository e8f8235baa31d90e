/** `weldc explain`: the story of the passes as text, as JSON, or as a page. */

import { basename } from 'node:path';
import { lineDiff } from '../explain/diff.ts';
import { explainHtml } from '../explain/html.ts';
import { explainText } from '../explain/text.ts';
import { explain, explainJson } from '../explain.ts';
import { parseProgram } from '../text.ts';
import type { Answer, Invocation } from './command.ts';
import { writeText } from './files.ts';
import { runnable } from './program.ts';
import { UsageError } from './report.ts';
import { passSwitches } from './switches.ts';

export async function explainProgram(x: Invocation): Promise<Answer> {
  const { diff, html, fastMath } = x.options;
  if (html === '') throw new UsageError('--html needs the name of a file to write');
  if (html === x.name) throw new UsageError(`--html would overwrite the program ${html}`);
  const p = runnable(parseProgram(x.text));
  const story = explain(p, { ...(await passSwitches(p, x.env)), fastMath, now: x.now });
  const json = {
    ...explainJson(story),
    ...(diff ? { steps: story.steps.map((s) => ({ name: s.pass.name, diff: lineDiff(s.before, s.after) })) } : {}),
  };
  if (html === null) return { text: explainText(story, { diff }), json };
  writeText(html, explainHtml(story, basename(x.name)));
  return { text: `wrote ${html}\n`, json: { ...json, html } };
}
