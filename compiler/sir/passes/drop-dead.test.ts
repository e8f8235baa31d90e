import { expect, test } from 'vitest';
import { bin, cmp, KernelBuilder, lit } from '../build.ts';
import { stmtsText } from '../print.ts';
import { dropDead } from './drop-dead.ts';

test('chains of dead definitions go, effects and what they read stay', () => {
  const k = new KernelBuilder('dead');
  const x = k.buf('x', 'i32', 'read');
  const out = k.buf('out', 'i32', 'write');
  const one = lit('i32', 1);
  const a = k.load(x, k.index);
  const b = k.let(bin('+', a, one));
  k.let(bin('+', b, one));
  const unused = k.var(one);
  k.if(cmp('<', a, one), () => {
    k.set(unused, a);
    k.let(bin('*', a, a));
  });
  k.store(out, k.index, a);
  const { body, bufs, reductions } = k.finish();
  expect(stmtsText(dropDead(body), { bufs, reductions })).toBe('%1: i32 = x[%0]\nout[%0] = %1');
});

test('a variable read only in the next turn of a loop stays', () => {
  const k = new KernelBuilder('turns');
  const out = k.buf('out', 'i32', 'write');
  const [i, last] = [k.var(lit('i32', 0)), k.var(lit('i32', 0))];
  k.while(cmp('<', i, lit('i32', 3)), () => {
    k.store(out, k.index, last);
    k.set(last, bin('+', last, i));
    k.set(i, bin('+', i, lit('i32', 1)));
  });
  const { body } = k.finish();
  expect(dropDead(body)).toStrictEqual(body);
});
