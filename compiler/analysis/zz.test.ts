import { it } from 'vitest';
import { WORKLOADS } from '../../bench/workloads/index.ts';
import { programOf } from '../../bench/workloads/workload.ts';
import { optimize } from '../pipeline.ts';
import { bytesMoved } from './bytes.ts';
it('x', () => {
  for (const w of WORKLOADS) { const p = programOf(w); console.log(w.name, bytesMoved(p), bytesMoved(optimize(p).program)); }
});
