/**
 * THE cost model: every threshold by which the compiler and the runtime decide what pays. Plain data without imports, so
 * that any layer may read it; `spec/cost.md` has the same table with what each figure was measured with, and a test
 * holds the two together.
 *
 * Prices are in units of one addition; they are right in order of magnitude only, and no decision may need more. What an
 * operation costs is `price.ts`. None of these constants changes a result but the cut into parts, which decides the
 * order of float sums (`spec/numerics.md`).
 */

// ---- prices --------------------------------------------------------------------------------------------------------

/** A division, a square root. */
export const DIVISION = 8;
/** exp, log and their kind: a polynomial and a range reduction. */
export const TRANSCENDENTAL = 30;
/** A load from an address known only at run time. */
export const RANDOM_ACCESS = 6;
/** A step with a hash table, or a walk along a short vector. */
export const HASHING = 40;
/** The length of an inner loop is unknown; this says "never cheap". */
export const INNER_LOOP = 1000;

// ---- fusion: how much may be computed or written twice -----------------------------------------------------------------

/** A map dearer than this is kept in memory when it has several readers: storing and loading costs about as much. */
export const CHEAP_MAP = 12;
/** A map dearer than this is not computed once for every loop that reads its rows. */
export const REPEATED_MAP = 12;
/** Copied work that one consumer may take on. */
export const COPY_BUDGET = 32;
/** A filter dearer than this is evaluated once. */
export const CHEAP_FILTER = 12;
/** A filter is evaluated again by at most this many readers. */
export const MAX_FILTER_READERS = 2;
/** Lets of a filter's body that may be copied. */
export const MAX_FILTER_LETS = 256;
/** Lets that copying a consumer into further merge sites may add. */
export const MAX_COPIED_LETS = 64;
/** Size of a loop that was joined out of several, in lets ... */
export const MAX_JOINED_LETS = 4096;
/** ... and in builders. */
export const MAX_JOINED_BUILDERS = 64;

// ---- unrolling -------------------------------------------------------------------------------------------------------------

/** Rounds of a loop that is written out. */
export const MAX_UNROLLED_ROUNDS = 8;
/** Lets of all copies of the body; nested loops that are unrolled in turn have this limit each. */
export const MAX_UNROLLED_LETS = 64;

// ---- dictionaries ----------------------------------------------------------------------------------------------------------

/** Places of a table whose slot is the key. Each part of a loop clears one of its own. */
export const DENSE_KEYS = 16_384;
/** Entries of the table of a part, when nothing is known. */
export const FIRST_ENTRIES = 1024;
/** The smallest table, and the largest that is made before there are so many groups. */
export const MIN_ENTRIES = 16;
export const MAX_ENTRIES = 1 << 22;
/** Slots for each entry of a hash table: with two, a third of the look-ups would meet another key first. */
export const SLOTS_AN_ENTRY = 4;
/** A full table of a part is made again with at most this many times the entries, and the loop is run again ... */
export const GROWTH = 16;
/** ... the final table with fewer, since only the parts are combined again, and those of partitions. */
export const FINAL_GROWTH = 4;
/** Rows that are looked at first, and again with twice as many ... */
export const SAMPLE_ROWS = 8192;
/** ... in a loop of at least so many parts, so that looking costs a tenth at most. */
export const MIN_SAMPLED_PARTS = 16;
/** With so few groups in the first rows a table of FIRST_ENTRIES will do. */
export const FEW_GROUPS = 256;
/** Tables are made for this many times the groups that are expected. */
export const ENTRIES_A_GROUP = 1.25;
/** Places that a table of near keys may have, however few its keys are ... */
export const NEAR_KEYS = 16_384;
/** ... and for each entry that it is expected to have; more if keys come in their order, which finds them in the cache. */
export const PLACES_AN_ENTRY = 8;
export const SORTED_PLACES_AN_ENTRY = 64;
/** The most places of such a table. */
export const MAX_SORTED_PLACES = 16_777_216;
/** For so many entries there is room for one whose key is outside the bounds. */
export const ENTRIES_A_STRANGER = 4;
/** Entries of a hash table from which on rows are partitioned by the hash of their key ... */
export const PARTITIONED_ENTRIES = 131_072;
/** ... into so many partitions, a power of two: the table of one stays in the second cache. */
export const PARTITIONS = 128;
/** Rows of a block, a power of two: those of a partition in a part are a chain of blocks. */
export const PARTITION_BLOCK_ROWS = 512;
/** Rows of a part of such a loop. */
export const PARTITIONED_PART_ROWS = 262_144;
/** The least slots for an entry in the tables of partitions: memory that is fetched again in every round. */
export const PARTITION_SLOTS_AN_ENTRY = 2;
/** The most memory, for each thread, of rows that were partitioned and not yet merged ... */
export const ROUND_BYTES = 48 * 1024 * 1024;
/** ... and the tables may be so many times as large: they are fetched once a round. */
export const TABLES_A_ROUND = 3;

// ---- lanes -----------------------------------------------------------------------------------------------------------------

/** Scalar statements of a body that gets a wide copy; a longer one would take longer to compile than most data to run. */
export const MOST_WIDE = 4000;
/** What lanes save or cost, in instructions: counting rows and testing for the last, ... */
export const LOOP_OVERHEAD = 4;
/** ... a lane taken out of a register of integers, or put into one, ... */
export const LANE_MOVED = 3;
/** ... and both for a conversion between 64-bit integers and floats; ... */
export const LANE_CONVERTED = 2;
/** ... a product of 64-bit integers, which is put together of others; ... */
export const WIDE_PRODUCT = 14;
/** ... the larger of two floats, with care for NaN and zeros, in lanes and of scalars; ... */
export const WIDE_MAX = 24;
export const SCALAR_MAX = 5;
/** ... a float that waits for the one before to be added to the same sum; ... */
export const FLOAT_LATENCY = 12;
/** ... and a jump of which nothing is known: one guessed wrong costs four times as much. */
export const MISGUESSED = 20;
/** Noting the rows of a register that the row phase runs for. */
export const PICKING = 8;
/** With this much to gain in the lanes, row-by-row statements go to a phase of their own. */
export const APART_BALANCE = 30;
/** Rows of a batch of that phase: a handful of scratch columns stays in the first cache. */
export const BATCH_ROWS = 256;
/** Wide iterations side by side. */
export const INTERLEAVED = 4;
/** The same for an inner loop that reads each row at a place of its own, a row of a matrix. */
export const INTERLEAVED_BY_ROW = 2;
/** Accumulators of floats that wide iterations side by side may have together, in registers. */
export const MOST_ACCUMULATORS = 8;
/** A longer body has independent work enough, and copies of it would not stay in the instruction cache. */
export const MAX_INTERLEAVED_STATEMENTS = 1500;
/** Wide values that the copies of an inner loop may keep in registers together, of 16 that the machine has. */
export const LIVE_IN_LOOP = 12;
/** Work of both sides of an `if`, in additions, up to which both are computed and one is selected: a branch that is
 *  guessed wrong half of the time costs about as much. */
export const PREDICATED_WORK = 28;
/** Work for a row behind a condition from which on blocks of rows that no row takes may be jumped over. */
export const SKIPPED_WORK = 16;
/** Rows on which that is tried ... */
export const TRIAL_ROWS = 16_384;
/** ... in loops of at least so many ... */
export const MIN_TRIED_ROWS = 65_536;
/** ... and done in the rest, if no more than this part of the rows was in blocks that had to be computed. */
export const MOST_COMPUTED = 0.6;
/** Nodes of a pushed value that are computed for rows that do not pass, to push without a branch. */
export const CHEAP_PUSH = 12;

// ---- parts -----------------------------------------------------------------------------------------------------------------

/** The unit of parts: a part has this many rows or a multiple. Also the rows of one call of a kernel. */
export const PART_ROWS = 16_384;
/** The same where rows have loops of their own and a part has no state: fewer rows are work enough ... */
export const NESTED_PART_ROWS = 256;
/** ... as long as there are no more parts than this. */
export const MAX_NESTED_PARTS = 4_096;
/** A part has at least a row for so many bytes of its state, which is filled before and combined after. */
export const STATE_BYTES_A_ROW = 2;
/** A part has at least so many rows for each entry that its tables are expected to have ... */
export const ROWS_AN_ENTRY = 64;
/** ... unless there would be fewer parts than this. */
export const ENOUGH_PARTS = 16;
/** The states of all parts take at most this many bytes together, as long as one part fits. */
export const MAX_STATE_BYTES = 128 * 1024 * 1024;
/** Below this many rows a launch stays on the calling thread: waking a worker costs more than it saves. */
export const MIN_PARALLEL_ROWS = 32_768;
