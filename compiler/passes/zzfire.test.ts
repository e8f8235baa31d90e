import { test } from 'vitest';
import { programOf } from '../testing/arb-program.ts';
import { numbersFrom } from '../testing/tape.ts';
import { optimize } from '../pipeline.ts';
import { onePass } from '../testing/one-pass.ts';
import { groupReduce } from './group-reduce.ts';
import { filterCount } from './filter-count.ts';
import { denseDict } from './dense-dict.ts';
import { unroll } from './unroll.ts';
test('fire', () => {
  const next = numbersFrom(7);
  const t: Record<string, number> = {};
  for (let n = 0; n < 3000; n++) {
    const c = programOf(Array.from({ length: next() % 600 }, () => next() % 65536), { cudf: true, errors: true });
    for (const p of [groupReduce, filterCount, denseDict, unroll]) if (onePass(p, c.program).fired) t['alone ' + p.name] = (t['alone ' + p.name] ?? 0) + 1;
    for (const r of optimize(c.program).trace) for (const [k, v] of Object.entries(r.fired)) if (['group-reduce','filter-count','dense-dict','unroll'].includes(r.name)) t[`${r.name} ${k}`] = (t[`${r.name} ${k}`] ?? 0) + v;
  }
  console.log(JSON.stringify(t, null, 1));
}, 300000);
