/**
 * The one table of diagnostic codes. A number is never reused; every code has an entry in `spec/errors.md` and a
 * test of its whole rendered text. W1xxx syntax, W2xxx types, W3xxx builders and linearity, W4xxx sizes,
 * W5xxx placement and target, W6xxx run time, W7xxx artifact, W8xxx frontends and data.
 */

/** The error kinds Weld's programs can end with, as reported to callers. */
export type ErrorKind =
  | 'CompileError'
  | 'ArrayOutOfBounds'
  | 'BadIteratorLength'
  | 'MismatchedZipSize'
  | 'KeyNotFoundError'
  | 'AssertionError'
  | 'DivisionByZero'
  | 'DeserializationError'
  | 'OutOfMemory'
  | 'OutOfFuel'
  | 'Cancelled'
  | 'WorkerLost'
  | 'ExternError'
  | 'Unsupported'
  | 'UsageError'
  | 'DataError';

interface Entry {
  readonly title: string;
  readonly kind: ErrorKind;
}

export const CODES = {
  // W1xxx syntax
  W1001: { title: 'a character that starts no token', kind: 'CompileError' },
  W1002: { title: 'a token that does not fit the grammar', kind: 'CompileError' },
  W1003: { title: 'a literal outside the range of its type', kind: 'CompileError' },
  W1004: { title: 'a text that nests too deep', kind: 'CompileError' },
  W1005: { title: 'a reserved word where a name belongs', kind: 'CompileError' },
  W1006: { title: 'a name that is defined twice', kind: 'CompileError' },
  W1007: { title: 'a program that grows too large when macros and lambdas are expanded', kind: 'CompileError' },
  // W2xxx types
  W2001: { title: 'two types that must be equal differ', kind: 'CompileError' },
  W2002: { title: 'an operator that its operand type does not have', kind: 'CompileError' },
  W2003: { title: 'an unknown name', kind: 'CompileError' },
  W2004: { title: 'a type that could not be inferred', kind: 'CompileError' },
  W2005: { title: 'a wrong number of arguments or parameters', kind: 'CompileError' },
  W2006: { title: 'a type that is too large', kind: 'CompileError' },
  W2007: { title: 'an extern function that is not registered', kind: 'CompileError' },
  // W3xxx builders and linearity
  W3001: { title: 'a builder used more than once on a path', kind: 'CompileError' },
  W3002: { title: 'a builder that is dropped', kind: 'CompileError' },
  W3003: { title: 'a loop body that returns another builder', kind: 'CompileError' },
  // W5xxx placement and target
  W5001: { title: 'a construct this target does not support yet', kind: 'Unsupported' },
  W5002: { title: 'a program that does not split into batches', kind: 'Unsupported' },
  // W6xxx run time
  W6001: { title: 'an index outside its vector', kind: 'ArrayOutOfBounds' },
  W6002: { title: 'a range that is not start <= end with a dividing stride >= 1', kind: 'BadIteratorLength' },
  W6003: { title: 'zipped iterators of different lengths', kind: 'MismatchedZipSize' },
  W6004: { title: 'a key that is not in the dictionary', kind: 'KeyNotFoundError' },
  W6005: { title: 'an integer division by zero', kind: 'DivisionByZero' },
  W6006: { title: 'the memory limit', kind: 'OutOfMemory' },
  W6007: { title: 'the fuel limit of the interpreter', kind: 'OutOfFuel' },
  W6008: { title: 'an extern function that failed', kind: 'ExternError' },
  W6009: { title: 'a loop with more rows than a kernel counts', kind: 'Unsupported' },
  W6010: { title: 'a key outside the range that @(dense:true) promises', kind: 'ArrayOutOfBounds' },
  W6011: { title: 'an assertion that does not hold', kind: 'AssertionError' },
  W6012: { title: 'bytes that are no value of the type', kind: 'DeserializationError' },
  W6013: { title: 'a run that was cancelled', kind: 'Cancelled' },
  W6014: { title: 'a worker thread that ended in a run', kind: 'WorkerLost' },
  W6015: { title: 'a key that is there twice', kind: 'AssertionError' },
  W6016: { title: 'values that do not ascend', kind: 'AssertionError' },
  // W7xxx artifact
  W7001: { title: 'an artifact that is damaged or is none', kind: 'DataError' },
  W7002: { title: 'an artifact of another version', kind: 'DataError' },
  // W8xxx frontends and data
  W8001: { title: 'a file that cannot be read', kind: 'DataError' },
  W8002: { title: 'a file that is not in the expected format', kind: 'DataError' },
  W8003: { title: 'an unknown column', kind: 'UsageError' },
  W8004: { title: 'an expression over types that do not fit', kind: 'UsageError' },
  W8005: { title: 'lengths that disagree', kind: 'UsageError' },
  W8006: { title: 'an argument of the wrong form', kind: 'UsageError' },
  W8007: { title: 'values of two sessions in one expression', kind: 'UsageError' },
  W8008: { title: 'a column type that is not supported', kind: 'DataError' },
  W8009: { title: 'something that was disposed', kind: 'UsageError' },
  W8010: { title: 'a pattern that is no regular expression', kind: 'CompileError' },
} as const satisfies Record<string, Entry>;

export type Code = keyof typeof CODES;
