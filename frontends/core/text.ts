/**
 * Functions of strings in expressions. Strings of frames are codes of a dictionary, so a function runs once for each
 * distinct string, at the call, in JavaScript: what a loop does for a row is a look in a table by its code, whatever the
 * function. (The kernels for columns of bytes would have to be given the dictionary as bytes first, which takes longer than
 * `includes` does.)
 *
 * Characters are code points. Patterns are strings, which mean themselves, or JavaScript's regular expressions. A missing
 * string gives a missing value, and so does one of which a function knows no answer (`extract`, `split`, `parse`).
 */

import type { ScalarKind } from '../../compiler/index.ts';
import { BOOL, I32, type TypedArray } from '../../compiler/index.ts';
import { cellWriter, type DType, plainAllocator, storageKind } from '../../runtime/index.ts';
import type * as cell from './cell.ts';
import { storageType } from './dtype.ts';
import { bothValid, type Operand, operand } from './operand.ts';
import { mismatch, type Where } from './ops.ts';
import { lookup } from './strings.ts';
import { refuse } from './trail.ts';
import { describe } from './values.ts';

export type TextMethod =
  | 'contains'
  | 'startsWith'
  | 'endsWith'
  | 'length'
  | 'lower'
  | 'upper'
  | 'trim'
  | 'trimStart'
  | 'trimEnd'
  | 'slice'
  | 'replace'
  | 'replaceAll'
  | 'extract'
  | 'split'
  | 'parse';
export type TextArg = string | number | RegExp | null;

/** A method of `str` with its arguments; left out ones are null. */
export interface TextCall {
  readonly method: TextMethod;
  readonly args: readonly TextArg[];
}

/** What a call gives for a string; null for nothing. */
type Answers =
  | { readonly gives: 'bool'; readonly of: (text: string) => boolean }
  | { readonly gives: 'i32'; readonly of: (text: string) => number }
  | { readonly gives: 'string'; readonly of: (text: string) => string | null }
  | { readonly gives: Exclude<DType, 'string'>; readonly parse: true };

/** A function of strings. */
export function textCall(call: TextCall, a: Operand, where: Where): Operand {
  if (a.dtype !== 'string') mismatch(where, `str.${call.method} needs strings`, [a]);
  const answers = answersOf(call, where);
  const texts = a.dictionary ?? [];
  if ('parse' in answers) return parsed(answers.gives, a, where);
  if (answers.gives === 'string') return mapped(answers.of, a, where);
  if (answers.gives === 'bool') {
    const flags = Uint8Array.from(texts, (text) => (answers.of(text) ? 1 : 0));
    return operand('bool', lookup(a.value, BOOL, flags, where), a.valid);
  }
  return operand('i32', lookup(a.value, I32, Int32Array.from(texts, answers.of), where), a.valid);
}

function answersOf({ method, args: [x = null, y = null] }: TextCall, where: Where): Answers {
  switch (method) {
    case 'contains': {
      const pattern = patternOf(x, where);
      const of = (text: string): boolean => (typeof pattern === 'string' ? text.includes(pattern) : pattern.test(text));
      return { gives: 'bool', of };
    }
    case 'startsWith':
    case 'endsWith': {
      const affix = stringOf(x, where);
      return { gives: 'bool', of: (text) => text[method](affix) };
    }
    case 'length':
      return { gives: 'i32', of: codePoints };
    case 'lower':
      return { gives: 'string', of: (text) => text.toLowerCase() };
    case 'upper':
      return { gives: 'string', of: (text) => text.toUpperCase() };
    case 'trim':
    case 'trimStart':
    case 'trimEnd':
      return { gives: 'string', of: (text) => text[method]() };
    case 'slice': {
      const [from, to] = [wholeOf(x, where), y === null ? undefined : wholeOf(y, where)];
      return {
        gives: 'string',
        of: (text) => (ASCII.test(text) ? text.slice(from, to) : [...text].slice(from, to).join('')),
      };
    }
    case 'replace':
    case 'replaceAll': {
      const pattern = patternOf(x, where, method === 'replaceAll' ? 'g' : '');
      const by = stringOf(y, where);
      // As a function: in a string `$` has a meaning, which only a regular expression is asked for.
      const of = (text: string): string =>
        typeof pattern === 'string' ? text[method](pattern, () => by) : text.replace(pattern, by);
      return { gives: 'string', of };
    }
    case 'extract': {
      const pattern = patternOf(x, where);
      if (typeof pattern === 'string')
        return refuse(where, 'W8006', 'str.extract needs a regular expression', { help: 'such as /(\\d+)/' });
      const group = wholeOf(y, where);
      return { gives: 'string', of: (text) => pattern.exec(text)?.[group] ?? null };
    }
    case 'split': {
      const separator = patternOf(x, where);
      const place = wholeOf(y, where);
      return { gives: 'string', of: (text) => text.split(separator).at(place) ?? null };
    }
    case 'parse':
      return { gives: parsedType(x, where), parse: true };
    default:
      return method satisfies never;
  }
}

const ASCII = /^[\0-\x7f]*$/;
const codePoints = (text: string): number => (ASCII.test(text) ? text.length : [...text].length);

/** A string, or a regular expression without a place of its own (flags g and y), with `flags`. */
function patternOf(x: TextArg, where: Where, flags = ''): string | RegExp {
  if (!(x instanceof RegExp)) return stringOf(x, where, 'a string or a regular expression');
  return new RegExp(x.source, x.flags.replace(/[gy]/g, '') + flags);
}
function stringOf(x: TextArg, where: Where, what = 'a string'): string {
  return typeof x === 'string' ? x : refuse(where, 'W8006', `${where.text()}: ${what} is needed, found ${describe(x)}`);
}
function wholeOf(x: TextArg, where: Where): number {
  if (typeof x === 'number' && Number.isInteger(x)) return x;
  return refuse(where, 'W8006', `${where.text()}: a whole number is needed, found ${describe(x)}`);
}
function parsedType(x: TextArg, where: Where): Exclude<DType, 'string'> {
  const found = PARSED.find((dtype) => dtype === x);
  return (
    found ?? refuse(where, 'W8006', `${where.text()}: one of ${PARSED.join(', ')} is needed, found ${describe(x)}`)
  );
}
const PARSED: readonly Exclude<DType, 'string'>[] = [
  ...(['bool', 'i8', 'i16', 'i32', 'i64', 'u8', 'u16', 'u32', 'u64', 'f32', 'f64'] as const satisfies ScalarKind[]),
  'timestamp',
];

/** Strings made of strings: equal ones get one code, in order of first appearance. */
function mapped(of: (text: string) => string | null, a: Operand, where: Where): Operand {
  const codes = new Map<string, number>();
  const flags = new Uint8Array(a.dictionary?.length ?? 0);
  const table = Int32Array.from(a.dictionary ?? [], (text, k) => {
    const made = of(text);
    if (made === null) return 0;
    flags[k] = 1;
    const code = codes.get(made) ?? codes.size;
    codes.set(made, code);
    return code;
  });
  const made = operand('string', lookup(a.value, I32, table, where), validBy(a, flags, where));
  return { ...made, dictionary: [...codes.keys()] };
}

/** Numbers, bools and timestamps as cells of CSV files are read. */
function parsed(dtype: Exclude<DType, 'string'>, a: Operand, where: Where): Operand {
  const texts = a.dictionary ?? [];
  const data: TypedArray = plainAllocator.alloc(storageKind(dtype), texts.length);
  const write = cellWriter(dtype, data);
  const encoder = new TextEncoder();
  const flags = Uint8Array.from(texts, (text, row) => {
    const bytes = encoder.encode(text);
    return write(bytes, 0, bytes.length, row) ? 1 : 0;
  });
  return operand(dtype, lookup(a.value, storageType(dtype), data, where), validBy(a, flags, where));
}

/** Valid where the string is and has a flag. */
function validBy(a: Operand, flags: Uint8Array, where: Where): cell.Cell | null {
  return flags.every((flag) => flag === 1) ? a.valid : bothValid(a.valid, lookup(a.value, BOOL, flags, where));
}
