/** Long texts are read in constant depth; deep ones are read or refused with W1004, whatever the construct. */

import { describe, expect, it } from 'vitest';
import { interpret } from '../core/interp.ts';
import { printProgram, programKey } from '../core/print.ts';
import { verify } from '../core/verify.ts';
import { WeldError } from '../diag/diagnostic.ts';
import { optimize } from '../pipeline.ts';
import { parseProgram, parseType, renderError } from '../text.ts';
import { BLOCK_LIMIT } from './elaborate.ts';
import { NESTING_LIMIT, TREE_LIMIT } from './grammar.ts';
import { parseExpression } from './parse.ts';

const repeat = (open: string, middle: string, close: string, n: number): string =>
  open.repeat(n) + middle + close.repeat(n);

/** Constructs that nest, as texts of a given depth. `most` is what must be read, below one limit or the other. */
const NESTED: Readonly<Record<string, { readonly most: number; readonly text: (n: number) => string }>> = {
  parentheses: { most: NESTING_LIMIT - 2, text: (n) => `|x: f64| ${repeat('(', 'x', ')', n)}` },
  calls: { most: NESTING_LIMIT - 2, text: (n) => `|x: f64| ${repeat('exp(', 'x', ')', n)}` },
  structs: { most: 149, text: (n) => `|x: f64| ${repeat('{', 'x', '}', n)}` },
  vectors: { most: 149, text: (n) => `|x: f64| ${repeat('[', 'x', ']', n)}` },
  minus: { most: NESTING_LIMIT - 2, text: (n) => `|x: f64| ${repeat('-', 'x', '', n)}` },
  applications: { most: NESTING_LIMIT - 2, text: (n) => `|x: f64| ${repeat('(|y| y)(', 'x', ')', n)}` },
  'right operands': { most: NESTING_LIMIT - 2, text: (n) => `|x: f64| ${repeat('x * (1.0 + ', 'x', ')', n)}` },
  types: { most: 149, text: (n) => `|x: ${repeat('vec[', 'f64', ']', n)}| x` },
  branches: { most: BLOCK_LIMIT, text: (n) => `|x: bool| ${repeat('if(x, (', 'x', '), x)', n)}` },
  lets: { most: NESTING_LIMIT / 2 - 1, text: (n) => `|x: f64| ${repeat('let y = (', 'x', '); y', n)}` },
  conjunctions: { most: BLOCK_LIMIT, text: (n) => `|x: bool| ${repeat('x && (!', 'x', ')', n)}` },
  loops: {
    most: 38,
    text: (n) => `|x: vec[f64]| ${repeat('result(for(x, merger[f64,+], |b,i,e| merge(b, e + ', '1.0', ')))', n)}`,
  },
};

function codeOf(text: string): string {
  try {
    verify(parseProgram(text));
    return 'read';
  } catch (e) {
    if (e instanceof WeldError) return e.code;
    throw e;
  }
}

describe('deep texts', () => {
  it.each(Object.entries(NESTED))('%s', (_name, { most, text }) => {
    expect(codeOf(text(most))).toBe('read');
    expect(codeOf(text(NESTING_LIMIT + 1))).toBe('W1004');
    expect(codeOf(text(2000))).toBe('W1004');
    expect(codeOf(text(20_000))).toBe('W1004');
    // The reader is whole after a refusal.
    expect(codeOf('|x: f64| (x)')).toBe('read');
  });

  it('count the operators around an operand', () => {
    const text = (n: number): string =>
      `|x: i32, c: bool| ${repeat('c | c ^ c & c == (x < x + x * i32(', 'c', '))', n)}`;
    expect(codeOf(text(40))).toBe('read');
    expect(codeOf(text(90))).toBe('W1004');
  });

  it('of lambdas are long rather than deep, up to a limit', () => {
    expect(parseExpression(repeat('|x| ', 'x', '', TREE_LIMIT - 1)).diagnostics).toEqual([]);
    expect(parseExpression(repeat('|x| ', 'x', '', TREE_LIMIT)).diagnostics.map((d) => d.message)).toEqual([
      `the text nests more than ${TREE_LIMIT} deep`,
    ]);
  });

  it('are refused at the place where they become too deep', () => {
    const text = `|x: f64| ${'('.repeat(2000)}`;
    expect.hasAssertions();
    try {
      parseProgram(text);
    } catch (e) {
      if (e instanceof WeldError)
        expect(renderError(e, { name: 'deep.weld', text })).toMatch(
          /^error\[W1004\]: the text nests more than 200 deep\n --> deep.weld:1:210\n/,
        );
    }
    expect(() => parseType(repeat('vec[', 'f64', ']', 2000))).toThrow(/W1004/);
  });

  it('that are read go through the rest of the compiler', () => {
    for (const name of ['branches', 'conjunctions', 'loops']) {
      const construct = NESTED[name];
      if (construct === undefined) throw new Error(name);
      const p = parseProgram(construct.text(construct.most));
      const text = printProgram(p);
      expect(programKey(parseProgram(text))).toBe(programKey(p));
      const { program } = optimize(p, { check: true });
      expect(interpret(program, [name === 'loops' ? [2] : true])).toEqual(
        interpret(p, [name === 'loops' ? [2] : true]),
      );
    }
  });
});

describe('long texts', () => {
  it('of ten thousand lets', () => {
    const lets = Array.from({ length: 10_000 }, (_, k) => `let a${k + 1} = a${k} + 1L;`).join('\n');
    const p = parseProgram(`|a0: i64| ${lets} a10000`);
    expect(p.body.lets.length).toBe(10_000);
    expect(interpret(p, [5n])).toBe(10_005n);
    expect(printProgram(parseProgram(printProgram(p)))).toBe(printProgram(p));
  });

  it.each([
    ['a sum', `|x: i64| ${'x + '.repeat(10_000)}x`, 10_001n],
    ['a conjunction', `|x: i64| let c = x == 1L; i64(${'c && '.repeat(10_000)}c)`, 1n],
    ['mixed operators', `|x: i64| ${'x * x + x - x / x % x | '.repeat(2000)}x`, 3n],
  ])('%s', (_name, text, value) => {
    const p = parseProgram(text);
    verify(p);
    expect(interpret(p, [1n])).toBe(value);
  });

  it('a chain of fields is refused by its type, not by the stack', () => {
    expect(codeOf(`|x: {f64}| x${'.$0'.repeat(10_000)}`)).toBe('W2002');
  });

  it('types that grow from let to let are refused before they are too large', () => {
    expect(codeOf(`|x: f64| ${'let x = {x, x}; '.repeat(12)} 1`)).toBe('read');
    expect(codeOf(`|x: f64| ${'let x = {x, x}; '.repeat(1000)} 1`)).toBe('W2006');
    expect(codeOf(`|x: f64| ${'let x = [x]; '.repeat(140)} 1`)).toBe('read');
    expect(codeOf(`|x: f64| ${'let x = [x]; '.repeat(10_000)} 1`)).toBe('W2006');
    expect(codeOf(`|x: f64| ${'let x = {x}; '.repeat(10_000)} 1`)).toBe('W2006');
  });

  it('annotations in a row are one', () => {
    const p = parseProgram(`|x: f64| result(${'@(a:1) '.repeat(10_000)}merger[f64,+](x))`);
    expect(interpret(p, [2])).toBe(2);
  });

  it('a wide vector', () => {
    const p = parseProgram(`|| [${'1, '.repeat(20_000)}]`);
    expect(interpret(p, [])).toHaveLength(20_000);
  });
});
