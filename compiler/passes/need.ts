/**
 * What a pass needs of a program before it rewrites it: its preconditions, as a list at the top of its file.
 *
 *     const NEEDS = [
 *       sound('index-unread', 'the consumer does not read its index: ..'),
 *       profit('small-copies', 'a body is copied into several merge sites only while that stays small'),
 *     ];
 *     ..  if (!cx.holds('index-unread', !readsIndex(consumer))) return null;
 *
 * A rewrite without a `sound` need would change what a program means; without a `profit` need it would not pay, or not
 * end. The runner counts refusals by name (`pass.ts`), each need has a text test that is refused for it alone
 * (`# refused: index-unread`), and `mutation.test.ts` breaks every one to see that tests notice, or, for profit, that
 * nothing changes but speed. How to add one: `spec/add-a-pass.md`.
 */

export interface Need<N extends string = string> {
  /** Kebab-case, unique within the pass. */
  readonly name: N;
  readonly kind: 'sound' | 'profit';
  /** What must hold, as a sentence. */
  readonly text: string;
}

/** Asks a need by its name: whether it is met decides whether a rewrite goes on. */
export type Holds<N extends string = string> = (need: N, met: boolean) => boolean;

/** The names of a list of needs. */
export type NameOf<L extends readonly Need[]> = L[number]['name'];

/** Without this the meaning would change. */
export const sound = <const N extends string>(name: N, text: string): Need<N> => ({ name, kind: 'sound', text });

/** Without this the rewrite would be right, and not worth it. */
export const profit = <const N extends string>(name: N, text: string): Need<N> => ({ name, kind: 'profit', text });
