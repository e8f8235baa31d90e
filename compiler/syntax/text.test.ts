import { describe, expect, it } from 'vitest';
import { typeText } from '../core/types.ts';
import { WeldError } from '../diag/diagnostic.ts';
import { parseProgram, parseType, printProgram, renderError } from '../text.ts';

/** What a user sees for a bad text. */
function refusal(text: string): string {
  try {
    parseProgram(text);
  } catch (e) {
    if (e instanceof WeldError) return renderError(e, { name: 'test.weld', text });
    throw e;
  }
  return 'accepted';
}

const same = (text: string): string => printProgram(parseProgram(text));

describe('reading programs', () => {
  it('reads a loop and prints it let-normalised', () => {
    expect(
      same('|x: vec[f64], y: vec[f64]| result(for(zip(x, y), merger[f64,+], |b, i, e| merge(b, e.$0 * e.$1 + 1.0)))'),
    ).toMatchInlineSnapshot(`
      "|x: vec[f64], y: vec[f64]|
        let b = merger[f64,+];
        let b1 = for(zip(x, y), b, |b2, i, e|
          let t = e.$0 * e.$1;
          let t1 = t + 1.0;
          let b3 = merge(b2, t1);
          b3);
        let r = result(b1);
        r
      "
    `);
  });

  it('printing is a fixed point', () => {
    const texts = [
      '|x: vec[f64]| for(x, {merger[f64,+], appender[f64]}, |b, i, e| {merge(b.$0, e), merge(b.$1, e)})',
      '|n: i64| result(for(rangeiter(0L, n, 1L), @(dense:true)dictmerger[i64,{f64,i64},+](n), |b,i,e| merge(b, {e % 3L, {f64(e), 1L}})))',
      '|x: vec[i32]| result(for(x, appender[i32], |b,i,e| if(e > 3 && lookup(x, i) < 7, merge(b, -e), b)))',
      '|| {1, 2L, 3c, 4si, 5u8, 6u16, 7u32, 8u64, 1.5, 2.5f, true, -9, -(9: i32), (0.0/0.0), (-1.0F/0.0F), (-127c - 1c)}',
      '|v: vec[f64]| result(for(v, vecmerger[f64,max]([1.0, 2.0]), |b,i,e| merge(b, {0L, e})))',
      '|| ([]: vec[{i32,f64}])',
    ];
    for (const t of texts) {
      const once = same(t);
      expect(same(once)).toBe(once);
    }
  });

  it('binds minus and not to the leaf, and follows the precedence', () => {
    expect(same('|a: i32, b: {i32}| -a + 2 * b.$0 - 3 & 7')).toMatchInlineSnapshot(`
      "|a: i32, b: {i32}|
        let t = -a;
        let f = b.$0;
        let t1 = 2 * f;
        let t2 = t + t1;
        let t3 = t2 - 3;
        let t4 = t3 & 7;
        t4
      "
    `);
  });

  it('a variable may be called like a macro', () => {
    expect(same('|filter: i32| let sum = filter + 1; sum * filter')).toMatchInlineSnapshot(`
      "|filter_: i32|
        let sum_ = filter_ + 1;
        let t = sum_ * filter_;
        t
      "
    `);
  });

  it('a thousand lets are no deep tree', () => {
    const lets = Array.from({ length: 5000 }, (_, k) => `let a${k + 1} = a${k} + 1;`).join('\n');
    expect(parseProgram(`|a0: i32| ${lets} a5000`).body.lets.length).toBe(5000);
  });

  it('reads types', () => {
    const t = 'dict[{i32,vec[u8]},vec[{f64,bool}]]';
    expect(typeText(parseType(t))).toBe(t);
  });
});

describe('refusing programs', () => {
  it.each([
    ['|x: f64| x + 1', 'types'],
    ['|x: f64| y', 'names'],
    ['|x: f64| x +', 'end'],
    ['|x: f64| let y = x x', 'token'],
    ['|x: f64| x ~ 1.0', 'character'],
    ['|x: f6| x', 'type name'],
    ['|x| x', 'no type'],
    ['|x: i32| exp(x)', 'operand'],
    ['|x: i32| lookup(x)', 'arity'],
    ['|x: i32| sqr(x)', 'call'],
    ['|x: i8| 200c', 'range'],
    ['|x: {i32}| x.foo', 'field'],
    ['|v: vec[f64]| result(for(v, merger[f64,+], |b,i,e| 1.0))', 'body'],
    ['|v: vec[f64]| let b = merger[f64,+]; let c = merge(b, 1.0); {result(b), result(c)}', 'linear'],
    ['1 + 2', 'no lambda'],
  ])('%s', (text) => {
    expect(refusal(text)).toMatchSnapshot();
  });
});
