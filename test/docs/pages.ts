// The project's pages as the tests of them read them: which there are, and the blocks of code in them.

import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = fileURLToPath(new URL('../..', import.meta.url));

export const textOf = (page: string): string => readFileSync(join(root, page), 'utf8');

/** Every page, by its path from the root. */
export const pages: readonly string[] = [
  ...['README.md', 'CONTRIBUTING.md'],
  ...readdirSync(join(root, 'docs'), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.md'))
    .map((name) => join('docs', name))
    .sort(),
];

/** The blocks of one language on a page, in order. */
export const blocksOf = (page: string, language: string): readonly string[] =>
  [...textOf(page).matchAll(new RegExp(`^\`\`\`${language}\\n([\\s\\S]*?)^\`\`\``, 'gm'))].map((match) => match[1] ?? '');

/** The commands of a block of shell, without comments; a line that goes on, and one that has several, are taken apart. */
export const commandsIn = (block: string): readonly string[] =>
  block
    .replaceAll(/\\\n\s*/g, ' ')
    .split('\n')
    .flatMap((line) => line.replace(/(^|\s)#.*$/, '').split(' && '))
    .map((line) => line.trim())
    .filter((line) => line !== '');

/** The words of a command, quotes taken away. */
export const wordsOf = (command: string): readonly string[] =>
  [...command.matchAll(/'([^']*)'|(\S+)/g)].map((match) => match[1] ?? match[2] ?? '');
