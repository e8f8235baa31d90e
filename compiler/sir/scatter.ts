/**
 * Partitioned dictionaries (`lower/builders/partitioned.ts`): how the rows lie that the parts of a loop have scattered by
 * the hash of their key, and the kernels that take them. Lowering writes them, the runtime reads them.
 */

import { PARTITION_BLOCK_ROWS, PARTITIONED_PART_ROWS, PARTITIONS } from '../analysis/cost.ts';
import type { Kernel } from './kernel.ts';

/**
 * Where a part puts the rows of a partitioned dictionary: each partition has a chain of blocks of `blockRows` rows, the
 * first being the block of its own number, and rows are in input order along a chain. `places` (i32, `words` a part) has
 * the place of the next row of each partition, the number of the next free block, and for each full block the number of
 * the one behind it. All blocks but one a partition are full, so the blocks of a part are enough for all of its rows.
 */
export const SCATTER = {
  partitions: PARTITIONS,
  blockRows: PARTITION_BLOCK_ROWS,
  partRows: PARTITIONED_PART_ROWS,
  /** Rows for which a part has room. */
  capacity: PARTITIONED_PART_ROWS + PARTITIONS * PARTITION_BLOCK_ROWS,
  next: 0,
  free: PARTITIONS,
  behind: PARTITIONS + 1,
  words: PARTITIONS + 1 + PARTITIONED_PART_ROWS / PARTITION_BLOCK_ROWS + PARTITIONS,
  /** Words with a bit for each row of a part. */
  bitWords: PARTITIONED_PART_ROWS / 32,
} as const;

/** The most entries that slots of 16 bits can tell apart: they hold the number of an entry and one. */
export const NARROW_ENTRIES = 65_535;

/** What is done with scattered rows. `e` key and value leaves; entries are columns of `capacity` places a partition. */
export interface PartitionKernels {
  /**
   * Row p: merges the rows of partition p in the parts of a round. Bufs: the scattered rows, their places (read); the
   * entries, the number of the row of each entry's first merge, slots (partial); the count of each partition, the count
   * of each partition after each part. Scalars: the first part of the round, its parts, capacity, slots - 1. The slots are
   * u16, for at most `NARROW_ENTRIES` entries a partition.
   */
  readonly merge: Kernel;
  /** The same with slots of i32. */
  readonly mergeMany: Kernel;
  /**
   * Row c: moves the entries that part c made to their places in order. Bufs: the entries, the numbers of first rows,
   * the counts after each part, the entries before each part (read); twice `bitWords` words (partial); the final columns.
   * Scalars: capacity.
   */
  readonly order: Kernel;
  /** Row k: enters entry k in the slots. Bufs: the key columns (read), slots. Scalars: slots - 1. Null where nobody looks
   *  for a key: then there are no slots. */
  readonly index: Kernel | null;
}
