/** The primitives that programs call by name with `cudf[name,T](args)`. */

import type { PrimTable } from '../compiler/index.ts';
import { argsort } from './argsort.ts';
import { argtopk } from './argtopk.ts';

/** All primitives by name. */
export const KERNELS: PrimTable = new Map([argsort, argtopk].map((prim) => [prim.name, prim]));
