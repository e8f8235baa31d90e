/**
 * The canonical text of Core: Weld's surface syntax, let-normalised, one let a line, blocks indented.
 *
 *     |x: vec[f64], y: vec[f64]|
 *       let b = merger[f64,+];
 *       let b1 = for(zip(x, y), b, |b2, i, e|
 *         let t = e.$0 * e.$1;
 *         let b3 = merge(b2, t);
 *         b3);
 *       let r = result(b1);
 *       r
 *
 * Names are hints numbered in order of appearance, so the text does not depend on symbol numbers, and printing what
 * was parsed gives the same text. `programKey` leaves the hints out too: equal keys mean alpha-equal programs.
 *
 * For `parse(print(p))` to be alpha-equal to `p`, the reader takes three expressions of literals for literals, since
 * Weld's literals have no sign, no infinities and no smallest integer: `-7L`, `(0.0/0.0)` with 0, 1 or -1 above, and
 * `(-127c - 1c)`. An operation that happens to look like one is printed with an ascription: `-(7L: i64)`.
 * `a && b` with an atom on the right is the strict operation; the reader makes an `if` only where `b` needs lets.
 */

import { InternalError } from '../diag/diagnostic.ts';
import type { Annotations, Atom, Block, Iter, Lit, Op, OpOf, Sym, UnOp } from './op.ts';
import { isCalled, isLit } from './op.ts';
import type { Program, SymTab } from './program.ts';
import { iterAtoms } from './shape.ts';
import { isFloatKind, isSignedKind, type ScalarKind, scalarBytes, typeText } from './types.ts';
import { RESERVED_WORDS } from './words.ts';

/** The program as text; equal programs with equal hints print equally. */
export function printProgram(p: Program): string {
  return print(p, (s) => sanitise(p.syms.hint(s)));
}

/**
 * A printer for the versions of one program, which share a symbol table: a symbol has the same name in all of them, so
 * that their texts can be compared line by line.
 */
export function versionPrinter(): (p: Program) => string {
  const known = new Map<Sym, string>();
  const next = new Map<string, number>();
  return (p) => printWith(p, new Names((s) => sanitise(p.syms.hint(s)), next, known));
}

/** The program as text without hints: two programs have one key when they are alpha-equal. A cache key. */
export function programKey(p: Program): string {
  return print(p, () => 'v');
}

/** One operation on one line for diagnostics: symbols as `hint%number`, inner blocks as `..`. */
export function printOp(op: Op, syms: SymTab): string {
  const naming: Naming = { atom: (a) => (isLit(a) ? printLit(a) : symText(a, syms)) };
  return opText(op, naming, { branch: () => '..', loop: () => '|..| ..', lambda: () => '|..| ..' });
}

/** A symbol in a diagnostic: its hint and its number. */
export function symText(s: Sym, syms: SymTab): string {
  return `${syms.hint(s)}%${s}`;
}

/** A literal in Weld's syntax (see the file comment for those that Weld cannot write). */
export function printLit(l: Lit): string {
  const kind = l.ty.scalar;
  if (typeof l.lit === 'boolean') return String(l.lit);
  if (isFloatKind(kind)) return floatText(Number(l.lit), kind);
  if (isSmallest(kind, l.lit)) return `(${intText(kind, -maxOf(kind))} - ${intText(kind, 1n)})`;
  return intText(kind, BigInt(l.lit));
}

const SUFFIX: Readonly<Record<Exclude<ScalarKind, 'bool' | 'f64' | 'f32'>, string>> = {
  i8: 'c',
  i16: 'si',
  i32: '',
  i64: 'L',
  u8: 'u8',
  u16: 'u16',
  u32: 'u32',
  u64: 'u64',
};

function intText(kind: ScalarKind, v: bigint): string {
  return `${v}${kind === 'bool' || kind === 'f64' || kind === 'f32' ? '' : SUFFIX[kind]}`;
}
/** The largest value of a signed kind. */
const maxOf = (kind: ScalarKind): bigint => (1n << BigInt(8 * scalarBytes(kind) - 1)) - 1n;
const isSmallest = (kind: ScalarKind, v: number | bigint): boolean =>
  isSignedKind(kind) && BigInt(v) === -maxOf(kind) - 1n;

function floatText(v: number, kind: ScalarKind): string {
  const suffix = kind === 'f32' ? 'F' : '';
  if (!Number.isFinite(v)) {
    const over = Number.isNaN(v) ? '0.0' : v > 0 ? '1.0' : '-1.0';
    return `(${over}${suffix}/0.0${suffix})`;
  }
  const digits = Object.is(v, -0) ? '-0' : kind === 'f32' ? shortestF32(v) : String(v);
  return `${/[.e]/.test(digits) ? digits : `${digits}.0`}${suffix}`;
}

/** The fewest digits that read back as the same f32. */
function shortestF32(v: number): string {
  for (let digits = 1; digits < 9; digits++) {
    const text = String(Number(v.toPrecision(digits)));
    if (Math.fround(Number(text)) === v) return text;
  }
  return String(v);
}

/** How the atoms of an operation are written. */
interface Naming {
  readonly atom: (a: Atom) => string;
}
/** How the blocks of an operation are written. */
interface Blocks {
  readonly branch: (b: Block) => string;
  readonly loop: (op: OpOf<'for'>) => string;
  /** A lambda with one parameter a param of the block. */
  readonly lambda: (b: Block) => string;
}

/** The text of an operation, given the text of its atoms and blocks: the one switch of this file. */
function opText(op: Op, naming: Naming, blocks: Blocks): string {
  const a = naming.atom;
  const list = (atoms: readonly Atom[]): string => atoms.map(a).join(', ');
  switch (op.kind) {
    case 'bin':
      if (isCalled(op.op)) return `${op.op}(${a(op.a)}, ${a(op.b)})`;
      return `${readsAsLiteral(op) ? ascribed(op.a, a) : a(op.a)} ${op.op} ${a(op.b)}`;
    case 'un': {
      const prefix = prefixOf(op.op);
      if (prefix === null) return `${op.op}(${a(op.a)})`;
      return `${prefix}${op.op === 'neg' && isLit(op.a) ? ascribed(op.a, a) : leafText(a(op.a))}`;
    }
    case 'cast':
      return `${op.to.scalar}(${a(op.a)})`;
    case 'select':
      return `select(${list([op.cond, op.a, op.b])})`;
    case 'if':
      return `if(${a(op.cond)}, ${blocks.branch(op.then)}, ${blocks.branch(op.else)})`;
    case 'struct':
      return `{${list(op.fields)}}`;
    case 'field':
      return `${a(op.of)}.$${op.index}`;
    case 'vec':
      return op.items.length === 0
        ? `([]: vec[${typeText(op.elem)}])`
        : (stringText(op.items) ?? `[${list(op.items)}]`);
    case 'len':
    case 'tovec':
    case 'serialize':
      return `${op.kind}(${a(op.of)})`;
    case 'deserialize':
      return `deserialize[${typeText(op.ty)}](${a(op.of)})`;
    case 'lookup':
      return `lookup(${list([op.of, op.index])})`;
    case 'optlookup':
    case 'keyexists':
      return `${op.kind}(${list([op.of, op.key])})`;
    case 'sort':
      return `sort(${a(op.of)}, ${blocks.lambda(op.by)}${op.limit === null ? '' : `, ${a(op.limit)}`})`;
    case 'iterate':
      return `iterate(${a(op.init)}, ${blocks.lambda(op.body)})`;
    case 'assert':
      return `assert(${a(op.cond)})`;
    case 'slice':
      return `slice(${list([op.of, op.start, op.size])})`;
    case 'builder':
      return `${notesText(op.notes)}${typeText(op.ty)}${op.arg === null ? '' : `(${a(op.arg)})`}`;
    case 'merge':
      return `merge(${list([op.builder, op.value])})`;
    case 'result':
      return `result(${a(op.builder)})`;
    case 'for': {
      const iters = op.iters.map((it) => iterText(it, a));
      const data = iters.length === 1 ? iters.join('') : `zip(${iters.join(', ')})`;
      return `${notesText(op.notes)}for(${data}, ${a(op.builder)}, ${blocks.loop(op)})`;
    }
    case 'cudf':
      return `${notesText(op.notes)}cudf[${op.name},${typeText(op.ty)}](${list(op.args)})`;
    default:
      return op satisfies never;
  }
}

function iterText(it: Iter, a: (x: Atom) => string): string {
  const atoms = iterAtoms(it).map(a).join(', ');
  return it.kind === 'scan' ? atoms : `${it.kind === 'range' ? 'rangeiter' : it.kind}(${atoms})`;
}

/** Elements that are all printable ASCII, as a string. */
function stringText(items: readonly Atom[]): string | null {
  const codes: number[] = [];
  for (const item of items) {
    if (!isLit(item) || item.ty.scalar !== 'i8') return null;
    const code = Number(item.lit);
    if (code < 32 || code > 126) return null;
    codes.push(code);
  }
  return JSON.stringify(String.fromCharCode(...codes));
}

/** A prefix binds to the leaf, tighter than a field: `-e.$0` would be `(-e).$0`. */
const leafText = (text: string): string => (text.includes('.$') ? `(${text})` : text);
const prefixOf = (op: UnOp): string | null => (op === 'neg' ? '-' : op === 'not' ? '!' : null);
const ascribed = (l: Atom, a: (x: Atom) => string): string => (isLit(l) ? `(${a(l)}: ${typeText(l.ty)})` : a(l));

/** The operation would be read back as a literal (see the file comment). */
function readsAsLiteral(op: OpOf<'bin'>): boolean {
  if (!isLit(op.a) || !isLit(op.b) || typeof op.a.lit === 'boolean') return false;
  const kind = op.a.ty.scalar;
  if (op.op === '/' && isFloatKind(kind)) return Object.is(op.b.lit, 0) && Math.abs(Number(op.a.lit)) <= 1;
  return op.op === '-' && isSignedKind(kind) && BigInt(op.a.lit) === -maxOf(kind) && BigInt(op.b.lit) === 1n;
}

function notesText(notes: Annotations): string {
  const keys = Object.keys(notes).sort();
  if (keys.length === 0) return '';
  return `@(${keys.map((k) => `${k}:${noteText(notes[k] ?? '')}`).join(', ')})`;
}
function noteText(v: string | number | boolean): string {
  return typeof v === 'string' && !/^[A-Za-z_]\w*$/.test(v) ? JSON.stringify(v) : String(v);
}

/** Words that a printed name is not: those that are reserved, and the built-in macros. */
const RESERVED: ReadonlySet<string> = new Set([...RESERVED_WORDS, 'map', 'filter', 'flatten', 'sum', 'compare']);

/** A hint as the stem of a name: its digits at the end go, as numbers are given anew. */
function sanitise(hint: string): string {
  const stem = hint.replace(/\W/g, '_').replace(/(__)?\d+$/, '');
  const word = /^[A-Za-z_]/.test(stem) ? stem : `t${stem}`;
  return RESERVED.has(word) ? `${word}_` : word;
}

/** Gives every symbol a name of its own: the stem for the first that has it, then stem1, stem2 ... */
class Names {
  readonly #text = new Map<Sym, string>();
  readonly #stem: (s: Sym) => string;
  readonly #next: Map<string, number>;
  /** Names that symbols have from before; null: there is no before. */
  readonly #known: Map<Sym, string> | null;
  constructor(stem: (s: Sym) => string, next: Map<string, number> = new Map(), known: Map<Sym, string> | null = null) {
    this.#stem = stem;
    this.#next = next;
    this.#known = known;
  }
  /** A new name for `s`. */
  bind(s: Sym): string {
    const name = this.fresh(s);
    this.#text.set(s, name);
    return name;
  }
  /** A name made like that of `s`, for something that stands for several symbols. */
  fresh(s: Sym): string {
    const known = this.#known?.get(s);
    if (known !== undefined) return known;
    const stem = this.#stem(s);
    let n = this.#next.get(stem) ?? 0;
    // A stem never ends in a digit, but stem + number may be a reserved word: `i` + `8`, `log` + `2` is free.
    while (n > 0 && RESERVED.has(`${stem}${n}`)) n++;
    this.#next.set(stem, n + 1);
    const name = n === 0 ? stem : `${stem}${n}`;
    this.#known?.set(s, name);
    return name;
  }
  /** Makes `s` be written as `text`. */
  alias(s: Sym, text: string): void {
    this.#text.set(s, text);
  }
  of(a: Atom): string {
    if (isLit(a)) return printLit(a);
    const text = this.#text.get(a);
    if (text === undefined) throw new InternalError(`print: symbol %${a} is used before it is bound`);
    return text;
  }
}

const print = (p: Program, stem: (s: Sym) => string): string => printWith(p, new Names(stem));

function printWith(p: Program, names: Names): string {
  const params = p.body.params.map((s) => `${names.bind(s)}: ${typeText(p.syms.type(s))}`);
  return `|${params.join(', ')}|\n  ${blockText(p.body, names, '  ')}\n`;
}

/** The lets and the result of a block, separated by line breaks with `indent`; its params are named already. */
function blockText(b: Block, names: Names, indent: string): string {
  const parts: string[] = [];
  const inner = `${indent}  `;
  const naming: Naming = { atom: (a) => names.of(a) };
  const blocks: Blocks = {
    branch: (blk) => (blk.lets.length === 0 ? names.of(blk.result) : `(\n${inner}${blockText(blk, names, inner)})`),
    loop: (op) => lambdaText(bodyParams(op, names), op.body),
    lambda: (body) => lambdaText(body.params.map((s) => names.bind(s)).join(', '), body),
  };
  const lambdaText = (params: string, body: Block): string =>
    `|${params}|${body.lets.length === 0 ? ' ' : `\n${inner}`}${blockText(body, names, inner)}`;
  for (const l of b.lets) {
    // The name comes first in the text, so it is given first; it is not visible in its own value.
    const name = names.bind(l.sym);
    parts.push(`let ${name} = ${opText(l.op, naming, blocks)};`);
  }
  parts.push(names.of(b.result));
  return parts.join(`\n${indent}`);
}

/** Names of a loop body: in Weld several iterators give one element, a struct, which is written field by field. */
function bodyParams(op: OpOf<'for'>, names: Names): string {
  const [builder, index, ...elems] = op.body.params;
  const [first] = elems;
  if (builder === undefined || index === undefined || first === undefined) {
    throw new InternalError('print: a loop body without builder, index and element');
  }
  const head = `${names.bind(builder)}, ${names.bind(index)}`;
  if (elems.length === 1) return `${head}, ${names.bind(first)}`;
  const elem = names.fresh(first);
  for (const [k, s] of elems.entries()) names.alias(s, `${elem}.$${k}`);
  return `${head}, ${elem}`;
}
