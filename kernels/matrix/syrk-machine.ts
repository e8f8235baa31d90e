/** The machine form of syrk: the tiles of gemm below the diagonal, which are put in both places. */

import { vector } from '../column.ts';
import type { MachineForm } from '../machine.ts';
import { multiplySelf } from './gemm-machine.ts';
import { factorsOf } from './lines.ts';
import { asGemm } from './syrk.ts';

export const syrkMachine: MachineForm = async (args, m) => {
  const { kind, a } = factorsOf('syrk', asGemm(args));
  return vector(kind, await multiplySelf(m, kind, a));
};
