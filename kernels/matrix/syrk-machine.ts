/** The machine form of syrk: the tiles of gemm below the diagonal, which are put in both places. */

import { vector } from '../column.ts';
import type { MachineForm } from '../machine.ts';
import type { Float } from './float.ts';
import { factorsOf } from './gemm.ts';
import { multiplySelf } from './gemm-machine.ts';
import { asGemm } from './syrk.ts';

export const syrkMachine: MachineForm = async (args, m) => {
  const { a, m: lines, k, transposed } = factorsOf('syrk', asGemm(args), 1);
  const kind: Float = a.kind === 'f32' ? 'f32' : 'f64';
  return vector(kind, await multiplySelf(m, kind, { cells: a.cells, lines, k, along: !transposed[0] }));
};
