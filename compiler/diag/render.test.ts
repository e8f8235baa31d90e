import { describe, expect, it } from 'vitest';
import { type Diagnostic, diagnostic, fail, WeldError, withOrigin } from './diagnostic.ts';
import { placeOf, renderDiagnostic, renderError, type Source } from './render.ts';

const text = 'let a = 1;\nlet bcd = a +\n\t2.5;\n\nbcd';
const source: Source = { name: 'x.weld', text };
const at = (start: number, end: number) => ({ kind: 'text', span: { start, end } }) as const;
const show = (d: Diagnostic, from: Source | null = source): string => renderDiagnostic(d, from);

describe('places', () => {
  it('are lines and columns from 1, with the text of the line', () => {
    expect(placeOf(text, 0)).toEqual({ line: 1, column: 1, lineText: 'let a = 1;' });
    expect(placeOf(text, text.indexOf('bcd'))).toEqual({ line: 2, column: 5, lineText: 'let bcd = a +' });
    // The line break belongs to the line it ends.
    expect(placeOf(text, 10)).toEqual({ line: 1, column: 11, lineText: 'let a = 1;' });
    expect(placeOf(text, text.length)).toEqual({ line: 5, column: 4, lineText: 'bcd' });
    expect(placeOf('', 0)).toEqual({ line: 1, column: 1, lineText: '' });
    expect(placeOf('a\r\nb', 3)).toEqual({ line: 2, column: 1, lineText: 'b' });
    expect(placeOf('a\r\nb', 0).lineText).toBe('a');
  });
});

describe('a diagnostic', () => {
  it('shows code, place, notes and help', () => {
    const d = diagnostic('W2001', 'types differ', { origin: at(15, 18), notes: ['first', 'second'], help: 'cast' });
    expect(show(d)).toBe(
      [
        'error[W2001]: types differ',
        ' --> x.weld:2:5',
        '  |',
        '2 | let bcd = a +',
        '  |     ^^^',
        '  = note: first',
        '  = note: second',
        '  = help: cast',
      ].join('\n'),
    );
  });

  it('without text, or of no text, is its message', () => {
    const d = diagnostic('W6005', 'division by zero', { origin: at(0, 3), help: 'guard it' });
    expect(show(d, null)).toBe('error[W6005]: division by zero\n  = help: guard it');
    expect(show(diagnostic('W6005', 'division by zero'))).toBe('error[W6005]: division by zero');
  });

  it('of an API call shows the chain of calls', () => {
    const origin = { kind: 'api', call: 'Frame.filter', chain: ['table(a, b)', "filter('a')"] } as const;
    expect(show(diagnostic('W8004', 'x does not fit', { origin }))).toBe(
      "error[W8004]: x does not fit\n  in table(a, b) > filter('a')",
    );
    expect(show(diagnostic('W8004', 'm', { origin: { ...origin, chain: [] } }))).toBe(
      'error[W8004]: m\n  in Frame.filter',
    );
  });

  it('of a severity says so', () => {
    expect(show({ ...diagnostic('W5001', 'not yet'), severity: 'note' })).toBe('note[W5001]: not yet');
  });

  it('with labels shows each place', () => {
    const labels = [{ span: { start: 4, end: 5 }, text: 'made here' }];
    expect(show(diagnostic('W3001', 'twice', { origin: at(21, 22), labels }))).toBe(
      [
        'error[W3001]: twice',
        ' --> x.weld:2:11',
        '  |',
        '2 | let bcd = a +',
        '  |           ^',
        ' ::: x.weld:1:5',
        '  |',
        '1 | let a = 1;',
        '  |     ^ made here',
      ].join('\n'),
    );
  });

  it('underlines a span of several lines to the end of the first, an empty one with one caret', () => {
    expect(
      show(diagnostic('W2001', 'm', { origin: at(21, 30) }))
        .split('\n')
        .at(-1),
    ).toBe('  |           ^^^');
    expect(
      show(diagnostic('W1002', 'm', { origin: at(10, 10) }))
        .split('\n')
        .at(-1),
    ).toBe('  |           ^');
    expect(show(diagnostic('W1002', 'm', { origin: at(0, 0) }), { name: 'e', text: '' })).toBe(
      'error[W1002]: m\n --> e:1:1\n  |\n1 | \n  | ^',
    );
  });

  it('keeps tabs, so that the caret stands under its place', () => {
    const lines = show(diagnostic('W2001', 'm', { origin: at(26, 29) })).split('\n');
    expect(lines.slice(-2)).toEqual(['3 | \t2.5;', '  | \t^^^']);
  });

  it('widens the margin with the line number', () => {
    const long = { name: 'l', text: `${'\n'.repeat(122)}abc` };
    expect(show(diagnostic('W2001', 'm', { origin: at(123, 124) }), long)).toBe(
      'error[W2001]: m\n   --> l:123:2\n    |\n123 | abc\n    |  ^',
    );
  });

  it('crops long lines around the place', () => {
    const line = Array.from({ length: 100 }, (_, k) => `word${k}`).join(' ');
    const place = line.indexOf('word50');
    const lines = show(diagnostic('W2003', 'm', { origin: at(place, place + 6) }), { name: 'l', text: line }).split(
      '\n',
    );
    const [code = '', caret = ''] = lines.slice(-2);
    expect(code).toMatch(/^1 \| \.\.\..* word50 .*\.\.\.$/);
    expect(code.length).toBeLessThan(180);
    expect(code.slice(caret.indexOf('^'), caret.lastIndexOf('^') + 1)).toBe('word50');
    expect(lines[1]).toBe(` --> l:1:${place + 1}`);
    const whole = show(diagnostic('W2003', 'm', { origin: at(0, line.length) }), { name: 'l', text: line }).split('\n');
    expect(whole.at(-1)).toBe(`  | ${'^'.repeat(160)}`);
  });
});

describe('errors', () => {
  it('render all their diagnostics', () => {
    const e = new WeldError([diagnostic('W1001', 'a'), diagnostic('W1002', 'b')]);
    expect(renderError(e, null)).toBe('error[W1001]: a\n\nerror[W1002]: b');
    expect([e.code, e.kind, e.message]).toEqual(['W1001', 'CompileError', 'W1001: a']);
  });

  it('say everything in their message too', () => {
    const origin = { kind: 'api', call: 'mean()', chain: ['frame', 'col'] } as const;
    expect(() => fail('W8004', 'no', { origin, notes: ['n'], help: 'h' })).toThrow(
      new WeldError([diagnostic('W8004', 'no', { origin, notes: ['n'], help: 'h' })]),
    );
    expect(new WeldError([diagnostic('W8004', 'no', { origin, notes: ['n'], help: 'h' })]).message).toBe(
      'W8004: no\n  in: frame > col\n  note: n\n  help: h',
    );
  });

  it('get the place of what raised them, once', () => {
    const e = new WeldError([diagnostic('W6001', 'a'), diagnostic('W6002', 'b')]);
    const placed = withOrigin(e, at(1, 2));
    if (!(placed instanceof WeldError)) throw new Error('not a WeldError');
    expect(placed.diagnostics.map((d) => d.origin)).toEqual([at(1, 2), null]);
    expect(withOrigin(placed, at(3, 4))).toBe(placed);
    expect(withOrigin(e, null)).toBe(e);
    const other = new Error('x');
    expect(withOrigin(other, at(1, 2))).toBe(other);
  });
});
