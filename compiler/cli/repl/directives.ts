/** The commands of the repl: a colon, a word, and what it takes. The beginning of a word will do where it fits one only. */

import type { Program } from '../../core/program.ts';
import { typeText } from '../../core/types.ts';
import { suggest } from '../../diag/suggest.ts';
import { explainText } from '../../explain/text.ts';
import { explain, explainJson } from '../../explain.ts';
import type { PassOptions } from '../../options.ts';
import type { Answer } from '../command.ts';
import { macroText } from '../compact.ts';
import { runnable } from '../program.ts';
import { UsageError } from '../report.ts';
import { passSwitches } from '../switches.ts';
import { parseTarget, parseThreads } from '../values.ts';
import type { Engine, Tell } from './engine.ts';
import { HELP } from './help.ts';
import { passesAnswer } from './passes.ts';
import { outcomeText, valueText } from './show.ts';

export interface Directive {
  /** What stands behind the word is Weld text, and may go on in the next line. */
  readonly takesExpression: boolean;
  /** `rest` is the text behind the word, where it stands in the line: blanks are in front of it. */
  readonly run: (repl: Engine, rest: string, tell: Tell) => Promise<Answer | 'quit' | null>;
}

type Run = Directive['run'];
const onExpression = (run: Run): Directive => ({ takesExpression: true, run });
const onWord = (run: Run): Directive => ({ takesExpression: false, run });
const alone = (run: (repl: Engine) => Promise<Answer | 'quit' | null>): Directive =>
  onWord((repl, rest) => {
    if (rest.trim() !== '') throw new UsageError(`nothing follows this command, found ${rest.trim()}`);
    return run(repl);
  });

const DIRECTIVES: Readonly<Record<string, Directive>> = {
  help: alone(async () => ({ text: HELP, json: { help: HELP } })),
  quit: alone(async () => 'quit'),
  vars: alone(vars),
  history: alone(history),
  reset: alone(async (repl) => {
    repl.workspace.reset();
    repl.last = null;
    return { text: 'all definitions are forgotten\n', json: {} };
  }),
  type: onExpression(async (repl, rest) => {
    const { input, whole } = repl.readExpression(rest);
    const type = repl.workspace.typeOf(whole, input.macros);
    return { text: `${type}\n`, json: { type } };
  }),
  passes: onExpression(async (repl, rest) => {
    if (rest.trim() === '' && repl.last === null) {
      throw new UsageError('nothing has been evaluated yet: give an expression, :passes EXPR');
    }
    const program = rest.trim() === '' ? repl.last : programOf(repl, rest);
    return program === null ? null : passesAnswer(program, await switchesOf(program, repl));
  }),
  explain: onExpression(async (repl, rest) => {
    const program = runnable(programOf(repl, rest));
    const story = explain(program, { ...(await switchesOf(program, repl)), now: () => performance.now() });
    return { text: explainText(story), json: explainJson(story) };
  }),
  load: onWord(async (repl, rest, tell) => {
    if (rest.trim() === '') throw new UsageError('a file is missing: :load FILE');
    return repl.evaluateFile(rest.trim(), tell);
  }),
  target: onWord(async (repl, rest) => {
    const name = rest.trim();
    if (name !== '') await repl.runOn(parseTarget(name, {}, 'interp', ':target'), repl.threads);
    return { text: `target ${repl.target}\n`, json: { target: repl.target } };
  }),
  threads: onWord(async (repl, rest) => {
    const n = rest.trim();
    if (n !== '') await repl.runOn(repl.target, parseThreads(n, ':threads'));
    return { text: `threads ${repl.threads ?? 'as many as there are cores'}\n`, json: { threads: repl.threads } };
  }),
  json: onWord(async (repl, rest) => {
    const word = rest.trim();
    if (word !== 'on' && word !== 'off') throw new UsageError(`:json is on or off, found ${word || 'nothing'}`);
    repl.json = word === 'on';
    return { text: '', json: {} };
  }),
};

/** The switches of the passes, for programs of a repl. */
const switchesOf = async (p: Program, { env, fastMath }: Engine): Promise<Partial<PassOptions>> => ({
  ...(await passSwitches(p, env)),
  fastMath,
});

/** The command that an input names, and the text behind its word. */
export function directiveOf(text: string): { readonly directive: Directive; readonly rest: string } {
  const word = /^:\w*/.exec(text)?.[0] ?? ':';
  const name = word.slice(1);
  const rest = ' '.repeat(word.length) + text.slice(word.length);
  const all = Object.keys(DIRECTIVES);
  const fitting = all.includes(name) ? [name] : name === '' ? [] : all.filter((d) => d.startsWith(name));
  const [first, ...others] = fitting;
  const found = first === undefined || others.length > 0 ? undefined : DIRECTIVES[first];
  return { directive: found ?? unknown(word, fitting), rest };
}

/** The commands that begin like `word`, colon included. */
export const directiveNames = (word: string): readonly string[] =>
  Object.keys(DIRECTIVES).flatMap((name) => (`:${name}`.startsWith(word) && word !== '' ? [`:${name}`] : []));

/** Says what is wrong with a word when it is run, as every other mistake is said then. */
function unknown(word: string, fitting: readonly string[]): Directive {
  return onWord(async () => {
    if (fitting.length > 1) {
      throw new UsageError(`${word} may be ${fitting.map((d) => `:${d}`).join(' or ')}`);
    }
    const near = suggest(word.slice(1), Object.keys(DIRECTIVES));
    const hint = near === null ? '' : `, did you mean :${near}?`;
    throw new UsageError(`unknown command ${word}${hint}; see :help`);
  });
}

function programOf(repl: Engine, rest: string) {
  const { input, whole } = repl.readExpression(rest);
  return repl.workspace.program(whole, input.macros).program;
}

/** The width to which `:vars` cuts values. */
const SHORT = 60;

async function vars({ workspace }: Engine): Promise<Answer> {
  const { variables, macros, aliases } = workspace;
  const lines = [
    ...[...aliases].map(([name, type]) => outcomeText({ kind: 'type', name, type })),
    ...[...macros.values()].map(({ node, lambda, type }) =>
      lambda === null ? macroText(node) : outcomeText({ kind: 'function', name: node.name, type }),
    ),
    ...[...variables].map(([name, v]) => `${name}: ${typeText(v.type)} = ${valueText(v.type, v.value, SHORT)}`),
  ];
  return {
    text: lines.length === 0 ? 'nothing is defined\n' : `${lines.join('\n')}\n`,
    json: {
      types: [...aliases].map(([name, type]) => ({ name, type: typeText(type) })),
      macros: [...macros.values()].flatMap((m) =>
        m.lambda === null ? [{ name: m.node.name, params: m.node.params }] : [],
      ),
      functions: [...macros.values()].flatMap((m) => (m.lambda === null ? [] : [{ name: m.node.name, type: m.type }])),
      variables: [...variables].map(([name, v]) => ({ name, type: typeText(v.type) })),
    },
  };
}

async function history({ inputs }: Engine): Promise<Answer> {
  const width = String(inputs.length).length;
  const lines = inputs.map(
    (text, k) => `${String(k + 1).padStart(width)}  ${text.replace(/\n/g, `\n${' '.repeat(width + 2)}`)}`,
  );
  return { text: `${lines.join('\n')}\n`, json: { history: inputs } };
}
