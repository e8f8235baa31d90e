import fc from 'fast-check';
import { expect, test } from 'vitest';
import { printProgram, programKey } from '../core/print.ts';
import { verify } from '../core/verify.ts';
import { parseProgram } from '../text.ts';
import { arbProgram } from './arb-program.ts';
import { runs } from './runs.ts';

test('what is printed reads back as the same program, and prints as the same text', () => {
  fc.assert(
    fc.property(arbProgram({ errors: true, cudf: true }), ({ program }) => {
      const text = printProgram(program);
      const again = parseProgram(text);
      verify(again);
      expect(programKey(again)).toBe(programKey(program));
      expect(printProgram(again)).toBe(text);
    }),
    runs(11),
  );
});
