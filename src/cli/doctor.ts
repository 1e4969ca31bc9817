// `panglot doctor`: whether everything is as it should be, and what to do if not. What it looks at is in doctor/.

import { fileURLToPath } from 'node:url';
import { Command } from 'commander';
import type { Finding, Verdict } from './doctor/finding.js';
import { hasColours, painter } from './text.js';

const signs: Readonly<Record<Verdict, { readonly sign: string; readonly colour: 'green' | 'yellow' | 'red' }>> = {
  ok: { sign: '✓', colour: 'green' },
  warning: { sign: '!', colour: 'yellow' },
  problem: { sign: '✗', colour: 'red' },
};

function findingsText(findings: readonly Finding[], colours: boolean): string {
  const paint = painter(colours);
  const width = Math.max(...findings.map(({ check }) => check.length));
  const lines = findings.flatMap(({ check, verdict, detail, advice }) => {
    const { sign, colour } = signs[verdict];
    const what = `${paint(colour, sign)} ${check.padEnd(width)}  ${detail}`;
    return advice === null ? [what] : [what, `  ${' '.repeat(width)}  ${advice}`];
  });
  const count = (verdict: Verdict) => findings.filter((finding) => finding.verdict === verdict).length;
  const [problems, warnings] = [count('problem'), count('warning')];
  const plural = (number: number, word: string) => `${number} ${word}${number === 1 ? '' : 's'}`;
  const sum =
    problems + warnings === 0
      ? 'Everything is as it should be.'
      : `${plural(problems, 'problem')}, ${plural(warnings, 'warning')}.`;
  return [...lines, '', sum, ''].join('\n');
}

async function doctor({ json }: { readonly json: boolean }): Promise<void> {
  const root = fileURLToPath(new URL('../..', import.meta.url));
  // It asks every server that there may be, with each one's client: the other commands do without.
  const { diagnose } = await import('./doctor/diagnose.js');
  const findings = await diagnose({ root, nodeVersion: process.versions.node, env: process.env });
  process.stdout.write(json ? `${JSON.stringify(findings, null, 2)}\n` : findingsText(findings, hasColours(process.stdout)));
  if (findings.some(({ verdict }) => verdict === 'problem')) process.exitCode = 1;
}

const help = `
Looks at the version of Node, the installed packages, the programs of the embedded PostgreSQL, the settings, the data folder (owner, mode,
room, who uses it), the ports, and whatever EVENTSTORE_URL, DATABASE_URL and STRIPE_API_KEY name. It changes nothing. Exit code 1 if there
is a problem; a warning is none.

Examples:
  $ panglot doctor
  $ DATABASE_URL=postgres://panglot@db/panglot panglot doctor    whether that database would do
  $ panglot doctor --json | jq '.[] | select(.verdict != "ok")'  [{"check", "verdict", "detail", "advice"}]
`;

/** The command `doctor`. */
export function doctorCommand(): Command {
  return new Command('doctor')
    .description('look whether everything is as it should be, and say what to do if not')
    .option('--json', 'as JSON', false)
    .addHelpText('after', help)
    .action(doctor);
}
