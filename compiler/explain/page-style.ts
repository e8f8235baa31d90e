/** How the page of an explanation looks: one style sheet for light and dark, and the script of its one button. */

export const STYLE = `
:root {
  color-scheme: light dark;
  --ink: #1d2430; --soft: #626c7a; --paper: #ffffff; --panel: #f5f7f9; --line: #dde2e8; --accent: #0a66a8;
  --went: #fdeceb; --went-ink: #8f1f17; --came: #e7f6ea; --came-ink: #14602a;
}
@media (prefers-color-scheme: dark) {
  :root {
    --ink: #e3e7ec; --soft: #99a3b0; --paper: #14181d; --panel: #1c2229; --line: #303842; --accent: #6cb6ee;
    --went: #3c2022; --went-ink: #ffb4ab; --came: #1b3324; --came-ink: #9fe0b0;
  }
}
* { box-sizing: border-box; }
body { margin: 0 auto; padding: 2rem 1.5rem 4rem; max-width: 90rem; background: var(--paper); color: var(--ink);
  font: 15px/1.5 system-ui, sans-serif; }
h1 { font-size: 1.5rem; margin: 0 0 1rem; overflow-wrap: anywhere; }
h2 { font-size: 1.1rem; margin: 2.5rem 0 .75rem; display: flex; align-items: baseline; gap: 1rem; }
p { margin: .5rem 0; }
.soft { color: var(--soft); }
code, pre, .rows { font: 12.5px/1.55 ui-monospace, 'SF Mono', Menlo, Consolas, 'DejaVu Sans Mono', monospace; }
table { border-collapse: collapse; }
th, td { padding: .3rem 1rem .3rem 0; text-align: left; vertical-align: top; border-bottom: 1px solid var(--line); }
th { font-weight: 600; }
.facts td, .facts thead th + th { text-align: right; font-variant-numeric: tabular-nums; padding-left: 1rem; }
.wide { overflow-x: auto; }
button { font: inherit; font-size: .85rem; color: var(--accent); background: none; border: 1px solid var(--line);
  border-radius: 6px; padding: .1rem .6rem; cursor: pointer; }
summary { cursor: pointer; }
.step, .text { border: 1px solid var(--line); border-radius: 8px; margin: .5rem 0; overflow: hidden; }
.step > summary, .text > summary { padding: .45rem .8rem; background: var(--panel); }
.step > summary span { margin-left: .6rem; }
.step > summary .saved { float: right; font-variant-numeric: tabular-nums; }
.step > p { padding: 0 .8rem; }
.rule { background: var(--panel); border: 1px solid var(--line); border-radius: 4px; padding: .05rem .35rem; }
pre { margin: 0; padding: .6rem .8rem; overflow-x: auto; }
.rows { display: grid; grid-template-columns: 1fr 1fr; }
.rows > * { padding: 0 .8rem; white-space: pre-wrap; overflow-wrap: anywhere; min-height: 1.55em; }
.rows > :nth-child(odd) { border-right: 1px solid var(--line); }
.went { background: var(--went); color: var(--went-ink); }
.came { background: var(--came); color: var(--came-ink); }
.none { background: var(--panel); }
.fold > pre { padding-block: 0; }
.fold > summary { padding: .1rem .8rem; color: var(--soft); background: var(--panel); font-size: .8rem; }
.head { color: var(--soft); background: var(--panel); border-block: 1px solid var(--line); }
@media (max-width: 50rem) { .step > summary .saved { float: none; } }
`;

/** Opens all steps, or closes them. */
export const SCRIPT = `
const steps = [...document.querySelectorAll('.step')];
const button = document.querySelector('#all');
button?.addEventListener('click', () => {
  const open = steps.some((s) => !s.open);
  for (const s of steps) s.open = open;
  button.textContent = open ? 'close all' : 'open all';
});
`;
