/**
 * `weldc repl`: reads inputs line by line and answers them (`engine.ts`).
 *
 * On a terminal there is a prompt, Ctrl-C drops what is typed and, where nothing is, leaves when it comes twice, Ctrl-D
 * leaves. Lines from a file or a pipe are answered without prompts; then the exit status is 1 when some input failed.
 */

import type { Options } from '../arguments.ts';
import { readSource, version } from '../files.ts';
import type { Io } from '../main.ts';
import { directiveNames } from './directives.ts';
import { type Ending, Engine } from './engine.ts';
import { History } from './history.ts';
import { type LineSource, Lines } from './lines.ts';

const PROMPT = 'weld> ';
const MORE = '  ... ';

/** Runs a session and gives the exit status. */
export async function repl(file: string | null, options: Options, io: Io): Promise<number> {
  const { env, out, err } = io;
  const engine = new Engine({ ...options, env, out, err });
  // A wrong name is a mistake of the command line, said before the session begins.
  if (file !== null) readSource(file, () => '');
  const console = io.console();
  const warn = (message: string): void => err(`weldc: ${message}\n`);
  const history = new History(env['WELD_HISTORY'], warn);
  const lines = new Lines(console, {
    history: history.lines,
    complete: (word) => [...directiveNames(word), ...engine.workspace.completions(word)],
  });
  try {
    if (console.terminal && !options.json) out(`weldc ${version()}; :help for help, :quit to leave\n`);
    const loaded = file === null ? 'done' : await engine.load(file);
    const failed = await converse(engine, lines, (line) => history.add(line), out);
    return !console.terminal && (failed || loaded === 'failed') ? 1 : 0;
  } finally {
    lines.close();
    await engine.dispose();
  }
}

/** Answers inputs to the end; true when one of them failed. `keep` hears every line. */
export async function converse(
  engine: Engine,
  lines: LineSource,
  keep: (line: string) => void,
  out: Io['out'],
): Promise<boolean> {
  let typed = '';
  let failed = false;
  let leaving = false;
  const submit = async (text: string): Promise<Ending> => {
    typed = '';
    const ending = await lines.whileBusy(() => engine.submit(text));
    failed ||= ending === 'failed';
    return ending;
  };
  // Ctrl-C and Ctrl-D leave the cursor behind the prompt.
  const leave = (result: boolean): boolean => {
    if (lines.terminal) out('\n');
    return result;
  };
  for (;;) {
    const event = await lines.next(typed === '' ? PROMPT : MORE);
    switch (event.kind) {
      case 'line': {
        leaving = false;
        keep(event.text);
        const blank = event.text.trim() === '';
        if (typed === '' && (blank || isComment(event.text))) break;
        const text = typed === '' ? event.text.trimStart() : `${typed}\n${event.text}`;
        if (!blank && engine.isIncomplete(text)) typed = text;
        else if ((await submit(blank ? typed : text)) === 'quit') return failed;
        break;
      }
      case 'interrupt':
        if (typed === '' && !event.typed && leaving) return leave(failed);
        leaving = typed === '' && !event.typed;
        out(leaving ? 'Ctrl-C once more, Ctrl-D or :quit to leave\n' : '(dropped)\n');
        typed = '';
        break;
      case 'end':
        if (typed !== '') await submit(typed);
        return leave(failed);
      default:
        return event satisfies never;
    }
  }
}

const isComment = (line: string): boolean => line.trimStart().startsWith('#');
