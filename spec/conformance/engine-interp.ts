/**
 * Cases on the reference interpreter. Programs are verified as read and after every pass, and a run that does not come
 * to its end within a generous number of steps is a failure instead of a hang.
 */

import { resolveExterns } from '../../compiler/core/externs.ts';
import type { IValue } from '../../compiler/core/ivalue.ts';
import { verify } from '../../compiler/core/verify.ts';
import { interpret, type Program } from '../../compiler/index.ts';
import { optimize } from '../../compiler/pipeline.ts';
import { KERNELS } from '../../kernels/index.ts';
import type { Engine, Settings } from './engine.ts';

/** Lets and iterations of one run: seconds, and far more than any case needs. */
const FUEL = 200_000_000;

export function interpEngine(fuel = FUEL): Engine<IValue> {
  return {
    target: 'interp',
    async prepare(p: Program, { optimizer, memoryLimitBytes }: Settings) {
      const read = resolveExterns(p, KERNELS);
      verify(read);
      const program = optimizer === 'off' ? read : optimize(read, { check: true }).program;
      const options = {
        fuel,
        prims: KERNELS,
        ...(memoryLimitBytes === null ? {} : { memoryLimit: memoryLimitBytes }),
      };
      return {
        run: async (args) => interpret(program, args, options),
        close: async () => {},
      };
    },
    give: (_, v) => v,
    take: (_, v) => v,
    dispose: async () => {},
  };
}
