// What the options of several commands share: how their values are read, and what is said of a wrong one.

import { InvalidArgumentError, Option } from 'commander';
import { duration, durationForm } from '../config-values.js';

/** A parser of whole numbers within bounds, both included. */
export const wholeNumber = (least: number, most: number) => (text: string) => {
  const value = Number(text);
  if (!/^\d+$/.test(text) || value < least || value > most)
    throw new InvalidArgumentError(`It should be a whole number from ${least} to ${most}.`);
  return value;
};

function durationOf(text: string): number {
  const value = duration().safeParse(text);
  if (!value.success) throw new InvalidArgumentError(`It should be ${durationForm}.`);
  return value.data;
}

function urlOf(text: string): string {
  if (!URL.canParse(text) || !['http:', 'https:'].includes(new URL(text).protocol))
    throw new InvalidArgumentError('It should be an http or https address.');
  return text.replace(/\/+$/, '');
}

/** An option that takes a duration, such as `15m`, as milliseconds. */
export const lasting = (flags: string, text: string, length: string) =>
  new Option(flags, text).argParser(durationOf).default(durationOf(length), length);

/** Where the platform is; every command that talks to one has it. */
export const urlOption = () => new Option('--url <url>', 'where the platform is').argParser(urlOf).default('http://localhost:8080');

/** How long a command keeps asking while the platform is away. */
export const patienceOption = (length: string) =>
  lasting('--patience <duration>', 'how long to keep asking while the platform is away', length);
