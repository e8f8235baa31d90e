/**
 * Lines of input, asked for one at a time. On a terminal they are edited with history, Ctrl-C is an event and Ctrl-D
 * the end; from a file or a pipe they just come, without prompts.
 */

import { createInterface, type Interface } from 'node:readline';
import { ReadStream } from 'node:tty';

/** Where lines come from, and where the terminal shows what is typed. */
export interface Console {
  readonly input: NodeJS.ReadableStream;
  readonly output: NodeJS.WritableStream;
  readonly terminal: boolean;
}

export type LineEvent =
  | { readonly kind: 'line'; readonly text: string }
  /** Ctrl-C; `typed` is true when there was something on the line. */
  | { readonly kind: 'interrupt'; readonly typed: boolean }
  | { readonly kind: 'end' };

/** Gives the lines of a session, one at a time. */
export interface LineSource {
  readonly terminal: boolean;
  /** The next event; on a terminal `prompt` asks for it. */
  next(prompt: string): Promise<LineEvent>;
  /** Does some work during which no lines are edited. */
  whileBusy<T>(work: () => Promise<T>): Promise<T>;
}

export interface LinesOptions {
  /** Earlier lines, oldest first. */
  readonly history: readonly string[];
  /** The names that may stand where `word` was begun. */
  readonly complete: (word: string) => readonly string[];
}

export class Lines implements LineSource {
  readonly #console: Console;
  readonly #readline: Interface;
  /** Events that came before they were asked for, such as lines that were pasted. */
  readonly #waiting: LineEvent[] = [];
  #wake: ((e: LineEvent) => void) | null = null;

  constructor(console: Console, options: LinesOptions) {
    this.#console = console;
    this.#readline = createInterface({
      ...console,
      history: [...options.history].reverse(),
      removeHistoryDuplicates: true,
      completer: (line: string) => {
        const word = /[:\w$]*$/.exec(line)?.[0] ?? '';
        return [options.complete(word), word];
      },
    });
    this.#readline.on('line', (text) => this.#put({ kind: 'line', text }));
    this.#readline.on('close', () => this.#put({ kind: 'end' }));
    this.#readline.on('SIGINT', () => {
      const typed = this.#readline.line.length > 0;
      if (typed) this.#drop();
      this.#put({ kind: 'interrupt', typed });
    });
  }

  get terminal(): boolean {
    return this.#console.terminal;
  }

  next(prompt: string): Promise<LineEvent> {
    const event = this.#waiting.shift();
    if (event !== undefined) return Promise.resolve(event);
    if (this.#console.terminal) {
      this.#readline.setPrompt(prompt);
      this.#readline.prompt();
    }
    return new Promise((resolve) => {
      this.#wake = resolve;
    });
  }

  /** While something runs the terminal is as usual, so that Ctrl-C ends the process: nothing else could stop it. */
  async whileBusy<T>(work: () => Promise<T>): Promise<T> {
    const { input } = this.#console;
    const raw = this.#console.terminal && input instanceof ReadStream ? input : null;
    raw?.setRawMode(false);
    try {
      return await work();
    } finally {
      raw?.setRawMode(true);
    }
  }

  close(): void {
    this.#readline.close();
  }

  #put(event: LineEvent): void {
    const wake = this.#wake;
    this.#wake = null;
    if (wake === null) this.#waiting.push(event);
    else wake(event);
  }

  /** Empties the line that is being typed. */
  #drop(): void {
    this.#readline.write(null, { ctrl: true, name: 'e' });
    this.#readline.write(null, { ctrl: true, name: 'u' });
  }
}
