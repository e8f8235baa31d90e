/** What the suite prints; its processes run only what `npm run build` makes. */

import { expect, it } from 'vitest';
import { callsText } from './calls.ts';

it('prints a line a call', () => {
  expect(callsText([{ name: 'session.evaluate: sum', figures: { soonUs: 31.04, laterUs: 4.26 } }])).toBe(
    `a call over 1,000 rows, us of processor time       soon      later
  session.evaluate: sum                            31.0        4.3
`,
  );
});
