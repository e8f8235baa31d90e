/** Passes that are wrong on purpose, to be found by a bisection. */

import type { Let } from '../../core/op.ts';
import type { Pass, Step } from '../../passes/pass.ts';
import { mapProgramBlocks, rebuilt } from '../../passes/rewrite.ts';
import { PIPELINE } from '../../pipeline.ts';

/** Swaps the operands of `*`, which is right, and makes `-` of `+` where the right side is a literal, which is not. */
export const shift: Pass = {
  name: 'shift',
  doc: 'do what is right and what is wrong',
  rules: ['swap-factors', 'wrong-sign'],
  run: (p, cx) =>
    mapProgramBlocks(p, (b) => {
      const lets = b.lets.map((l): Let => {
        if (l.op.kind !== 'bin') return l;
        const { op, a, b: right } = l.op;
        if (
          op === '*' &&
          typeof a === 'number' &&
          typeof right === 'number' &&
          a < right &&
          cx.enabled('swap-factors')
        ) {
          cx.fired('swap-factors');
          return { sym: l.sym, op: { ...l.op, a: right, b: a } };
        }
        if (op !== '+' || typeof right === 'number' || !cx.enabled('wrong-sign')) return l;
        cx.fired('wrong-sign');
        return { sym: l.sym, op: { ...l.op, op: '-' } };
      });
      return rebuilt(b, lets, b.result);
    }),
};

/** Makes `*` of `/`, without saying so. */
export const product: Pass = {
  name: 'product',
  doc: 'multiply instead',
  run: (p) =>
    mapProgramBlocks(p, (b) => {
      const lets = b.lets.map(
        (l): Let => (l.op.kind === 'bin' && l.op.op === '/' ? { sym: l.sym, op: { ...l.op, op: '*' } } : l),
      );
      return rebuilt(b, lets, b.result);
    }),
};

/** Reads symbols before they are bound. */
export const backwards: Pass = {
  name: 'backwards',
  doc: 'turn the program around',
  run: (p) => ({ syms: p.syms, body: { ...p.body, lets: p.body.lets.toReversed() } }),
};

export const throwing: Pass = {
  name: 'throwing',
  doc: 'give up',
  run() {
    throw new Error('gave up');
  },
};

/** All passes, with another one after the first ones. */
export const withPass = (pass: Pass): readonly Step[] => [...PIPELINE.slice(0, 3), pass, ...PIPELINE.slice(3)];
