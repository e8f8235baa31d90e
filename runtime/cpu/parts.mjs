/**
 * The control block that the main thread and its workers share, and the loop by which every thread works on a job.
 *
 * A job is a kernel over the rows from `FIRST_ROW` up to `ROWS`, cut in `PARTS` parts of `ROWS_PER_PART` rows. Threads claim parts in increasing
 * order with one atomic add, so scheduling never decides which rows make a part. After a failure no part is claimed
 * any more: all parts before the failing one were claimed earlier and are finished, so the first failing part in
 * part order is the same on every run.
 *
 * A part pushes rows to places of its own. Where the part before it is known to be done, it goes on behind the rows of that
 * one: then there is no gap to close between them, and no memory behind the last row is ever touched.
 */

/** Int32 words of the control block. Words from INSIDE on: 1 while the worker of that number works on a job. */
export const CTL = Object.freeze({
  /** Number of the newest job; workers sleep on it. */
  JOB: 0,
  /** 1 while workers may join the job. */
  OPEN: 1,
  /** Counts how often a worker left a job; the main thread sleeps on it. */
  LEFT: 2,
  /** The next part to claim. */
  NEXT: 3,
  /** 1 after a part failed. */
  STOP: 4,
  /** Workers with a smaller number may join. */
  HELPERS: 5,
  MODULE: 6,
  KERNEL: 7,
  ARGS: 8,
  ROWS: 9,
  ROWS_PER_PART: 10,
  PARTS: 11,
  /** Rows before this one are done: the first part begins here. */
  FIRST_ROW: 12,
  /** Length of the message of a worker whose kernel trapped, 0 if none did. */
  TRAP: 13,
  /** 1 when the job was cancelled: threads leave it after the call that they are in. */
  CANCEL: 14,
  /** 1 when workers note when they were in the job. */
  TRACED: 15,
  /** Cursors of a part; where the cursors of all parts are, and where it is kept at which place each began. */
  CURSORS_A_PART: 16,
  CURSORS: 17,
  BEGINNINGS: 18,
  INSIDE: 19,
});
/** Most workers a control block has room for. */
export const MAX_WORKERS = 63;
/** Words before the text of a trap. */
export const TEXT_WORD = CTL.INSIDE + MAX_WORKERS + 1;
export const TEXT_BYTES = 480;
/** Where the notes of the workers begin, and how many numbers (f64) each has: when it came, when it had the kernel, when it
 *  left, in nanoseconds of `process.hrtime`, and the parts that it ran. */
export const NOTES_BYTE = Math.ceil((TEXT_WORD * 4 + TEXT_BYTES) / 8) * 8;
export const NOTE_NUMBERS = 4;
export const CONTROL_BYTES = NOTES_BYTE + MAX_WORKERS * NOTE_NUMBERS * 8;

/** Rows of one call: small enough to stay in the cache, large enough to hide the call. */
export const CHUNK_ROWS = 16384;

/**
 * Claims parts and runs them until none is left; stops after every call, so that whoever asks for the next may do
 * something else in between. Gives the number of parts in the end.
 * @param {(args: number, begin: number, end: number, part: number) => number} kernel
 * @param {Int32Array} ctl
 * @param {{readonly buffer: ArrayBufferLike}} memory
 * @returns {Generator<undefined, number, undefined>}
 */
export function* callsOf(kernel, ctl, memory) {
  const args = ctl[CTL.ARGS] ?? 0;
  const rows = ctl[CTL.ROWS] ?? 0;
  const perPart = ctl[CTL.ROWS_PER_PART] ?? 1;
  const parts = ctl[CTL.PARTS] ?? 0;
  const first = ctl[CTL.FIRST_ROW] ?? 0;
  const goOn = goingOn(ctl, memory);
  // All before the first part were done when the job began; of others, this thread knows what it ran itself.
  let done = Math.floor(first / perPart) - 1;
  let claimed = 0;
  while (Atomics.load(ctl, CTL.STOP) === 0) {
    const part = Atomics.add(ctl, CTL.NEXT, 1);
    if (part >= parts) break;
    claimed++;
    if (part > 0 && part === done + 1 && part * perPart >= first) goOn(part);
    done = part;
    const last = Math.min(rows, (part + 1) * perPart);
    for (let begin = Math.max(part * perPart, first); begin < last; begin += CHUNK_ROWS) {
      if (Atomics.load(ctl, CTL.CANCEL) !== 0) return claimed;
      if (kernel(args, begin, Math.min(begin + CHUNK_ROWS, last), part) !== 0) {
        Atomics.store(ctl, CTL.STOP, 1);
        break;
      }
      yield;
    }
  }
  return claimed;
}

/**
 * Lets a part push its first row behind the last one of the part before it. Cursors count from the first place of their
 * own part, so these begin below zero.
 * @param {Int32Array} ctl
 * @param {{readonly buffer: ArrayBufferLike}} memory
 * @returns {(part: number) => void}
 */
function goingOn(ctl, memory) {
  const each = ctl[CTL.CURSORS_A_PART] ?? 0;
  if (each === 0) return () => {};
  const perPart = ctl[CTL.ROWS_PER_PART] ?? 1;
  const words = each * (ctl[CTL.PARTS] ?? 0);
  const [cursors, beginnings] = [CTL.CURSORS, CTL.BEGINNINGS].map(
    (word) => new Int32Array(memory.buffer, (ctl[word] ?? 0) >>> 0, words),
  );
  return (part) => {
    for (let k = part * each; k < (part + 1) * each; k++) {
      const place = cursors[k - each] - perPart;
      cursors[k] = place;
      beginnings[k] = place;
    }
  };
}

/**
 * Claims parts and runs them until none is left; gives their number.
 * @param {(args: number, begin: number, end: number, part: number) => number} kernel
 * @param {Int32Array} ctl
 * @param {{readonly buffer: ArrayBufferLike}} memory
 */
export function runParts(kernel, ctl, memory) {
  const calls = callsOf(kernel, ctl, memory);
  for (;;) {
    const { done, value } = calls.next();
    if (done === true) return value;
  }
}
