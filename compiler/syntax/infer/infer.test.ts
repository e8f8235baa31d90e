import { describe, expect, it } from 'vitest';
import { WeldError } from '../../diag/diagnostic.ts';
import {
  expandMacros,
  functionText,
  inferTree,
  printTree,
  readExpression,
  readProgram,
  renderError,
} from '../../text.ts';

/** The function type of a program. */
function typeOf(text: string): string {
  const { macros, body } = readProgram(text);
  return functionText(expandMacros(macros, body));
}
/** The program with every type that was inferred. */
function typed(text: string): string {
  const tree = expandMacros([], readExpression(text));
  return printTree(tree, inferTree(tree));
}
function refusal(text: string): string {
  try {
    typeOf(text);
  } catch (e) {
    if (e instanceof WeldError) return renderError(e, { name: 't.weld', text });
    throw e;
  }
  return 'accepted';
}

describe('inference', () => {
  it.each([
    ['|v: vec[i32]| result(for(v, appender, |b, i, e| merge(b, f64(e))))', '|vec[i32]|(vec[f64])'],
    ['|v: vec[i8]| result(for(v, dictmerger[?, ?, max], |b, i, e| merge(b, {e, i})))', '|vec[i8]|(dict[i8,i64])'],
    ['|v: vec[i8]| result(for(v, groupmerger[?, ?], |b, i, e| merge(b, {i, e})))', '|vec[i8]|(dict[i64,vec[i8]])'],
    // The element type of an empty vector is known from a use that comes later.
    ['|x: f32| let none = []; let all = [none, [x]]; none', '|f32|(vec[f32])'],
    // A field and a lookup of something whose type is known only after the lambda is called.
    ['|s: {i32, vec[f64]}| let f = (|p| lookup(p.$1, 0L)); f(s)', '|{i32,vec[f64]}|(f64)'],
    ['|d: dict[i8, f32]| let get = (|t, k| lookup(t, k)); get(d, 3c)', '|dict[i8,f32]|(f32)'],
    ['|v: vec[i16]| sort(v, |a, b| if(a < b, -1, 1))', '|vec[i16]|(vec[i16])'],
    ['|n: i64| iterate({n, 0.5}, |s| {{s.$0 - 1L, s.$1 * 2.0}, s.$0 > 0L})', '|i64|({i64,f64})'],
    ['|x: f32| select(broadcast(x) > broadcast(0.0f), broadcast(x), broadcast(1.0f))', '|f32|(simd[f32])'],
    [
      '|v: vec[{i8, f64}], w: vec[bool]| map(zip(v, w), |e| if(e.$1, e.$0.$1, 0.0))',
      '|vec[{i8,f64}],vec[bool]|(vec[f64])',
    ],
    [
      '|v: vec[f64]| let put = (|b, x| merge(b, x)); result(for(v, merger[f64, +], |b, i, e| put(b, e)))',
      '|vec[f64]|(f64)',
    ],
    [
      '|v: vec[f64]| for(v, {appender, merger[?, min]}, |b, i, e| {merge(b.$0, i), merge(b.$1, e)})',
      '|vec[f64]|({appender[i64],merger[f64,min]})',
    ],
    // Parameters that the program itself determines.
    ['|x| x + 1si', '|i16|(i16)'],
    ['|p, q: u8| (p : u8) % q', '|u8,u8|(u8)'],
  ])('%s', (text, want) => {
    expect(typeOf(text)).toBe(want);
  });

  it('writes every type', () => {
    expect(typed('let f = (|a| a + 1L); let x = f(2L); {x, [x]}')).toMatchInlineSnapshot(
      `"(let f:bool=(|a:i64|(a:i64+1L));(let x:i64=((f:bool)(2L));{x:i64,[x:i64]}))"`,
    );
  });

  it('a chain of ten thousand sums takes no stack', () => {
    const sum = Array.from({ length: 10_000 }, () => 'x').join(' + ');
    expect(typeOf(`|x: f64| ${sum}`)).toBe('|f64|(f64)');
  });
});

describe('refusals', () => {
  it.each([
    '|x| x',
    '|| []',
    '|v: vec[i32]| result(for(v, appender, |b, i, e| b))',
    '|x: i32| let a = []; [a, [a]]',
    '|x: i32, x: f64| x',
    '|x: i32| (|y| y)',
    '|x: i32| x(1)',
    '|x: i32| lenn([x])',
    '|x: i32| map',
    '|x: i32| zip([x], [x])',
    '|v: vec[i32]| for(v, merger[i32, +], |b, e| merge(b, e))',
    '|n: i64| iterate(n, |p| p - 1L)',
    '|c: bool| if(c, 1, 2L)',
    '|v: vec[i32]| let b: vec[f64] = v; b',
    '|d: dict[dict[i8, i8], i64]| 3',
    '|x: i32| (|p: i64| p)(x)',
    '|x: i32| (|p, q| p + q)(x)',
  ])('%s', (text) => {
    expect(refusal(text)).toMatchSnapshot();
  });

  it('tells all mistakes in one run', () => {
    const text = '|v: vec[i32]| let a = v + 1; let b = missing; let c = exp(2); {a, b, c}';
    expect(refusal(text).match(/error\[W\d+\]/g)).toEqual(['error[W2001]', 'error[W2003]', 'error[W2002]']);
  });
});
