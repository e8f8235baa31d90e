/**
 * The compilation itself, loaded when it is first asked for: passes, lowering and targets are a hundred modules that
 * `import 'weld-ts/frame'` should not wait for.
 */

import type { Compiled, CompileOptions } from './compile.ts';
import type { Program } from './core/program.ts';
import type { Explanation } from './explain.ts';
import type { PassOptions } from './options.ts';
import { spanAsync } from './spans.ts';
import type { Split } from './split.ts';

/** Begins to load what `compile` needs, to be ready while data are still being read. */
export function preload(): void {
  // Whoever compiles will meet the fault again.
  import('./compile.ts').catch(() => {});
}

/** Optimises and lowers a program and emits its kernels. Throws W5001 for what generated code does not support. */
export async function compile(p: Program, options: CompileOptions = {}): Promise<Compiled> {
  const late = await spanAsync(options.spans ?? null, 'compile', 'load the compiler', () => import('./compile.ts'));
  return late.compile(p, options);
}

/** What the passes and the lowering do to a program, as data. */
export async function explain(p: Program, options: Partial<PassOptions> = {}): Promise<Explanation> {
  const late = await import('./explain.ts');
  return late.explain(p, options);
}

/** An explanation for people. */
export async function explainText(x: Explanation): Promise<string> {
  const late = await import('./explain/text.ts');
  return late.explainText(x);
}

/** An explanation as a page of its own, with the program before and after each pass. */
export async function explainHtml(x: Explanation, title: string): Promise<string> {
  const late = await import('./explain/html.ts');
  return late.explainHtml(x, title);
}

/** Splits a program whose parameters with the numbers `streamed` come in batches. W5002 for one that cannot be. */
export async function split(
  p: Program,
  streamed: readonly number[],
  options: Partial<PassOptions> = {},
): Promise<Split> {
  const late = await import('./split.ts');
  return late.split(p, streamed, options);
}
