/**
 * The layout of a CSV text that has lines which are no rows, on all threads: blank lines, comments, and rows with more or
 * fewer fields than they should have.
 *
 *     count     as in `rows-machine.ts`, of which the lines count
 *     lines     writes where lines begin that are outside quotes
 *     fields    a line a row of the launch: writes the ends of its fields, and says how many there are
 *     (host)    moves the fields of what are rows together
 *
 * It declines what `rows-machine.ts` does but for those lines, and a comment with a quote in it, which would count.
 */

import { bin, cast, cmp, type Kernel, KernelBuilder, lit, sel, un } from '../../compiler/kernels.ts';
import { type Machine, once } from '../machine.ts';
import { both, either, num, u64 } from '../terms.ts';
import { and, blockState, NONE, not, oddBytes, or, outsideOf, overBlocks, partOf } from './blocks-machine.ts';
import type { Room } from './room.ts';
import { CR, type Dialect, type Scanned } from './rows.ts';
import { countSeparators, PART, STARTS, type TextStretch } from './rows-machine.ts';

/** The rows of text[from, to), as `indexRows`. */
export async function indexLines(
  m: Machine,
  room: Room,
  text: Uint8Array,
  stretch: TextStretch,
  { comment, ragged }: Pick<Dialect, 'comment' | 'ragged'>,
  part = PART,
): Promise<Scanned | null> {
  const { from, to, delimiter, columns } = stretch;
  const { starts, parts, rows: lines } = await countSeparators(m, room, text, stretch, part);
  const lineStarts = room.i32('rowStarts', lines + 2);
  lineStarts[0] = from;
  lineStarts[lines + 1] = to;
  const scalars = [from, to, part, delimiter];
  await m.launch(writeLines(), { rows: parts, rowsPerPart: 1, bufs: [text, starts, lineStarts], scalars });

  // What is begun behind the last line is looked at, too: what is odd there may be why it is no line.
  const next = lineStarts[lines] ?? from;
  const looked = next < to ? lines + 1 : lines;
  const ends = room.i32('ends', looked * columns + 1);
  const found = room.i32('found', looked);
  const report = await m.launch(lineFields(), {
    rows: looked,
    rowsPerPart: Math.max(64, Math.ceil(lines / (4 * m.threads))),
    bufs: [text, lineStarts, ends, found],
    scalars: [delimiter, comment ?? -1, columns],
  });
  for (let p = 0; p < report.parts; p++) if (report.cell(p, 0) !== 0) return null;

  // Lines that are rows, in runs.
  let [rows, begun] = [0, 0];
  const moveRun = (line: number): void => {
    if (begun !== rows) {
      ends.copyWithin(rows * columns, begun * columns, line * columns);
      lineStarts.copyWithin(rows, begun, line);
    }
    rows += line - begun;
    begun = line + 1;
  };
  for (let line = 0; line < lines; line++) {
    const fields = found[line];
    if (fields === columns) continue;
    if (fields !== 0) {
      if (ragged === 'error' || (ragged === 'null' && (fields ?? 0) > columns)) return null;
      if (ragged !== 'skip') continue;
    }
    moveRun(line);
  }
  moveRun(lines);
  return { layout: { columns, rows, rowStarts: lineStarts, ends }, next };
}

const writeLines = once((): Kernel => {
  const k = KernelBuilder.packed('csv_lines');
  const [text, starts] = [k.buf('text', 'u8', 'read'), k.buf('starts', 'i32', 'read')];
  const lineStarts = k.buf('line_starts', 'i32', 'write');
  const part = partOf(k);
  const first = k.let(bin('*', k.index, num(STARTS)));
  const inside = k.var(bin('-', NONE, cast(cast(k.load(starts, first), 'u32'), 'u64')));
  const line = k.var(k.load(starts, k.let(bin('+', first, num(2)))));
  overBlocks(k, text, part, inside, (m, at) => {
    const left = k.var(and(m.lineEnds, not(m.inside)));
    k.while(cmp('!=', left, NONE), () => {
      k.set(line, bin('+', line, num(1)));
      k.store(lineStarts, line, bin('+', at, bin('+', cast(un('ctz', left), 'i32'), num(1))));
      k.set(left, bin('&', left, bin('-', left, u64(1))));
    });
  });
  return k.finish();
});

/** Fields of a line: 0 where it is no row. Those that are too many are not written, missing ones are empty. */
const lineFields = once((): Kernel => {
  const k = KernelBuilder.packed('csv_fields');
  const [text, lineStarts] = [k.buf('text', 'u8', 'read'), k.buf('line_starts', 'i32', 'read')];
  const [ends, found] = [k.buf('ends', 'i32', 'write'), k.buf('found', 'i32', 'write')];
  const [delimiter, comment] = [k.scalar('delimiter', 'u8'), k.scalar('comment', 'i32')];
  const columns = k.scalar('columns', 'i32');
  const odd = k.reduction('odd', 'i32', 'max');
  const start = k.load(lineStarts, k.index);
  const end = k.load(lineStarts, k.let(bin('+', k.index, num(1))));
  const isComment = k.let(cmp('==', cast(k.load(text, start), 'i32'), comment));
  const first = k.let(bin('*', k.index, columns));
  const [field, last] = [k.var(num(0)), k.var(start)];
  const put = (): void => k.if(cmp('<', field, columns), () => k.store(ends, k.let(bin('+', first, field)), last));

  const state = blockState(k);
  const inside = k.var(NONE);
  const strange = k.var(NONE);
  overBlocks(k, text, { start, end, delimiter }, inside, (m, at) => {
    const masks = outsideOf(k, m);
    k.set(strange, or(strange, oddBytes(k, m, masks, state).strange, sel(isComment, m.quotes, NONE)));
    const left = k.var(masks.separators);
    k.while(cmp('!=', left, NONE), () => {
      k.set(last, bin('+', at, cast(un('ctz', left), 'i32')));
      put();
      k.set(field, bin('+', field, num(1)));
      k.set(left, bin('&', left, bin('-', left, u64(1))));
    });
  });
  // The last field ends before CRLF.
  const length = bin('-', end, start);
  const isReturn = cmp('==', k.load(text, k.let(bin('max', bin('-', end, num(2)), start))), lit('u8', CR));
  const hasReturn = k.let(both(isReturn, cmp('>=', length, num(2)), cmp('>', field, num(0))));
  k.if(hasReturn, () => {
    k.set(field, bin('-', field, num(1)));
    k.set(last, bin('-', last, num(1)));
    put();
    k.set(field, bin('+', field, num(1)));
  });
  const isBlank = both(cmp('==', last, start), cmp('==', field, num(1)), cmp('!=', columns, num(1)));
  k.store(found, k.index, sel(either(isComment, isBlank), num(0), field));
  k.while(cmp('<', field, columns), () => {
    k.set(last, bin('+', last, num(1)));
    put();
    k.set(field, bin('+', field, num(1)));
  });
  k.accum(odd, cast(cmp('!=', strange, NONE), 'i32'));
  return k.finish();
});
