import { describe, expect, test } from 'vitest';
import { renderError } from '../diag/render.ts';
import { build, errorOf, run, thrown } from '../testing/core-run.ts';
import { type Builder, bool, f64, i32, i64, range, scan } from './build.ts';
import { fromColumns, plainMemory, toColumns } from './convert.ts';
import { type ExternFunction, extern, resolveExterns } from './externs.ts';
import { interpret } from './interp.ts';
import type { IValue } from './ivalue.ts';
import type { Atom, Op } from './op.ts';
import type { Program } from './program.ts';
import { blocksOf } from './shape.ts';
import {
  appender,
  BOOL,
  dict,
  F32,
  F64,
  I8,
  I32,
  I64,
  merger,
  struct,
  type Type,
  U8,
  U32,
  U64,
  unknown,
  vec,
} from './types.ts';
import type { PrimSpec, PrimTable } from './value.ts';

const tableOf = (...prims: readonly PrimSpec[]): PrimTable => new Map(prims.map((p) => [p.name, p]));
/** An extern of no parameters that gives what it is told to, checked by nobody. */
function giving(result: Type, value: unknown): PrimSpec {
  const call = (): never => value as never;
  return extern('give', [], result, call, { pure: true });
}
/** What a call of `prim` gives, or its error. */
function call(prim: PrimSpec, result: Type, args: readonly (readonly [Type, IValue])[] = []): IValue {
  const p = build(
    (b, ...xs) => b.cudf(prim.name, result, xs),
    args.map(([t]) => t),
  );
  const values = args.map(([, v]) => v);
  return interpret(p, values, { prims: tableOf(prim) });
}
/** The message of the W6008 of an extern whose function gives `value`. */
function refusal(result: Type, value: unknown): string {
  const e = thrown(() => call(giving(result, value), result));
  expect([e.code, e.kind]).toEqual(['W6008', 'ExternError']);
  return e.diagnostics[0]?.message ?? '';
}
const PURE = { pure: true };

describe('a declared function', () => {
  test('takes and gives scalars in their encoding', () => {
    const of = (t: Type, f: ExternFunction, v: IValue): IValue => call(extern('f', [t], t, f, PURE), t, [[t, v]]);
    expect(of(I64, (x: bigint) => x + 1n, 41n)).toBe(42n);
    expect(of(I32, (x: number) => x * 2, -4)).toBe(-8);
    expect(of(BOOL, (x: boolean) => !x, true)).toBe(false);
    expect(of(F32, () => 0.1, 0)).toBe(Math.fround(0.1));
    expect(of(F64, () => Number.NaN, 0)).toBeNaN();
    expect(of(F64, () => -0, 0)).toBe(-0);
    expect(of(I32, () => -0, 5)).toBe(0);
  });

  test('takes and gives vectors of scalars as typed arrays', () => {
    const t = vec(F64);
    const twice = extern('twice', [t], t, (x: Float64Array) => x.map((e) => 2 * e), PURE);
    expect(call(twice, t, [[t, [1, -0, Number.NaN]]])).toEqual([2, -0, Number.NaN]);
    expect(call(twice, t, [[t, []]])).toEqual([]);
    const flags = extern('flags', [vec(BOOL)], vec(BOOL), (x: Uint8Array) => x.map((e) => 1 - e), PURE);
    expect(call(flags, vec(BOOL), [[vec(BOOL), [true, false]]])).toEqual([false, true]);
    const sum = extern('sum', [vec(I64)], I64, (x: BigInt64Array) => x.reduce((s, e) => s + e, 0n), PURE);
    expect(call(sum, I64, [[vec(I64), [1n, 2n]]])).toBe(3n);
  });

  test('gives a copy: what it keeps is its own', () => {
    const kept = new Int32Array([1, 2]);
    const give = extern('give', [], vec(I32), () => kept, PURE);
    const value = give.run([], plainMemory);
    kept[0] = 9;
    expect(fromColumns(vec(I32), value)).toEqual([1, 2]);
    // Of an argument it sees as much as the vector is long.
    const seen: number[] = [];
    const look = extern('look', [vec(I32)], I32, (x: Int32Array) => seen.push(...x), PURE);
    look.run([{ kind: 'vec', elem: I32, length: 2, cols: [new Int32Array([7, 8, 9])] }], plainMemory);
    expect(seen).toEqual([7, 8]);
  });

  test('takes and gives other values columnar', () => {
    const t = struct([I32, vec(struct([I8, F64]))]);
    const v: IValue = { kind: 'struct', fields: [1, [{ kind: 'struct', fields: [2, 0.5] }]] };
    expect(
      call(
        extern('same', [t], t, (x) => x, PURE),
        t,
        [[t, v]],
      ),
    ).toEqual(v);
    const d = dict(I64, F64);
    const entries: IValue = { kind: 'dict', entries: new Map([[5n, [5n, 1.5]]]) };
    expect(
      call(
        extern('same', [d], d, (x) => x, PURE),
        d,
        [[d, entries]],
      ),
    ).toEqual(entries);
    // The slots of a dictionary are made anew, whatever they are.
    const wrong = { ...(toColumns(d, entries, plainMemory) as object), slots: new Int32Array(16) };
    const made = giving(d, wrong).run([], plainMemory);
    expect(typeof made === 'object' && made.kind === 'dict' && made.slots.includes(1)).toBe(true);
  });

  test('says what it takes', () => {
    const f = extern('f', [vec(F64), I64], F64, () => 0, { pure: false, doc: 'the f' });
    expect([f.name, f.doc, f.pure]).toEqual(['f', 'the f', false]);
    expect(extern('f', [F64], I64, () => 0n, PURE).doc).toBe('f(f64): i64');
    expect(f.typing([vec(F64), I64])).toBe(F64);
    expect(f.typing([vec(F64)])).toBe('f takes (vec[f64], i64), found (vec[f64])');
    expect(f.typing([vec(F32), I64])).toBe('f takes (vec[f64], i64), found (vec[f32], i64)');
  });

  test('cannot have any name, nor any type', () => {
    for (const name of ['', '2x', 'a b', 'a-b']) {
      expect(thrown(() => extern(name, [], I32, () => 1, PURE)).code).toBe('W8006');
    }
    for (const t of [appender(I32), struct([I32, merger(I64, '+')]), unknown(0)]) {
      expect(thrown(() => extern('f', [t], I32, () => 1, PURE)).message).toContain('takes and gives values');
      expect(thrown(() => extern('f', [], t, () => 1, PURE)).message).toContain('takes and gives values');
    }
    expect(thrown(() => extern('f', [dict(dict(I32, I32), I32)], I32, () => 1, PURE)).code).toBe('W2002');
  });
});

describe('what a function gives wrong', () => {
  test('scalars', () => {
    expect(refusal(I32, 1.5)).toBe('the extern give: its value must be an integer for i32, found 1.5');
    expect(refusal(I32, Number.NaN)).toContain('an integer for i32, found NaN');
    expect(refusal(I32, Infinity)).toContain('an integer for i32, found Infinity');
    expect(refusal(I32, 2 ** 31)).toBe('the extern give: its value must be in the range of i32, found 2147483648');
    expect(refusal(I8, -129)).toContain('in the range of i8');
    expect(refusal(U8, -1)).toContain('in the range of u8');
    expect(refusal(U32, 2 ** 53)).toContain('in the range of u32');
    expect(refusal(I64, 1)).toBe('the extern give: its value must be a bigint for i64, found 1');
    expect(refusal(I64, 2n ** 63n)).toContain('in the range of i64, found 9223372036854775808n');
    expect(refusal(U64, -1n)).toContain('in the range of u64, found -1n');
    expect(refusal(I32, 1n)).toContain('a number for i32, found 1n');
    expect(refusal(F64, '1')).toContain('a number for f64, found 1');
    expect(refusal(F64, undefined)).toContain('found undefined');
    expect(refusal(BOOL, 1)).toContain('true or false, found 1');
    expect(refusal(BOOL, null)).toContain('found null');
    expect(refusal(I32, Symbol('x'))).toContain('found Symbol(x)');
    expect(refusal(I32, () => 1)).toContain('found a function');
    expect(refusal(I32, Object.create(null))).toContain('found an object');
    const e = thrown(() => call(giving(I32, Promise.resolve(1)), I32));
    expect(e.diagnostics[0]).toMatchObject({
      message: 'the extern give: its value must be a number for i32, found Promise',
      help: 'externs answer at once: they cannot be async',
    });
  });

  test('vectors of scalars', () => {
    expect(refusal(vec(F64), [1, 2])).toBe('the extern give: its value must be a Float64Array, found Array');
    expect(refusal(vec(F64), new Float32Array(2))).toContain('a Float64Array, found Float32Array of length 2');
    expect(refusal(vec(I64), new BigUint64Array(1))).toContain('a BigInt64Array, found BigUint64Array of length 1');
    expect(refusal(vec(U8), new DataView(new ArrayBuffer(1)))).toContain('a Uint8Array, found DataView');
    expect(refusal(vec(BOOL), Uint8Array.of(1, 2))).toBe(
      'the extern give: element 1 of its value must be 0 or 1 for bool, found 2',
    );
    expect(refusal(vec(I32), undefined)).toContain('an Int32Array, found undefined');
  });

  test('columnar values', () => {
    const t = struct([I32, vec(struct([I8, BOOL]))]);
    const column = { kind: 'vec', elem: struct([I8, BOOL]), length: 1, cols: [new Int8Array(1), new Uint8Array(1)] };
    expect(call(giving(t, { kind: 'struct', fields: [1, column] }), t)).toMatchObject({ kind: 'struct' });
    expect(refusal(t, [1, column])).toContain('its value must be columns of {i32,vec[{i8,bool}]}, found Array');
    expect(refusal(t, { kind: 'struct', fields: [1] })).toContain('the fields of its value must be 2 values');
    expect(refusal(t, { kind: 'struct', fields: [0.5, column] })).toContain('field 0 of its value must be an integer');
    const bad = (more: object): string => refusal(t, { kind: 'struct', fields: [1, { ...column, ...more }] });
    expect(bad({ kind: 'dict' })).toContain('field 1 of its value must be columns of vec[{i8,bool}]');
    expect(bad({ elem: I8 })).toContain('the element type of field 1 of its value must be {i8,bool}');
    expect(bad({ length: 0.5 })).toContain('the length of field 1 of its value must be a count, found 0.5');
    expect(bad({ length: -1 })).toContain('must be a count');
    expect(bad({ length: 2 })).toContain('column 0 of field 1 of its value must be at least 2 elements');
    expect(bad({ cols: [new Int8Array(1)] })).toContain('the columns of field 1 of its value must be 2 arrays');
    expect(bad({ cols: [new Int8Array(1), Uint8Array.of(3)] })).toContain('element 0 of column 1 of field 1');
    const d = dict(F64, I8);
    const entries = {
      kind: 'dict',
      key: F64,
      value: I8,
      count: 2,
      entries: [Float64Array.of(0, -0), new Int8Array(2)],
    };
    expect(call(giving(d, entries), d)).toMatchObject({ kind: 'dict' });
    expect(refusal(d, { ...entries, key: I8 })).toContain('the key type of its value must be f64');
    expect(refusal(d, { ...entries, value: F64 })).toContain('the value type of its value must be i8');
    const twice = [Float64Array.of(Number.NaN, Number.NaN), new Int8Array(2)];
    expect(refusal(d, { ...entries, entries: twice })).toContain(
      'the keys of its value must be different, found NaN twice',
    );
  });

  test('also by a primitive that makes its own columns', () => {
    const prim: PrimSpec = { name: 'raw', doc: '', pure: true, typing: () => vec(I32), run: () => 5 };
    expect(thrown(() => call(prim, vec(I32))).message).toContain(
      'W6008: the extern raw: its value must be columns of vec[i32], found 5',
    );
  });
});

describe('a function that throws', () => {
  const throwing = (what: unknown): PrimSpec =>
    extern(
      'boom',
      [],
      I32,
      () => {
        throw what;
      },
      PURE,
    );

  test('ends the run as W6008, with the message and the cause, at its call', () => {
    const origin = { kind: 'text', span: { start: 3, end: 7 } } as const;
    const cause = new RangeError('too much');
    const p = build((b) => b.at(origin, () => b.cudf('boom', I32, [])));
    const e = thrown(() => interpret(p, [], { prims: tableOf(throwing(cause)) }));
    expect(e.cause).toBe(cause);
    expect(e.diagnostics).toEqual([
      {
        code: 'W6008',
        severity: 'error',
        message: 'the extern boom failed',
        origin,
        labels: [],
        notes: ['it threw RangeError: too much'],
        help: null,
      },
    ]);
    expect(renderError(e, { name: 'x.weld', text: '|| boom()' })).toBe(
      [
        'error[W6008]: the extern boom failed',
        ' --> x.weld:1:4',
        '  |',
        '1 | || boom()',
        '  |    ^^^^',
        '  = note: it threw RangeError: too much',
      ].join('\n'),
    );
  });

  test('whatever it throws', () => {
    for (const [what, note] of [
      ['text', 'it threw text'],
      [undefined, 'it threw a value of type undefined'],
      [Object.create(null), 'it threw a value of type object'],
      [thrown(() => run((b) => b.assert(bool(false)))), 'it threw WeldError: W6011: the assertion does not hold'],
    ] as const) {
      const e = thrown(() => call(throwing(what), I32));
      expect([e.code, e.diagnostics[0]?.notes]).toEqual(['W6008', [note]]);
    }
    const deep = (): number => deep() + 1;
    expect(thrown(() => call(extern('deep', [], I32, deep, PURE), I32)).code).toBe('W6008');
  });

  test('as a primitive: errors of ours pass, others do not', () => {
    const raw = (f: () => never): PrimSpec => ({ name: 'raw', doc: '', pure: true, typing: () => I32, run: f });
    const ours = thrown(() => run((b) => b.assert(bool(false))));
    expect(
      thrown(() =>
        call(
          raw(() => {
            throw ours;
          }),
          I32,
        ),
      ).code,
    ).toBe('W6011');
    expect(
      thrown(() =>
        call(
          raw(() => {
            throw new TypeError('x is undefined');
          }),
          I32,
        ),
      ).code,
    ).toBe('W6008');
    const badTyping: PrimSpec = {
      ...raw(() => {
        throw new Error();
      }),
      typing: () => {
        throw new Error('no');
      },
    };
    expect(thrown(() => call(badTyping, I32)).code).toBe('W6008');
  });
});

describe('resolving a program', () => {
  const clip = extern('clip', [F64], F64, (x: number) => Math.min(x, 1), PURE);
  const tick = extern('tick', [I64], I64, (x: bigint) => x, { pure: false });
  const prims = tableOf(clip, tick);
  /** Every cudf of a program with its notes. */
  function calls(p: Program): readonly string[] {
    const found: string[] = [];
    const visit = (op: Op): void => {
      if (op.kind === 'cudf') found.push(`${op.name}${JSON.stringify(op.notes)}`);
      for (const blk of blocksOf(op)) for (const l of blk.lets) visit(l.op);
    };
    for (const l of p.body.lets) visit(l.op);
    return found;
  }

  test('gives the same program when nothing changes', () => {
    const p = build((b) => b.cudf('clip', F64, [f64(2)]));
    expect(resolveExterns(p, prims)).toBe(p);
    const noted = build((b) => b.cudf('tick', I64, [i64(2)], { pure: false }));
    expect(resolveExterns(noted, prims)).toBe(noted);
    const without = build((b) =>
      b.if(
        bool(true),
        () => i32(1),
        () => i32(2),
      ),
    );
    expect(resolveExterns(without, new Map())).toBe(without);
  });

  test('notes calls that count, in inner blocks too, and nothing else', () => {
    const p = build((b) =>
      b.result(
        b.loop([range(i64(0), i64(3), i64(1))], b.builder(merger(I64, '+')), (m, i) =>
          b.merge(
            m,
            b.if(
              b.bin('<', i, i64(2)),
              () => b.cudf('tick', I64, [i], { pure: true, hint: 3 }),
              () => b.cast(I64, b.cudf('clip', F64, [b.cast(F64, i)])),
            ),
          ),
        ),
      ),
    );
    const q = resolveExterns(p, prims);
    expect(calls(p)).toEqual(['tick{"pure":true,"hint":3}', 'clip{}']);
    expect(calls(q)).toEqual(['tick{"pure":false,"hint":3}', 'clip{}']);
    expect(resolveExterns(q, prims)).toBe(q);
    expect(interpret(q, [], { prims })).toBe(interpret(p, [], { prims }));
  });

  const bad = (make: (b: Builder) => Atom, table: PrimTable = prims): string =>
    renderError(
      thrown(() => resolveExterns(build(make), table)),
      null,
    );

  test('names what is registered when a name is not', () => {
    expect(bad((b) => b.cudf('clap', F64, [f64(1)]))).toBe(
      [
        'error[W2007]: no extern function is called clap',
        '  = note: registered: clip, tick',
        "  = help: did you mean 'clip'?",
      ].join('\n'),
    );
    expect(bad((b) => b.cudf('median', F64, [f64(1)]))).toBe(
      [
        'error[W2007]: no extern function is called median',
        '  = note: registered: clip, tick',
        '  = help: register it with the session',
      ].join('\n'),
    );
    expect(bad((b) => b.cudf('f', F64, []), new Map())).toContain('note: none is registered');
    const many = tableOf(...Array.from({ length: 15 }, (_, k) => extern(`function${k}`, [], I32, () => 1, PURE)));
    expect(bad((b) => b.cudf('other', I32, []), many)).toMatch(/: function0, .*function11 and 3 more\n/);
  });

  test('says which types do not fit', () => {
    expect(bad((b) => b.cudf('clip', F64, [i32(1)]))).toBe('error[W2002]: clip takes (f64), found (i32)');
    expect(bad((b) => b.cudf('clip', F32, [f64(1)]))).toBe(
      ['error[W2001]: the extern clip gives f64, the call says f32', '  = help: write cudf[clip,f64](..)'].join('\n'),
    );
  });

  test('finds all faults of a program, each at its place, before anything runs', () => {
    const at = (start: number) => ({ kind: 'text', span: { start, end: start + 2 } }) as const;
    const p = build(
      (b, v = i32(0)) =>
        b.result(
          b.loop([scan(v)], b.builder(appender(F64)), (a, _i, e) =>
            b.merge(
              a,
              b.if(
                bool(false),
                () => b.at(at(10), () => b.cudf('clop', F64, [e])),
                () => b.at(at(20), () => b.cudf('clip', F64, [e, e])),
              ),
            ),
          ),
        ),
      [vec(F64)],
    );
    const e = thrown(() => resolveExterns(p, prims));
    expect(e.diagnostics.map((d) => [d.code, d.origin])).toEqual([
      ['W2007', at(10)],
      ['W2002', at(20)],
    ]);
    // The interpreter refuses it too, though no call would run.
    expect(thrown(() => interpret(p, [[]], { prims })).code).toBe('W2007');
    expect(errorOf((b) => b.cudf('f', I32, []))).toBe('W2007 CompileError');
  });

  test('a call that is not pure happens as often as the program says', () => {
    const seen: bigint[] = [];
    const log = extern('log', [I64], I64, (x: bigint) => BigInt(seen.push(x)), { pure: false });
    const p = build((b) =>
      b.result(
        b.loop([range(i64(5), i64(8), i64(1))], b.builder(appender(I64)), (a, _i, e) =>
          b.merge(a, b.bin('+', b.cudf('log', I64, [e]), b.cudf('log', I64, [e]))),
        ),
      ),
    );
    expect(interpret(resolveExterns(p, tableOf(log)), [], { prims: tableOf(log) })).toEqual([3n, 7n, 11n]);
    expect(seen).toEqual([5n, 5n, 6n, 6n, 7n, 7n]);
  });
});
