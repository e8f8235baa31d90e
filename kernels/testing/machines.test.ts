/** What the machines of tests find: kernels that read or write outside a buffer, and forms that take memory to be clear. */

import { describe, expect, it } from 'vitest';
import { bin, KernelBuilder } from '../../compiler/kernels.ts';
import { num } from '../terms.ts';
import { checkedMachine } from './checked-machine.ts';
import { guardedMachine } from './guarded-machine.ts';

/** to[row + ahead] = from[row + behind] */
function copying(name: string, behind: number, ahead: number) {
  const k = new KernelBuilder(name);
  const [from, to] = [k.buf('from', 'i32', 'read'), k.buf('to', 'i32', 'write')];
  k.store(to, k.let(bin('+', k.index, num(ahead))), k.load(from, k.let(bin('+', k.index, num(behind)))));
  return k.finish();
}
const launch = () => ({ rows: 3, rowsPerPart: 3, bufs: [Int32Array.of(1, 2, 3), new Int32Array(3)] });

describe('a checked machine', () => {
  it('finds a place before a buffer, and one far behind it', async () => {
    await expect(checkedMachine(1).launch(copying('well', 0, 0), launch())).resolves.toMatchObject({ parts: 1 });
    await expect(checkedMachine(1).launch(copying('before', -1, 0), launch())).rejects.toThrow('load at -1 of 3');
    await expect(checkedMachine(1).launch(copying('behind', 40, 0), launch())).rejects.toThrow('of 3 elements');
    await expect(checkedMachine(1).launch(copying('beyond', 0, 1), launch())).rejects.toThrow('store at 3 of 3');
  });
});

describe('a guarded machine', () => {
  it('finds what is written outside, and has other marks for other numbers of threads', async () => {
    await expect(guardedMachine(1).launch(copying('over', 0, 1), launch())).rejects.toThrow('outside a buffer');
    await expect(guardedMachine(1).launch(copying('under', 0, -1), launch())).rejects.toThrow('outside a buffer');
    const read = await Promise.all(
      [1, 2, 7].map(async (threads) => {
        const given = launch();
        await guardedMachine(threads).launch(copying('outside', -1, 0), given);
        return given.bufs[1]?.[0];
      }),
    );
    expect(new Set(read).size).toBe(3);
  });
  it('gives out memory with marks', () => {
    const given = [1, 2, 7].map((threads) => guardedMachine(threads).alloc.alloc('i32', 1)[0]);
    expect(new Set([0, ...given]).size).toBe(4);
  });
});
