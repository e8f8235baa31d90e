/**
 * Identifiers for WGSL: any text becomes an ASCII identifier that is no reserved word, hides no built-in and is
 * unique in the module.
 *
 * Names of one module are all taken from one `Namer`, module and function scope alike, so nothing shadows anything.
 * Registers are named by number (`v7`) without asking: no other name has that form, because every other one is
 * given out here with the form excluded.
 */

const KEYWORDS = `alias break case const const_assert continue continuing default diagnostic discard else enable false
fn for if let loop override requires return struct switch true var while`;

/** Words that WGSL reserves for later. */
const RESERVED = `NULL Self abstract active alignas alignof as asm asm_fragment async attribute auto await become cast
catch class co_await co_return co_yield coherent column_major common compile compile_fragment concept const_cast
consteval constexpr constinit crate debugger decltype delete demote demote_to_helper do dynamic_cast enum explicit
export extends extern external fallthrough filter final finally friend from fxgroup get goto groupshared highp impl
implements import inline instanceof interface layout lowp macro macro_rules match mediump meta mod module move mut
mutable namespace new nil noexcept noinline nointerpolation non_coherent noncoherent noperspective null nullptr of
operator package packoffset partition pass patch pixelfragment precise precision premerge priv protected pub public
readonly ref regardless register reinterpret_cast require resource restrict self set shared sizeof smooth snorm static
static_assert static_cast std subroutine super target template this thread_local throw trait try type typedef typeid
typename typeof union unless unorm unsafe unsized use using varying virtual volatile wgsl where with writeonly yield`;

/** Predeclared types and functions: legal to hide, but then the module could not use them. */
const PREDECLARED = `bool i32 u32 f32 f16 vec2 vec3 vec4 array atomic ptr vec2i vec3i vec4i vec2u vec3u vec4u vec2f vec3f
vec4f function private workgroup uniform storage read write read_write bitcast all any select abs acos acosh asin asinh
atan atan2 atanh ceil clamp cos cosh countLeadingZeros countOneBits countTrailingZeros cross degrees distance dot exp
exp2 extractBits faceForward firstLeadingBit firstTrailingBit floor fma fract frexp insertBits inverseSqrt ldexp length
log log2 max min mix modf normalize pow quantizeToF16 radians reflect refract reverseBits round saturate sign sin sinh
smoothstep sqrt step tan tanh transpose trunc atomicLoad atomicStore atomicAdd atomicSub atomicMax atomicMin atomicAnd
atomicOr atomicXor atomicExchange atomicCompareExchangeWeak workgroupBarrier storageBarrier workgroupUniformLoad`;

const TAKEN: ReadonlySet<string> = new Set([KEYWORDS, RESERVED, PREDECLARED].flatMap((list) => list.split(/\s+/)));

/** Gives out names, each once. */
export interface Namer {
  /** An identifier like `wanted` that nobody has. */
  readonly fresh: (wanted: string) => string;
}

/** A namer for one module; `taken` are the names of its fixed helpers. */
export function createNamer(taken: Iterable<string> = []): Namer {
  const used = new Set<string>(taken);
  const free = (name: string): boolean => !used.has(name) && !TAKEN.has(name) && !/^v\d+$/.test(name);
  return {
    fresh: (wanted) => {
      const base = identifier(wanted);
      let name = base;
      for (let k = 2; !free(name); k++) name = `${base}_${k}`;
      used.add(name);
      return name;
    },
  };
}

/** `wanted` with every character that WGSL would not take replaced. Two leading underscores are reserved too. */
export function identifier(wanted: string): string {
  const ascii = wanted
    .replace(/[^A-Za-z0-9_]+/g, '_')
    .replace(/_{2,}/g, '_')
    .replace(/^_+|_+$/g, '');
  if (ascii === '') return 'unnamed';
  return /^\d/.test(ascii) ? `n${ascii}` : ascii;
}
