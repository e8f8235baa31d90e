/** What becomes of a case when the machine below misbehaves: programs without end, faults, what is not supported. */

import { describe, expect, it } from 'vitest';
import type { IValue } from '../../compiler/core/ivalue.ts';
import { fail, InternalError } from '../../compiler/index.ts';
import { type Case, readCases } from './cases.ts';
import type { Engine, Optimizer } from './engine.ts';
import { interpEngine } from './engine-interp.ts';
import type { Outcome } from './outcome.ts';
import { runCase } from './run-case.ts';

function caseOf(program: string, expected: object, more: object = {}): Case {
  const args = [{ type: 'i64', value: 1 }];
  const one = { name: 'x', kind: 'run', tags: [], program, args, expect: expected, ...more };
  const [made] = readCases(JSON.stringify([one]), 'c.json');
  if (made === undefined) throw new Error('no case');
  return made;
}

/** An engine whose runs give what `run` says; `seen` are the forms that were prepared and how often each was closed. */
function engineOf(target: Engine<IValue>['target'], run: (optimizer: Optimizer) => IValue) {
  const seen: string[] = [];
  const engine: Engine<IValue> = {
    target,
    async prepare(_, { optimizer }) {
      seen.push(optimizer);
      return {
        run: async () => run(optimizer),
        async close() {
          seen.push('closed');
        },
      };
    },
    give: (_, v) => v,
    take: (_, v) => v,
    dispose: async () => {},
  };
  return { engine, seen };
}

const ONE = { type: 'i64', value: 1 };
const differences = (o: Outcome): readonly string[] => (o.outcome === 'failed' ? o.differences : [o.outcome]);

describe('a run case', () => {
  it('fails when its program has no end', async () => {
    const outcome = await runCase(caseOf('|n: i64| iterate(n, |p| {p + 1L, true})', ONE), interpEngine(10_000));
    expect(outcome).toMatchObject({ outcome: 'failed', fault: false });
    expect(differences(outcome)[0]).toMatch(/^optimizer off: expected a value, found OutOfFuel \(W6007: /);
  });

  it('runs both forms as often as it says, and closes them', async () => {
    let runs = 0;
    const { engine, seen } = engineOf('interp', () => {
      runs++;
      return 1n;
    });
    expect(await runCase(caseOf('|n: i64| n', ONE, { runs: 3 }), engine)).toEqual({ outcome: 'passed' });
    expect([runs, seen]).toEqual([6, ['off', 'closed', 'default', 'closed']]);
  });

  it('names the form and the run that differ', async () => {
    let runs = 0;
    const { engine, seen } = engineOf('wasm', (optimizer) => (optimizer === 'default' && ++runs > 1 ? 2n : 1n));
    const outcome = await runCase(caseOf('|n: i64| n', ONE, { runs: 2 }), engine);
    expect(differences(outcome)).toEqual(['default passes: run 2 of 2: at $: expected 1, found 2']);
    expect(seen).toEqual(['off', 'closed', 'default', 'closed']);
  });

  it('takes a fault for a failure, also where an error is expected', async () => {
    const { engine } = engineOf('interp', () => {
      throw new InternalError('slot 3 is empty');
    });
    const outcome = await runCase(caseOf('|n: i64| n', { error: 'CompileError' }), engine);
    expect(outcome).toMatchObject({ outcome: 'failed', fault: true });
    expect(differences(outcome)[0]).toBe(
      'optimizer off: expected CompileError, found an internal fault: InternalError: slot 3 is empty',
    );
  });
});

describe('what is not supported', () => {
  const refuse = (): never => fail('W5001', 'generated code does not support sorting yet');

  it('is told by its construct, also when an error is expected', async () => {
    const { engine } = engineOf('wasm', refuse);
    const outcome = { outcome: 'unsupported', construct: 'sorting' };
    expect(await runCase(caseOf('|n: i64| n', ONE), engine)).toEqual(outcome);
    expect(await runCase(caseOf('|n: i64| n', { error: 'AssertionError' }), engine)).toEqual(outcome);
  });

  it('may be so in one form only', async () => {
    const off = engineOf('wasm', (optimizer) => (optimizer === 'off' ? refuse() : 1n));
    expect(await runCase(caseOf('|n: i64| n', ONE), off.engine)).toEqual({
      outcome: 'unsupported',
      construct: 'sorting (only with the optimizer off)',
    });
    const wrong = engineOf('wasm', (optimizer) => (optimizer === 'off' ? refuse() : 2n));
    expect(differences(await runCase(caseOf('|n: i64| n', ONE), wrong.engine))).toEqual([
      'default passes: at $: expected 1, found 2',
    ]);
  });

  it('is a failure on the interpreter', async () => {
    const { engine } = engineOf('interp', refuse);
    expect(differences(await runCase(caseOf('|n: i64| n', ONE), engine))[0]).toBe(
      'optimizer off: expected a value, found Unsupported (W5001: generated code does not support sorting yet)',
    );
  });
});
