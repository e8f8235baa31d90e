import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Blocks, GRAIN } from './blocks.ts';

type Command =
  | { readonly do: 'take'; readonly bytes: number }
  | { readonly do: 'give'; readonly pick: number }
  | { readonly do: 'shrink'; readonly pick: number; readonly part: number }
  | { readonly do: 'extend'; readonly bytes: number };

const command: fc.Arbitrary<Command> = fc.oneof(
  { weight: 5, arbitrary: fc.record({ do: fc.constant('take' as const), bytes: fc.nat(5000) }) },
  { weight: 4, arbitrary: fc.record({ do: fc.constant('give' as const), pick: fc.nat() }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('shrink' as const), pick: fc.nat(), part: fc.nat(100) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('extend' as const), bytes: fc.nat(20000) }) },
);

const roundUp = (bytes: number): number => Math.max(GRAIN, Math.ceil(bytes / GRAIN) * GRAIN);

describe('blocks', () => {
  it('never overlap, stay in the space, and merge back to one free block', () => {
    fc.assert(
      fc.property(fc.array(command, { maxLength: 80 }), (commands) => {
        const start = 128;
        const blocks = new Blocks(start);
        const taken = new Map<number, number>();
        const picked = (pick: number): number | undefined => [...taken.keys()][pick % Math.max(taken.size, 1)];
        for (const c of commands) {
          if (c.do === 'extend') blocks.extend(blocks.end + c.bytes);
          else if (c.do === 'take') {
            const free = blocks.largestFree();
            const address = blocks.take(c.bytes);
            // A request is refused only when no free block is large enough.
            expect(address === null).toBe(roundUp(c.bytes) > free);
            if (address !== null) taken.set(address, c.bytes);
          } else {
            const address = picked(c.pick);
            if (address === undefined) continue;
            if (c.do === 'give') {
              blocks.give(address);
              taken.delete(address);
            } else {
              const bytes = Math.floor(((taken.get(address) ?? 0) * c.part) / 100);
              blocks.shrink(address, bytes);
              taken.set(address, bytes);
            }
          }
          let used = 0;
          let end = start;
          for (const [address, bytes] of [...taken].sort(([a], [b]) => a - b)) {
            expect(address % GRAIN).toBe(0);
            expect(address).toBeGreaterThanOrEqual(end);
            const size = blocks.sizeOf(address) ?? 0;
            expect(size).toBeGreaterThanOrEqual(bytes);
            expect(blocks.ownerOf(address + size - 1)).toBe(address);
            end = address + size;
            used += size;
          }
          expect(end).toBeLessThanOrEqual(blocks.end);
          expect(blocks.used).toBe(used);
        }
        for (const address of taken.keys()) blocks.give(address);
        expect(blocks.used).toBe(0);
        expect(blocks.largestFree()).toBe(blocks.end - start);
      }),
      { numRuns: 200, seed: 1 },
    );
  });

  it('knows no owner of free memory', () => {
    const blocks = new Blocks(0);
    blocks.extend(1024);
    const a = blocks.take(64) ?? -1;
    expect(blocks.ownerOf(a + 63)).toBe(a);
    expect(blocks.ownerOf(a + 64)).toBeNull();
    blocks.give(a);
    expect(blocks.ownerOf(a)).toBeNull();
    expect(blocks.ownerOf(5000)).toBeNull();
  });

  it('refuses to give back what is not taken', () => {
    const blocks = new Blocks(0);
    blocks.extend(1024);
    const a = blocks.take(64) ?? -1;
    blocks.give(a);
    expect(() => blocks.give(a)).toThrow('no block at 0');
  });
});
