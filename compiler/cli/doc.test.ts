/** `spec/weldc.md` is true: its commands and sessions are run, and print what it says. */

import { readFileSync } from 'node:fs';
import { afterAll, describe, expect, it } from 'vitest';
import { replTranscript } from '../testing/repl.ts';
import { weldc } from '../testing/weldc.ts';

const w = weldc();
afterAll(() => w.clean());
w.file('wrong.weld', '|x: vec[ f6 ]|\n  let n = 1 +;\n  n\n');

const DOC = readFileSync(new URL('../../spec/weldc.md', import.meta.url), 'utf8');
const blocks = [...DOC.matchAll(/^```(\S+) ?(.*)\n([\s\S]*?)^```$/gm)].map(
  ([, language = '', mode = '', body = '']) => {
    return { language, mode, body };
  },
);

/** The words of a command line; single quotes keep blanks. */
const wordsOf = (line: string): readonly string[] =>
  [...line.matchAll(/'([^']*)'|(\S+)/g)].map((m) => m[1] ?? m[2] ?? '');

describe('spec/weldc.md', () => {
  it('has examples of known kinds', () => {
    expect(new Set(blocks.map((b) => b.language))).toEqual(new Set(['weld', 'console', 'repl']));
  });

  it.each(blocks.map((b, k) => [k, b] as const))('block %i', async (_k, { language, mode, body }) => {
    if (language === 'weld') {
      w.file(mode, body);
    } else if (language === 'repl') {
      expect(await replTranscript(body, { json: mode === 'json' })).toBe(body);
    } else {
      for (const part of body.split(/^\$ /m).slice(1)) {
        const [command = '', ...printed] = part.split('\n');
        const [name, ...argv] = wordsOf(command);
        expect(name).toBe('weldc');
        expect((await w.run(argv)).all, command).toBe(printed.join('\n'));
      }
    }
  });
});
