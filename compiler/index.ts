/**
 * The compiler's public door. Text (chevrotain) is behind `compiler/text.ts`, and the compilation itself is loaded when
 * first asked for (`late.ts`), so that importing this stays light.
 */

export * as cost from './analysis/cost.ts';
export { externsOf } from './artifact/externs.ts';
export type { Manifest } from './artifact/manifest.ts';
export { ARTIFACT_FORMAT, decodeManifest, encodeManifest } from './artifact/manifest.ts';
export { decodePlan, encodePlan } from './artifact/plan-json.ts';
export type { StageName, StageShape } from './artifact/stages.ts';
export { eachStage, STAGES } from './artifact/stages.ts';
export type { Compiled, CompileOptions } from './compile.ts';
export { type Amount, amountValue } from './core/amount.ts';
export { Builder, bool, f64, i32, i64, iter, lit, range, scan } from './core/build.ts';
export { deserialize, serialize, serializedSize } from './core/codec.ts';
export { fromColumns, plainMemory, toColumns } from './core/convert.ts';
export type { ExternValue } from './core/extern-value.ts';
export type { ExternFunction, ExternOptions } from './core/externs.ts';
export { extern, resolveExterns } from './core/externs.ts';
export type { InterpretOptions } from './core/interp.ts';
export { interpret } from './core/interp.ts';
export type { IValue } from './core/ivalue.ts';
export { zeroValue } from './core/ivalue.ts';
export type { Annotations, Atom, BinOp, Block, Iter, Let, Lit, Op, Sym, UnOp } from './core/op.ts';
export { isLit, isSym } from './core/op.ts';
export { printProgram, programKey } from './core/print.ts';
export type { Program } from './core/program.ts';
export { paramTypes, resultType, SymTab } from './core/program.ts';
export type { ScalarValue } from './core/scalar.ts';
export { binScalar, castScalar, identityOf, normalise, partialIdentity, unScalar } from './core/scalar.ts';
export { fillSlots, slotTable } from './core/slots.ts';
export * from './core/types.ts';
export { heldType } from './core/typing.ts';
export type {
  Allocator,
  DictValue,
  FlatMemory,
  Inside,
  PrimSpec,
  PrimTable,
  StructValue,
  TypedArray,
  Value,
  VecValue,
} from './core/value.ts';
export { isVecValue } from './core/value.ts';
export type { Code, ErrorKind } from './diag/codes.ts';
export { CODES } from './diag/codes.ts';
export type { Diagnostic, DiagnosticInit, Origin, Span } from './diag/diagnostic.ts';
export { diagnostic, fail, InternalError, invariant, WeldError, withOrigin } from './diag/diagnostic.ts';
export { didYouMean, suggest } from './diag/suggest.ts';
export type { ExplainedStep, Explanation } from './explain.ts';
export { compile, explain, explainHtml, explainText, preload, split } from './late.ts';
export type { FailCode, Kernel } from './sir/kernel.ts';
export { ABI, bufferSlot, FAIL_CODES, LOW_BYTES, scalarSlot } from './sir/kernel.ts';
export type {
  BufBinding,
  Decision,
  FailSite,
  HostAtom,
  HostReg,
  Launch,
  Output,
  Plan,
  PlanBlock,
  Refers,
  ScalarBinding,
  SlotForm,
  Sorting,
  SpaceIter,
  Step,
} from './sir/plan.ts';
export { REGION } from './sir/plan.ts';
export { NARROW_ENTRIES, SCATTER } from './sir/scatter.ts';
export type { Notes, Spans } from './spans.ts';
export { span, spanAsync } from './spans.ts';
export type { Split } from './split.ts';
export type { SinkName } from './target/wasm/emit.ts';
