import { expect, it } from 'vitest';
import { Session } from '../../runtime/index.ts';
import * as wa from '../array/index.ts';
import { refusal } from '../core/refusal-fixture.ts';
import { col, fromColumns, len, lit, when } from './index.ts';

const flights = fromColumns({
  origin: ['JFK', 'LAX'],
  delay: [1, null],
  n: new Int32Array([1, 2]),
  t: [new Date(0), new Date(1)],
});

it('names unknown columns, with the nearest and all', () => {
  expect(refusal(() => flights.filter(col('n').gt(0)).select(col('dely').mul(2)))).toMatchInlineSnapshot(`
    "W8003: there is no column "dely"
      in: fromColumns({ origin, delay, n, t }) > filter(col("n").gt(0)) > select(col("dely").mul(2))
      note: the columns are "origin", "delay", "n", "t"
      help: did you mean "delay"?"
  `);
  expect(refusal(() => flights.column('zzz'))).toMatchInlineSnapshot(`
    "W8003: there is no column "zzz"
      in: fromColumns({ origin, delay, n, t }) > column("zzz")
      note: the columns are "origin", "delay", "n", "t""
  `);
  expect(refusal(() => flights.drop('nn'))).toMatchInlineSnapshot(`
    "W8003: there is no column "nn"
      in: fromColumns({ origin, delay, n, t }) > drop("nn")
      note: the columns are "origin", "delay", "n", "t"
      help: did you mean "n"?"
  `);
});

it('shows the guilty expression and its types', () => {
  expect(refusal(() => flights.withColumns({ x: col('n').mul(col('origin').add(1)) }))).toMatchInlineSnapshot(`
    "W8004: col("origin").add(1): add needs two numbers, found string and the number 1
      in: fromColumns({ origin, delay, n, t }) > withColumns({ x: col("n").mul(col("origin").add(1)) })"
  `);
  expect(refusal(() => flights.filter(col('origin').lt('M')))).toMatchInlineSnapshot(`
    "W8004: col("origin").lt("M"): lt needs numbers or timestamps, found string and string
      in: fromColumns({ origin, delay, n, t }) > filter(col("origin").lt("M"))
      help: strings compare with eq, ne and isIn"
  `);
  expect(refusal(() => flights.filter(col('n')))).toMatchInlineSnapshot(`
    "W8004: col("n"): filter needs a bool, found i32
      in: fromColumns({ origin, delay, n, t }) > filter(col("n"))"
  `);
  expect(refusal(() => flights.filter(col('n').and(col('n').gt(1))))).toMatchInlineSnapshot(`
    "W8004: col("n"): filter needs a bool, found i32
      in: fromColumns({ origin, delay, n, t }) > filter(col("n").and(col("n").gt(1)))"
  `);
  expect(refusal(() => flights.select(col('t').add(1)))).toMatchInlineSnapshot(`
    "W8004: col("t").add(1): add needs two numbers, found timestamp and the number 1
      in: fromColumns({ origin, delay, n, t }) > select(col("t").add(1))
      help: cast('i64') gives microseconds since 1970"
  `);
  expect(refusal(() => flights.select(col('n').dt.hour()))).toMatchInlineSnapshot(`
    "W8004: col("n").dt.hour(): dt.hour needs a timestamp, found i32
      in: fromColumns({ origin, delay, n, t }) > select(col("n").dt.hour())
      help: cast('timestamp') first"
  `);
  expect(refusal(() => flights.select(when(col('n').gt(1)).then('a').otherwise(1)))).toMatchInlineSnapshot(`
    "W8004: when(col("n").gt(1)).then("a").otherwise(1): both results must have one type, found string and the number 1
      in: fromColumns({ origin, delay, n, t }) > select(when(col("n").gt(1)).then("a").otherwise(1))"
  `);
  expect(refusal(() => flights.select(col('origin').fillNull(0).alias('o')))).toMatchInlineSnapshot(`
    "W8004: col("origin").fillNull(0): fillNull needs a value of the same type, found string and the number 0
      in: fromColumns({ origin, delay, n, t }) > select(col("origin").fillNull(0).alias("o"))"
  `);
});

it('refuses wrong arguments', () => {
  expect(refusal(() => flights.select())).toMatchInlineSnapshot(`
    "W8006: select needs at least one column
      in: fromColumns({ origin, delay, n, t }) > select()"
  `);
  expect(refusal(() => flights.select('n', col('n').add(1)))).toMatchInlineSnapshot(`
    "W8006: two results are called "n"
      in: fromColumns({ origin, delay, n, t }) > select("n", col("n").add(1))
      help: name one of them with alias(..)"
  `);
  expect(refusal(() => flights.select(col('n').sum().max()))).toMatchInlineSnapshot(`
    "W8006: col("n").sum(): an aggregate cannot stand inside another
      in: fromColumns({ origin, delay, n, t }) > select(col("n").sum().max())
      help: compute the inner one first, with withColumns(..)"
  `);
  expect(refusal(() => flights.groupBy('origin').agg(col('n')))).toMatchInlineSnapshot(`
    "W8006: col("n") has many values in a group
      in: fromColumns({ origin, delay, n, t }) > groupBy("origin") > agg(col("n"))
      help: aggregate it: col("n").sum(), .mean(), .min(), .max() or .count()"
  `);
  expect(refusal(() => flights.groupBy('delay').agg(len()))).toMatchInlineSnapshot(`
    "W8004: col("delay"): a group key is a string, an integer, a bool or a timestamp, found f64 with nulls
      in: fromColumns({ origin, delay, n, t }) > groupBy("delay") > agg(len())
      help: cast('i64') a float first"
  `);
  expect(refusal(() => flights.sort('n', { descending: [true, false] }))).toMatchInlineSnapshot(`
    "W8006: sort has 1 keys and 2 descending flags
      in: fromColumns({ origin, delay, n, t }) > sort("n")"
  `);
  expect(refusal(() => flights.head(-1))).toMatchInlineSnapshot(`
    "W8006: slice takes whole numbers and a length of 0 or more, found 0 and -1
      in: fromColumns({ origin, delay, n, t }) > head(-1)"
  `);
  expect(refusal(() => fromColumns({ a: [1, 'x'] }))).toMatchInlineSnapshot(`
    "W8006: the column "a": item 1 is "x" in a list of f64
      in: fromColumns({ a })
      help: the items of a list have one type; null marks a missing one"
  `);
  expect(refusal(() => fromColumns({ a: [null, null] }))).toMatchInlineSnapshot(`
    "W8006: the column "a": a list holds numbers, bigints, booleans, strings or Dates, found only null
      in: fromColumns({ a })
      help: give a typed array to fix the type"
  `);
  expect(refusal(() => Reflect.apply(col('n').add, col('n'), [wa.array([1])]))).toMatchInlineSnapshot(`
    "W8006: an expression or a literal is needed, found an object (NDArray)
      help: bring an array or a tensor in as a column first: withColumns({ name: array })"
  `);
  expect(refusal(() => lit(new Date(Number.NaN)))).toContain('an invalid Date');
  expect(refusal(() => flights.select(col('n').cast(JSON.parse('"int"'))))).toMatchInlineSnapshot(`
    "W8006: "int" is not a type
      in: fromColumns({ origin, delay, n, t }) > select(col("n").cast('int'))
      help: the types are bool, i8, i16, i32, i64, u8, u16, u32, u64, f32, f64, string, timestamp"
  `);
  expect(refusal(() => flights.rename({ n: 'delay' }))).toMatchInlineSnapshot(`
    "W8006: rename would give two columns the name "delay"
      in: fromColumns({ origin, delay, n, t }) > rename({"n":"delay"})"
  `);
});

it('refuses joins of keys that do not fit, and options that are none', () => {
  const twice = fromColumns({ code: ['JFK', 'LAX', 'JFK'], v: [1, 2, 3] });
  const on = { leftOn: 'origin', rightOn: 'code' };
  expect(refusal(() => flights.join(twice, { ...on, validate: 'm:1' }))).toMatchInlineSnapshot(`
    "W8006: the right key "code" has "JFK" in rows 0 and 2
      in: fromColumns({ origin, delay, n, t }) > join({"leftOn":"origin","rightOn":"code","validate":"m:1"})
      help: group the right side by its key first, or do not promise that it is unique"
  `);
  expect(refusal(() => flights.join(twice, { leftOn: 'n', rightOn: 'code' }))).toMatchInlineSnapshot(`
    "W8004: join keys have one type; n is i32 and code is string
      in: fromColumns({ origin, delay, n, t }) > join({"leftOn":"n","rightOn":"code"})"
  `);
  expect(refusal(() => flights.join(twice, { leftOn: 'n', rightOn: 'v' }))).toMatchInlineSnapshot(`
    "W8004: join keys have one type; n is i32 and v is f64
      in: fromColumns({ origin, delay, n, t }) > join({"leftOn":"n","rightOn":"v"})
      help: cast one of them first"
  `);
  expect(refusal(() => flights.join(twice, {}))).toMatchInlineSnapshot(`
    "W8006: join needs the key columns
      in: fromColumns({ origin, delay, n, t }) > join({})
      help: give { on: 'key' } or { leftOn: 'a', rightOn: 'b' }"
  `);
  expect(refusal(() => flights.join(twice, { leftOn: ['origin', 'n'], rightOn: 'code' }))).toMatchInlineSnapshot(`
    "W8006: 2 left and 1 right key columns are given
      in: fromColumns({ origin, delay, n, t }) > join({"leftOn":["origin","n"],"rightOn":"code"})"
  `);
  const unknown: object = { how: 'outer', validate: 'one' };
  expect(refusal(() => flights.join(twice, { ...on, ...unknown }))).toMatchInlineSnapshot(`
    "W8006: how is one of 'inner', 'left', 'right', 'full', 'semi', 'anti', found "outer"
      in: fromColumns({ origin, delay, n, t }) > join({"leftOn":"origin","rightOn":"code","how":"outer","validate":"one"})"
  `);
  expect(refusal(() => flights.join(twice, { ...on, ...unknown, how: 'left' }))).toMatchInlineSnapshot(`
    "W8006: validate is one of 'm:m', 'm:1', '1:m', '1:1', found "one"
      in: fromColumns({ origin, delay, n, t }) > join({"leftOn":"origin","rightOn":"code","how":"left","validate":"one"})"
  `);
  const named = twice.rename({ v: 'delay_right' }).withColumns({ delay: col('delay_right') });
  expect(refusal(() => flights.join(named, on))).toMatchInlineSnapshot(`
    "W8006: join would give two columns the name "delay_right"
      in: fromColumns({ origin, delay, n, t }) > join({"leftOn":"origin","rightOn":"code"})
      help: pass another suffix"
  `);
});

it('names both lengths', () => {
  expect(refusal(() => fromColumns({ a: [1, 2], b: new Float64Array(3) }))).toMatchInlineSnapshot(`
    "W8005: the column "a" has 2 rows and "b" has 3
      in: fromColumns({ a, b })"
  `);
  expect(refusal(() => flights.withColumns({ z: wa.array([1, 2, 3]) }))).toMatchInlineSnapshot(`
    "W8005: the lengths 2 and 3 differ
      in: fromColumns({ origin, delay, n, t }) > withColumns({ z })
      help: combine columns of equal length, or reduce one of them to a scalar first"
  `);
});

it('keeps sessions apart', async () => {
  const [a, b] = [new Session({ threads: 1 }), new Session({ threads: 1 })];
  const other = fromColumns({ z: [1, 2] }, { session: b });
  const own = fromColumns({ y: [1, 2] }, { session: a });
  expect(refusal(() => own.withColumns({ z: other.column('z') }))).toMatchInlineSnapshot(`
    "W8007: values of two sessions meet in one expression
      in: fromColumns({ y }) > withColumns({ z })
      help: make both with one session: pass { session } where they are created"
  `);
  expect(refusal(() => own.select(col('y').sub(lit(other.column('z').mean()))))).toContain('W8007');
  await Promise.all([a.dispose(), b.dispose()]);
});
