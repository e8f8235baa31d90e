/**
 * A process of its own: makes the same small result again and again, each time from scratch as a program would write it, and
 * prints what a call costs in microseconds of processor time, of all threads: soon (after 50 calls, while the engine still
 * compiles) and later. 1,000 rows, so that next to nothing is spent on them.
 */

const [, , lib = '', name = ''] = process.argv;
const { init } = await import(`${lib}/runtime.js`);
const { parseProgram } = await import(`${lib}/text.js`);
const { F64 } = await import(`${lib}/compiler.js`);
const { array } = await import(`${lib}/array.js`);
const { col, fromColumns } = await import(`${lib}/frame.js`);

const ROWS = 1000;
const x = Float64Array.from({ length: ROWS }, (_, k) => k);
const session = await init();
const program = parseProgram('|x: vec[f64]| result(for(x, merger[f64,+], |b, i, e| merge(b, e)))');
const args = [{ kind: 'vec', elem: F64, length: ROWS, cols: [x] }];
const a = array(x, { session });
const frame = fromColumns({ x, y: x }, { session });
const total = a.sum();

function plain() {
  let sum = 0;
  for (let k = 0; k < x.length; k++) sum += x[k] ?? 0;
  return sum;
}
async function rows() {
  const table = await frame.filter(col('x').ge(10)).select(col('y').sum()).collect();
  return table.column('y').data[0] + 45;
}
async function disposed() {
  const doubled = await a.mul(2).toArray();
  const last = doubled[ROWS - 1];
  session.release(doubled);
  return last + 497_502;
}
const calls = {
  'plain JavaScript: a loop': plain,
  'session.evaluate: sum': () => session.evaluate(program, args),
  'array: sum, the same object': () => total.item(),
  'array: a.sum().item()': () => a.sum().item(),
  'array: a.mul(2).toArray(), released': disposed,
  'frame: filter, sum, collect': rows,
};
const call = calls[name];
if (call === undefined) throw new Error(`there is no call ${name}`);

/** Microseconds of processor time a call, over `count` calls. */
async function cost(count) {
  const before = process.cpuUsage();
  for (let k = 0; k < count; k++) {
    const value = await call();
    if (value !== 499_500) throw new Error(`${name} gave ${value}`);
  }
  const { user, system } = process.cpuUsage(before);
  return (user + system) / count;
}
await cost(50);
const soonUs = await cost(500);
await cost(20_000);
let laterUs = Number.POSITIVE_INFINITY;
for (let round = 0; round < 5; round++) laterUs = Math.min(laterUs, await cost(4000));
console.log(JSON.stringify({ soonUs, laterUs }));
await session.dispose();
