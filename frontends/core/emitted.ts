/**
 * The program of a lazy graph. Graphs of one form (`form.ts`) have one program, which is emitted for the first of them;
 * the others only say which data it is given. So the session, too, knows it again without reading it.
 */

import { invariant, programKey } from '../../compiler/index.ts';
import type { Session } from '../../runtime/index.ts';
import type { Param } from './emission.ts';
import { type Emitted, emit, type Roots } from './emit.ts';
import { formOf } from './form.ts';

/** Programs that are kept for each session. */
const MOST_KEPT = 256;

/** What graphs of one form have in common. */
interface Template extends Omit<Emitted, 'params' | 'leases'> {
  /** For each parameter of the program the number of what the form reads. */
  readonly reads: readonly number[];
}

const kept = new WeakMap<Session, Map<string, Template>>();

/** The program that computes `roots` in a session. W8009 where data were disposed. */
export function emittedFor(roots: Roots, session: Session): Emitted {
  const form = formOf(roots);
  if (form === null) return emit(roots);
  const templates = kept.get(session) ?? new Map<string, Template>();
  const known = templates.get(form.key);
  if (known !== undefined) {
    const params = known.reads.flatMap((k) => form.params[k] ?? []);
    const emitted = { ...known, params, leases: form.leases };
    if (session.isChecking) checkSame(emitted, emit(roots));
    return emitted;
  }
  const made = emit(roots);
  const reads = made.params.map((p) => form.params.findIndex((q) => isSame(p, q)));
  invariant(!reads.includes(-1), () => 'a form lacks a parameter');
  // Not the parameters: they hold on to the data.
  const { program, isStruct, fields, scalars } = made;
  templates.set(form.key, { program, isStruct, fields, scalars, reads });
  for (const oldest of templates.keys()) {
    if (templates.size <= MOST_KEPT) break;
    templates.delete(oldest);
  }
  kept.set(session, templates);
  return made;
}

const isSame = (p: Param, q: Param): boolean =>
  'data' in p ? 'data' in q && p.data === q.data && p.ty === q.ty && p.length === q.length : p === q;

/** With WELD_CHECK: graphs of one form are one program, with parameters for the same things. */
function checkSame(known: Emitted, made: Emitted): void {
  const isOne = programKey(known.program) === programKey(made.program) && known.params.length === made.params.length;
  invariant(isOne && made.params.every((p, k) => isSame(p, known.params[k] ?? p)), () => 'two programs have one form');
  const places = ({ isStruct, fields, scalars }: Emitted): string => JSON.stringify({ isStruct, fields, scalars });
  invariant(places(known) === places(made), () => 'the results of a form are in two places');
}
