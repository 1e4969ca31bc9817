// Every command on a page can be typed: the scripts are there, and panglot has the subcommands and the options. The README's tour is also
// run (readme.system.test.ts); curl stands nowhere else.

import type { Command } from 'commander';
import { describe, expect, it } from 'vitest';
import { panglotProgram } from '../../src/cli/program.js';
import { blocksOf, commandsIn, pages, textOf, wordsOf } from './pages.js';

const scripts: Readonly<Record<string, string>> = JSON.parse(textOf('package.json')).scripts;
const program = panglotProgram('0', '');

/** Follows the words down to the subcommand; what is left are its arguments and options. */
function find(words: readonly string[], command: Command = program): { command: Command; rest: readonly string[] } {
  const below = command.commands.find((one) => one.name() === words[0]);
  return below === undefined ? { command, rest: words } : find(words.slice(1), below);
}

/** What is wrong with a call of panglot; `null` if it can be typed. */
function faultIn(words: readonly string[]): string | null {
  const { command, rest } = find(words);
  if (rest.includes('--help')) return null;
  // One with options of its own can be run as well.
  if (command.commands.length > 0 && command.options.length === 0) return `${command.name()} needs a subcommand`;
  const given: string[] = [];
  for (let index = 0; index < rest.length; index++) {
    const word = rest[index] ?? '';
    if (!word.startsWith('-')) given.push(word);
    else {
      const option = command.options.find(({ long, short }) => long === word || short === word);
      if (option === undefined) return `${command.name()} has no option ${word}`;
      if (option.required) index++;
    }
  }
  const wanted = command.registeredArguments.filter(({ required }) => required).length;
  if (given.length < wanted) return `${command.name()} needs ${wanted} arguments`;
  return given.length > command.registeredArguments.length ? `${command.name()} takes no ${given.at(-1)}` : null;
}

const ofPanglot: Readonly<Record<string, readonly string[]>> = { panglot: [], demo: ['demo'], start: ['start'] };

/** What is wrong with a command on a page; `null` if it can be typed. */
function faultOf(command: string): string | null {
  const words = wordsOf(command).filter(
    (word, index, all) => !/^[A-Z_]+=/.test(word) || all.slice(0, index).some((one) => !/=/.test(one)),
  );
  const [program, verb = '', script = ''] = words;
  if (program === 'panglot') return faultIn(words.slice(1));
  if (program !== 'npm') return `nobody checks ${program}`;
  if (verb === 'ci') return null;
  const name = verb === 'run' ? script : verb;
  if (!(name in scripts) || (verb !== 'run' && verb !== 'start' && verb !== 'test')) return `there is no npm script ${name}`;
  const own = ofPanglot[name];
  if (own === undefined) return null;
  const dashes = words.indexOf('--');
  return faultIn([...own, ...(dashes < 0 ? [] : words.slice(dashes + 1))]);
}

const onPages = pages.flatMap((page) =>
  blocksOf(page, 'sh')
    .flatMap(commandsIn)
    .filter((command) => !(page === 'README.md' && command.startsWith('curl ')))
    .map((command) => ({ page, command })),
);

/** The examples in the help of each command. */
const inHelp = (command: Command): readonly string[] => {
  let help = '';
  command.configureOutput({ writeOut: (text) => (help += text) }).outputHelp();
  const own = [...help.matchAll(/^ {2}\$ (.+?)(?: {2,}.*| \| .*)?$/gm)].map((match) => match[1] ?? '');
  return [...own, ...command.commands.flatMap(inHelp)];
};

describe('the commands on the pages', () => {
  it('are found', () => expect(onPages.length).toBeGreaterThan(15));
  it.each(onPages)('$page: $command', ({ command }) => expect(faultOf(command)).toBe(null));
});

describe("the examples in panglot's help", () => {
  const examples = inHelp(program);
  it('are found', () => expect(examples.length).toBeGreaterThan(20));
  it.each(examples)('%s', (command) => expect(faultOf(command)).toBe(null));
});

describe('a command that cannot be typed is noticed', () => {
  it.each([
    ['npm run nothing', 'there is no npm script nothing'],
    ['npm run panglot -- order', 'order needs a subcommand'],
    ['npm run panglot -- order show', 'show needs 1 arguments'],
    ['npm run demo -- --speed 5', 'demo has no option --speed'],
    ['PORT=1 panglot stock show A B', 'show takes no B'],
    ['make install', 'nobody checks make'],
  ])('%s: %s', (command, fault) => expect(faultOf(command)).toBe(fault));
});
