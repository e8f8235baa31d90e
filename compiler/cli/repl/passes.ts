/** `:passes`: what each pass changed in a program, and how many loops there were before and after. */

import { checkPassNames } from '../../compile.ts';
import type { Program } from '../../core/program.ts';
import { lineDiff } from '../../explain/diff.ts';
import { passLine } from '../../explain/text.ts';
import type { PassOptions } from '../../options.ts';
import { countLoops, optimize } from '../../pipeline.ts';
import { printProgram } from '../../text.ts';
import type { Answer } from '../command.ts';
import { countText } from '../report.ts';

/** Of longer programs only the numbers are shown, not the lines. */
const MOST_LINES = 400;

export function passesAnswer(p: Program, options: Partial<PassOptions>): Answer {
  checkPassNames(options);
  const texts = [printProgram(p)];
  const { program, trace } = optimize(p, {
    ...options,
    onDump(pass, changed) {
      options.onDump?.(pass, changed);
      texts.push(printProgram(changed));
    },
  });
  const changed = trace.filter((r) => r.changed);
  const small = texts.every((t) => t.split('\n').length <= MOST_LINES);
  const [before, after] = [countLoops(p), countLoops(program)];
  const shown = changed.map((record, k) => {
    const { name, fired } = record;
    const diff = small ? lineDiff(texts[k] ?? '', texts[k + 1] ?? '') : [];
    return {
      text: [passLine(record, name.length), ...diff.map((line) => `    ${line}`)],
      json: { name, fired, loops_before: record.loopsBefore, loops_after: record.loopsAfter, diff },
    };
  });
  const idle = trace.length - changed.length;
  const text = [
    `loops: ${before} before, ${after} after`,
    ...shown.flatMap((s) => s.text),
    ...(idle === 0 ? [] : [`${countText(idle, 'more run')} changed nothing`]),
  ];
  return {
    text: `${text.join('\n')}\n`,
    json: { loops_before: before, loops_after: after, passes: shown.map((s) => s.json), final: printProgram(program) },
  };
}
