/** Which locals share a slot: code is written as words, `=a` a write and `a` a read. */

import { describe, expect, it } from 'vitest';
import type { Local, WasmTy } from '../sink.ts';
import type { Instr } from './linear.ts';
import { assignSlots, type Slots } from './locals.ts';

const NAMES = 'abcd';
const localOf = (name: string): Local => NAMES.indexOf(name) as Local;

function instr(word: string): Instr {
  switch (word) {
    case 'block':
    case 'loop':
    case 'if':
    case 'else':
    case 'end':
      return { i: word };
    case 'br_if':
      return { i: word, depth: 0 };
    default:
      return word.startsWith('=') ? { i: 'set', local: localOf(word.slice(1)) } : { i: 'get', local: localOf(word) };
  }
}
const slots = (code: string, types: readonly WasmTy[] = ['i32', 'i32', 'i32', 'i32']): Slots =>
  assignSlots(code.split(' ').map(instr), 0, types);
const share = (code: string): boolean => {
  const s = slots(code);
  return s.of(localOf('a')) === s.of(localOf('b'));
};

describe('slots', () => {
  it.each([
    ['one after the other', '=a a =b b', true],
    ['one written before the last read of the other', '=a =b a b', false],
    ['one after the other, in a loop', 'loop =a a =b b br_if end', true],
    ['one of which is read in every round of a loop', '=a loop a =b b br_if end', false],
    ['one of which is read in every round of an outer loop', '=a loop loop a br_if end =b b br_if end', false],
    ['one of which is done before the loop', '=a a loop =b b br_if end', true],
    ['one of which is done after the loop', 'loop =a a br_if end =b b', true],
    ['in two branches', '=c c if =a a else =b b end', true],
    ['one of which may not be written at all', '=c c if =a end =b b a', false],
    ['one of which may be skipped by leaving a block', 'block br_if =a end =b b a', false],
    ['one of which is read before it is written', 'loop a =a br_if end =b b', false],
    ['one of which is read in the other branch', '=c c if =a a else a end =b b', false],
  ])('%s: %s', (_, code, want) => {
    expect(share(code)).toBe(want);
  });

  it('are of one type each, side by side', () => {
    const s = slots('=a a =b b =c c =d d', ['f64', 'i32', 'f64', 'v128']);
    expect(s.types).toEqual(['f64', 'i32', 'v128']);
    expect([...NAMES].map((n) => s.types[s.of(localOf(n))])).toEqual(['f64', 'i32', 'f64', 'v128']);
  });

  it('of parameters are theirs, and there is none for a local that nothing uses', () => {
    const s = assignSlots('a =b b =c c'.split(' ').map(instr), 2, ['i64', 'i32']);
    expect(s.types).toEqual(['i64']);
    expect([...'abc'].map((n) => s.of(localOf(n)))).toEqual([0, 1, 2]);
  });
});
