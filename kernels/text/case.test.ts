import fc from 'fast-check';
import { expect, it } from 'vitest';
import { I32, type PrimSpec, plainMemory, U8, type Value, vec } from '../../compiler/index.ts';
import { runs } from '../../compiler/testing/runs.ts';
import { expectAgreement } from '../testing/agree.ts';
import { bytesValue, stringColumn, stringsArb } from '../testing/strings.ts';
import { CASES, cases, lengths } from './case.ts';

const cells = (v: Value): readonly number[] =>
  typeof v === 'object' && v.kind === 'vec' ? [...(v.cols[0] ?? [])].map(Number) : [];
const run = (prim: PrimSpec, ...args: readonly Value[]): readonly number[] => cells(prim.run(args, plainMemory));

it.each(CASES.map((to, k) => [to, cases[k]] as const))('str_%s changes ASCII letters alone', async (to, prim) => {
  if (prim === undefined) throw new Error(to);
  const all = Array.from({ length: 256 }, (_, byte) => byte);
  const want = all.map((byte) => {
    const char = String.fromCharCode(byte);
    return byte < 128 ? (to === 'lower' ? char.toLowerCase() : char.toUpperCase()).charCodeAt(0) : byte;
  });
  expect(run(prim, bytesValue(all))).toEqual(want);
  for (const length of [0, 1, 15, 16, 17, 256]) {
    await expectAgreement(prim, [bytesValue(all.slice(-length || 256).slice(0, length))], [vec(U8)]);
  }
  expect(prim.typing([vec(I32)])).toContain('takes bytes of strings, a vec[u8], found vec[i32]');
  expect(prim.typing([vec(U8), vec(U8)])).toContain('takes one argument');
});

it('str_length counts characters, and bytes that are none', async () => {
  const texts = [
    '',
    'abc',
    'héllo 😀',
    'x'.repeat(40),
    [0xed, 0xa0, 0x80],
    [0xe2, 0x82],
    [0xf0, 0x9f, 0x98, 0x80, 0x80],
  ];
  expect(run(lengths, ...stringColumn(texts).args)).toEqual([0, 3, 7, 40, 3, 2, 2]);
  await fc.assert(
    fc.asyncProperty(stringsArb, async ({ args, types }) => expectAgreement(lengths, args, types)),
    runs(91, 0.2),
  );
  expect(lengths.typing([...stringColumn([]).types, vec(U8)])).toContain('str_length takes two arguments');
});
