/**
 * Facts about lanes: a loop in the language, and whether its kernel runs in lanes, how many, and what is left to do row
 * by row, in the words of `weldc explain`. What a frontend writes every day must not fall out of the lanes unnoticed.
 */

import { expect, it } from 'vitest';
import { lowerForWasm } from '../compile.ts';
import { optimize } from '../pipeline.ts';
import { parseProgram } from '../text.ts';

/** What `explain` says of the kernels of a program's loops. */
function lanesOf(text: string): string {
  const { decisions } = lowerForWasm(optimize(parseProgram(text)).program);
  return decisions.flatMap((d) => (/^loop\d+$/.test(d.what) ? [d.choice] : [])).join(' / ');
}

const FACTS: Readonly<Record<string, readonly [loop: string, lanes: string]>> = {
  // casts
  'map u8->i32 cast': ['|x: vec[u8]| map(x, |e| i32(e) + 1)', '4 lanes (i32, u8); 4 iterations together'],
  'i64->u8': ['|x: vec[i64]| map(x, |e| u8(e))', '2 lanes (i64, u8); 4 iterations together'],
  'f64->f32': ['|x: vec[f64]| map(x, |e| f32(e))', '2 lanes (f64, f32); 4 iterations together'],
  'u8->f32': ['|x: vec[u8]| map(x, |e| f32(e) * 0.5f)', '4 lanes (f32, u8); 4 iterations together'],
  'f32->i64': ['|x: vec[f32]| map(x, |e| i64(e))', '2 lanes (i64, f32); 4 iterations together'],
  'f64->i64': ['|x: vec[f64]| map(x, |e| i64(e))', '2 lanes (f64, i64); 4 iterations together'],
  'i64->f64': ['|x: vec[i64]| map(x, |e| f64(e))', '2 lanes (i64, f64); 4 iterations together'],
  'i64->f32': ['|x: vec[i64]| map(x, |e| f32(e))', '2 lanes (i64, f32); 4 iterations together'],
  'u64->f64': ['|x: vec[u64]| map(x, |e| f64(e))', '2 lanes (u64, f64); 4 iterations together'],
  'bool->i32': [
    '|x: vec[f32]| result(for(x, merger[i32,+], |b,i,e| merge(b, i32(e > 0.0f))))',
    '4 lanes (f32, i32); 4 iterations together',
  ],
  // the index
  'index f32': [
    '|x: vec[f32]| result(for(x, appender[f32], |b,i,e| merge(b, f32(i) * e)))',
    '4 lanes (f32, i32); 4 iterations together',
  ],
  'index f64': [
    '|x: vec[f64]| result(for(x, appender[f64], |b,i,e| merge(b, f64(i) * e)))',
    '2 lanes (f64, i32); 4 iterations together',
  ],
  'index i32': [
    '|x: vec[i32]| result(for(x, appender[i32], |b,i,e| merge(b, i32(i) + e)))',
    '4 lanes (i32); 4 iterations together',
  ],
  'index cmp': [
    '|x: vec[i32], n: i64| result(for(x, merger[i32,+], |b,i,e| if(i < n, merge(b, e), b)))',
    '4 lanes (i32); 4 iterations together',
  ],
  // loads
  'gather i64 idx': [
    '|x: vec[i64], t: vec[f64]| result(for(x, merger[f64,+], |b,i,e| merge(b, lookup(t, e))))',
    '2 lanes (i64, u64, f64, i32); 4 iterations together',
  ],
  'gather i32 idx f32': [
    '|x: vec[i32], t: vec[f32]| result(for(x, merger[f32,+], |b,i,e| merge(b, lookup(t, i64(e)) * 2.0f + 1.0f)))',
    '4 lanes (i32, u32, f32); 4 iterations together',
  ],
  'gather map': [
    '|x: vec[i32], t: vec[f64]| map(x, |e| lookup(t, i64(e)))',
    'not vectorised: too little work beside moving data',
  ],
  stencil: [
    '|x: vec[f64]| result(for(rangeiter(1L, len(x) - 1L, 1L), appender[f64], |b,i,e| merge(b, lookup(x, e - 1L) + lookup(x, e) + lookup(x, e + 1L))))',
    'not vectorised: too little work beside moving data',
  ],
  'strided iter': [
    '|x: vec[f64]| result(for(iter(x, 0L, len(x), 2L), merger[f64,+], |b,i,e| merge(b, e)))',
    '2 lanes (f64, i32); 4 iterations together',
  ],
  // products of 64 bits, which lanes do not have
  'product i64': ['|x: vec[i64], k: i64| map(x, |e| e * k)', 'not vectorised: too little work beside moving data'],
  'dictmerger i64': [
    '|x: vec[i64]| tovec(result(for(x, dictmerger[i64,i64,+], |b,i,e| merge(b, {e, 1L}))))',
    'not vectorised: only table updates, inner loops',
  ],
  'max f64': [
    '|x: vec[f64]| result(for(x, merger[f64,max], |b,i,e| merge(b, e)))',
    '2 lanes (f64); 4 iterations together',
  ],
  // filters
  'filter sum': [
    '|x: vec[f64]| result(for(x, merger[f64,+], |b,i,e| if(e > 0.0, merge(b, e), b)))',
    '2 lanes (f64); 4 iterations together',
  ],
  'filter min u8': [
    '|x: vec[u8]| result(for(x, merger[u8,min], |b,i,e| if(e > u8(3), merge(b, e), b)))',
    '4 lanes (u8); 4 iterations together',
  ],
  'filter prod i64': [
    '|x: vec[i64]| result(for(x, merger[i64,*], |b,i,e| if(e > 3L, merge(b, e), b)))',
    '2 lanes (i64); 4 iterations together',
  ],
  'count f32': [
    '|x: vec[f32]| result(for(x, merger[i64,+], |b,i,e| if(e > 0.0f, merge(b, 1L), b)))',
    '4 lanes (f32, i32); 4 iterations together',
  ],
  'filter append i32': ['|x: vec[i32]| filter(x, |e| e > 0)', '4 lanes (i32); 4 iterations together'],
  'filter append u8': ['|x: vec[u8]| filter(x, |e| e > u8(3))', '4 lanes (u8); 4 iterations together'],
  'filter append f64': ['|x: vec[f64]| filter(x, |e| e > 0.0)', '2 lanes (f64); 4 iterations together'],
  'filter append struct': [
    '|x: vec[i32], y: vec[f32], z: vec[u8]| filter(zip(x, y, z), |e| e.$0 > 0)',
    '4 lanes (i32, f32, u8); 4 iterations together',
  ],
  'filter append work': [
    '|x: vec[f64]| result(for(x, appender[f64], |b,i,e| if(e > 0.0, merge(b, log(e)), b)))',
    '2 lanes (f64); 4 iterations together; or jumping over blocks that no row takes',
  ],
  'append one of two': [
    '|x: vec[f64]| result(for(x, appender[f64], |b,i,e| if(e > 1.0, merge(b, log(e)), if(e < 0.0, merge(b, e), b))))',
    '2 lanes (f64); 4 iterations together; or jumping over blocks that no row takes',
  ],
  'filter vecmerger': [
    '|x: vec[f64], k: vec[i32], t: vec[f64]| result(for(zip(x,k), vecmerger[f64,+](t), |b,i,e| if(e.$0 > 0.0, merge(b, {i64(e.$1), e.$0 * 2.0}), b)))',
    '2 lanes (f64); then row by row where picked: table updates; 4 iterations together',
  ],
  'vecmerger plain': [
    '|x: vec[f64], k: vec[i32], t: vec[f64]| result(for(zip(x,k), vecmerger[f64,+](t), |b,i,e| merge(b, {i64(e.$1), e.$0})))',
    'not vectorised: only table updates',
  ],
  'filter dictmerger work': [
    '|x: vec[f64], k: vec[i32]| tovec(result(for(zip(x,k), dictmerger[i32,f64,+], |b,i,e| if(e.$0 > 0.0, merge(b, {e.$1, exp(e.$0)}), b))))',
    '2 lanes (f64); then row by row where picked: table updates, inner loops; 4 iterations together; or jumping over blocks that no row takes',
  ],
  'two builders': [
    '|x: vec[f64]| let r = for(x, {merger[f64,+], appender[f64]}, |b,i,e| {merge(b.$0, e), merge(b.$1, e * 2.0)}); {result(r.$0), result(r.$1)}',
    '2 lanes (f64); 4 iterations together',
  ],
  'struct merger': [
    '|x: vec[f64]| result(for(x, merger[{f64,i64},+], |b,i,e| merge(b, {e, 1L})))',
    '2 lanes (f64, i64); 4 iterations together',
  ],
  'if/else two sums': [
    '|x: vec[f64]| let r = for(x, {merger[f64,+], merger[f64,+]}, |b,i,e| if(e > 0.0, {merge(b.$0, e), b.$1}, {b.$0, merge(b.$1, e)})); {result(r.$0), result(r.$1)}',
    '2 lanes (f64); 4 iterations together',
  ],
  'append both branches': [
    '|x: vec[f64]| result(for(x, appender[f64], |b,i,e| if(e > 0.0, merge(b, sqrt(e)), merge(b, 0.0))))',
    '2 lanes (f64); 4 iterations together',
  ],
  // choices
  'if value cheap': ['|x: vec[f64]| map(x, |e| if(e > 0.0, e, -e))', '2 lanes (f64); 4 iterations together'],
  'if value exp': [
    '|x: vec[f64]| map(x, |e| if(e > 0.0, exp(e), log(-e)))',
    '2 lanes (f64); 4 iterations together; or jumping over blocks that no row takes',
  ],
  'if value div int': [
    '|x: vec[i32], y: vec[i32]| map(zip(x,y), |e| if(e.$1 != 0, e.$0 / e.$1, 0))',
    '4 lanes (i32); 4 iterations together',
  ],
  'if lookup': [
    '|x: vec[i32], t: vec[f64]| map(x, |e| if(e >= 0, lookup(t, i64(e)), 0.0))',
    '2 lanes (f64, i32, u32); 4 iterations together',
  ],
  'if dict': [
    '|x: vec[i32], d: dict[i32,f64]| map(x, |e| if(keyexists(d, e), lookup(d, e), 0.0))',
    'not vectorised: only inner loops, table updates',
  ],
  assert: [
    '|x: vec[f64]| map(x, |e| let ok = assert(e > 0.0); if(ok, sqrt(e), 0.0))',
    '2 lanes (f64); 4 iterations together',
  ],
  // functions
  sin: ['|x: vec[f64]| map(x, |e| sin(e))', '2 lanes (f64); 4 iterations together'],
  pow: ['|x: vec[f64]| map(x, |e| pow(e, 2.5))', '2 lanes (f64); 4 iterations together'],
  fmod: ['|x: vec[f64]| map(x, |e| e % 2.5)', 'not vectorised: too little work beside moving data'],
  'int div': ['|x: vec[i32]| map(x, |e| e / 7)', '4 lanes (i32); 4 iterations together'],
  'inner loop': [
    '|x: vec[f64], y: vec[f64]| map(x, |e| result(for(y, merger[f64,+], |b,i,f| merge(b, e * f))))',
    '2 lanes (f64), inner loops for all lanes at once; 4 iterations together',
  ],
};

it.each(Object.entries(FACTS))('%s', (_, [text, lanes]) => {
  expect(lanesOf(text)).toBe(lanes);
});
