/** The reserved words of the language: no variable, macro or type alias has one of these names. */

export const RESERVED_WORDS: ReadonlySet<string> = new Set(
  (
    'let for if select merge result len lookup optlookup keyexists slice tovec zip iter rangeiter nditer simditer ' +
    'fringeiter broadcast sort iterate cudf serialize deserialize assert min max pow atan2 exp expm1 log log1p log2 ' +
    'log10 sqrt sin cos tan asin acos atan sinh cosh tanh erf erfc normcdf floor ceil round trunc true false macro ' +
    'type bool i8 i16 i32 i64 u8 u16 u32 u64 f32 f64 vec dict simd appender merger vecmerger dictmerger groupmerger'
  ).split(' '),
);
