/** Prints up to the names of bound variables. */

import { describe, expect, it } from 'vitest';
import { alphaNormal } from './alpha.ts';

const same = (a: string, b: string): boolean => alphaNormal(a) === alphaNormal(b);

describe('bound variables', () => {
  it('are numbered, free ones stay', () => {
    expect(alphaNormal('|n__1:?|(n__1+n)')).toBe('|%1|(%1+n)');
    expect(alphaNormal('(let n=(m);((n/2)+n))')).toBe('(let %1=(m);((%1/2)+%1))');
    expect(alphaNormal('result(for([b,i,e],merger[i64,+],|b__1,i__1,e__1|merge(b__1,i__1)))')).toBe(
      'result(for([b,i,e],merger[i64,+],|%1,%2,%3|merge(%1,%2)))',
    );
  });

  it('differ in which name they bind', () => {
    expect(same('|a,b|(a-b)', '|x,y|(x-y)')).toBe(true);
    expect(same('|a,b|(a-b)', '|x,y|(y-x)')).toBe(false);
    expect(same('|a|(a+b)', '|b|(b+b)')).toBe(false);
    expect(same('|a|(a+b)', '|a|(a+c)')).toBe(false);
  });

  it('a let is not visible in its own value, and may shadow', () => {
    expect(alphaNormal('(let n=(n);n)')).toBe('(let %1=(n);%1)');
    expect(alphaNormal('(let n=(5);(let n=((f64(n)));n))')).toBe('(let %1=(5);(let %2=((f64(%1)));%2))');
    expect(alphaNormal('(let a=((let b=(a);b));(a+b))')).toBe('(let %1=((let %2=(a);%2));(%1+b))');
  });

  it('end with the lambda or the bracket they are bound in', () => {
    expect(alphaNormal('f(|x|(x+1),x)')).toBe('f(|%1|(%1+1),x)');
    expect(alphaNormal('{(let x=(1);x),x}')).toBe('{(let %1=(1);%1),x}');
    expect(alphaNormal('(|x|x)(x)')).toBe('(|%1|%1)(x)');
    expect(alphaNormal('[||x,|x||y|(x+y)]')).toBe('[||x,|%1||%2|(%1+%2)]');
  });
});

describe('what is no variable', () => {
  it('operators that look like a lambda', () => {
    expect(alphaNormal('((s|t)||u)')).toBe('((s|t)||u)');
    expect(alphaNormal('|s|((s|t)||s)')).toBe('|%1|((%1|t)||%1)');
    expect(alphaNormal('|v|({v}|[v]|v.$0|"v"|7)')).toBe('|%1|({%1}|[%1]|%1.$0|"v"|7)');
  });

  it('types, annotations and extern names', () => {
    expect(alphaNormal('|i64x:{i32,vec[x]},x:i64|cudf[x,f64](x)')).toBe('|%1:{i32,vec[x]},%2:i64|cudf[x,f64](%2)');
    expect(alphaNormal('|k|@(k:v,v:k)for(k,appender[k],|b|b)')).toBe('|%1|@(k:v,v:k)for(%1,appender[k],|%2|%2)');
    expect(alphaNormal('(let n:i32=(5);n:i32)')).toBe('(let %1:i32=(5);%1:i32)');
  });

  it('an unknown type says nothing', () => {
    expect(same('|p:?,q:i64|(p:?*q:?)', '|a,b:i64|(a*b)')).toBe(true);
    expect(same('|a:i64|a', '|a:i32|a')).toBe(false);
    expect(same('|a:vec[?]|a', '|a|a')).toBe(false);
  });

  it('literals', () => {
    expect(alphaNormal('|e5|(1e+5+e5+0x1fL+2.5F)')).toBe('|%1|(1e+5+%1+0x1fL+2.5F)');
    expect(alphaNormal('|a|"a \\" a"')).toBe('|%1|"a \\" a"');
  });
});
