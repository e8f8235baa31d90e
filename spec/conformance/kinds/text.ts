/**
 * The kinds that stop before execution: what a text is read as, printed in the canonical one-line form, or the type of
 * its function.
 */

import { typeText } from '../../../compiler/index.ts';
import {
  expandMacros,
  functionText,
  inferTree,
  parseType,
  printTree,
  readAliased,
  readExpression,
  readMacros,
  readProgram,
} from '../../../compiler/text.ts';
import { alphaNormal } from '../alpha.ts';
import type { TextCase, WantPrint } from '../cases.ts';
import { attempt, failed, type Outcome, PASSED, thrown } from '../outcome.ts';

/** What reading came to: prints as a case may ask for them, or the type of the function. */
interface Answer {
  readonly plain: () => string;
  readonly typed: () => string;
}

/** Runs a case of one of the text kinds. */
export async function runText(c: TextCase): Promise<Outcome> {
  const { expect } = c;
  const read = await attempt(() => {
    const answer = answerOf(c);
    switch (expect.expect) {
      case 'print':
        return printDifference(answer, expect);
      case 'type':
        return difference('type', expect.text, answer.plain());
      case 'ok':
        return null;
      case 'error':
        return `expected ${expect.kind}, found ${answer.plain()}`;
      default:
        return expect satisfies never;
    }
  });
  if (!read.ok) return thrown(read, expect);
  return read.result === null ? PASSED : failed(read.result);
}

/** Reads the text; throws for what is wrong with it. */
function answerOf(c: TextCase): Answer {
  switch (c.kind) {
    case 'parse': {
      const e = readExpression(c.program);
      return { plain: () => printTree(e, null), typed: () => printTree(e, 'written') };
    }
    case 'parse_type': {
      const text = typeText(parseType(c.program));
      return { plain: () => text, typed: () => text };
    }
    case 'parse_program': {
      const { body } = readProgram(c.program);
      return { plain: () => printTree(body, null), typed: () => printTree(body, 'written') };
    }
    case 'typecheck': {
      const { macros, body } = readProgram(c.program);
      const type = functionText(expandMacros(macros, body)).replace(/\s/g, '');
      return { plain: () => type, typed: () => type };
    }
    case 'macro': {
      const e = expandMacros(readMacros(c.definitions), readExpression(c.program));
      return { plain: () => printTree(e, null), typed: () => printTree(e, 'written') };
    }
    case 'type_alias': {
      const e = readAliased(c.definitions, c.program);
      return { plain: () => printTree(e, null), typed: () => printTree(e, 'written') };
    }
    case 'infer': {
      const e = expandMacros([], readExpression(c.program));
      const typed = inferTree(e);
      return { plain: () => printTree(e, null), typed: () => printTree(e, typed) };
    }
    default:
      return c.kind satisfies never;
  }
}

function printDifference(answer: Answer, want: WantPrint): string | null {
  const form = want.alpha ? alphaNormal : (text: string) => text;
  const plain = want.plain === null ? null : difference('print', want.plain, answer.plain(), form);
  return plain ?? (want.typed === null ? null : difference('typed print', want.typed, answer.typed(), form));
}

/** The sentence about two texts that differ in their normal form, with the place of the first difference. */
function difference(what: string, want: string, found: string, form = (text: string): string => text): string | null {
  const [a, b] = [form(want), form(found)];
  if (a === b) return null;
  let k = 0;
  while (a[k] === b[k]) k++;
  return `expected the ${what} ${want}, found ${found}: "${excerpt(b, k)}" stands where "${excerpt(a, k)}" should`;
}

const excerpt = (text: string, from: number): string => text.slice(from, from + 12);
