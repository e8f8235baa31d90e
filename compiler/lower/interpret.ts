/**
 * What has no generated code (an extern called in a loop body, say) is run by the reference interpreter on the host, as a
 * step of the plan: the operation becomes a program of its own whose params are what it reads. That is right and slow, so
 * it is a decision that `explain` shows, with the construct that asked for it.
 */

import type { Let } from '../core/op.ts';
import type { SymTab } from '../core/program.ts';
import { freeSymsOfOp } from '../core/walk.ts';
import { WeldError } from '../diag/diagnostic.ts';
import type { HostScope, HostVal } from './host.ts';
import { reopen, settle } from './host-builder.ts';

/** What `lowered` gives, or a step that interprets `l` when there is no code for something in it. */
export function codeOrInterpreter(l: Let, syms: SymTab, host: HostScope, lowered: () => HostVal): HostVal {
  const mark = host.mark();
  try {
    return lowered();
  } catch (e) {
    if (!(e instanceof WeldError) || e.kind !== 'Unsupported') throw e;
    host.backTo(mark);
    return interpreted(l, syms, host, e.diagnostics[0]?.message ?? e.message);
  }
}

function interpreted(l: Let, syms: SymTab, host: HostScope, reason: string): HostVal {
  const origin = syms.origin(l.sym);
  const params = [...freeSymsOfOp(l.op)];
  const args = params.map((s) => host.atomOf(settle(host.valueOf(s), host, origin)));
  const dst = host.reg();
  const program = { syms, body: { params, lets: [l], result: l.sym } };
  host.decide(`${l.op.kind} r${dst}`, 'the reference interpreter, row by row on the host: slow', reason);
  host.push({ step: 'interpret', dst, program, args }, origin);
  return reopen({ h: 'atom', atom: { reg: dst } }, syms.type(l.sym), host);
}
