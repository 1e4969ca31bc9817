// The forms that a setting's value may take: durations, sizes, ports, lists, addresses. What the settings are is in config.ts. Each is
// made anew, because a schema carries the documentation of one setting.

import { z } from 'zod';

const milliseconds: Readonly<Record<string, number>> = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 };
const bytes: Readonly<Record<string, number>> = { b: 1, kb: 1024, mb: 1024 ** 2, gb: 1024 ** 3 };

/** Node's timers hold 31 bits of milliseconds: a longer one would fire at once. */
const longestDuration = 24 * 86_400_000;

function scaled(value: string, units: Readonly<Record<string, number>>): number {
  const [, count, unit] = /^(\d{1,12})([a-z]{1,2})$/.exec(value.trim().toLowerCase()) ?? [];
  const scale = unit === undefined ? undefined : units[unit];
  return count === undefined || scale === undefined ? Number.NaN : Number(count) * scale;
}

export const durationForm = 'a duration above zero and up to 24d, such as 500ms, 5s, 15m, 24h';

/** `15m` as milliseconds: a whole number above zero with ms, s, m, h or d, up to 24 days. */
export const duration = () =>
  z
    .string()
    .transform((value) => scaled(value, milliseconds))
    .pipe(z.int().positive().max(longestDuration));

/** `1mb` as bytes: a whole number with b, kb, mb or gb, in powers of 1024. */
export const size = () =>
  z
    .string()
    .transform((value) => scaled(value, bytes))
    .pipe(z.int().positive());

/** A whole number within bounds, both included. */
export const count = (least: number, most: number) =>
  z
    .string()
    .regex(/^\d{1,9}$/)
    .transform(Number)
    .pipe(z.int().min(least).max(most));

export const port = () => count(0, 65_535);

/** Words of a fixed set, parted by commas: at least one, none twice. */
export const list = <const Words extends readonly [string, ...string[]]>(words: Words) =>
  z
    .string()
    .transform((value) => value.split(',').map((word) => word.trim()))
    .pipe(z.array(z.enum(words)).min(1))
    .refine((chosen) => new Set(chosen).size === chosen.length);

const isOrigin = (value: string) =>
  URL.canParse(value) && ['http:', 'https:'].includes(new URL(value).protocol) && new URL(value).origin === value;

/** Origins as a browser sends them, parted by commas; none if it is not set. */
export const origins = () =>
  z
    .string()
    .nullable()
    .transform((value) => (value === null ? [] : value.split(',').map((origin) => origin.trim())))
    .pipe(z.array(z.string().refine(isOrigin)));

/** An address with one of these schemes (`https:`), kept as it was written. */
export const url = (...schemes: readonly string[]) =>
  z.string().refine((value) => URL.canParse(value) && schemes.includes(new URL(value).protocol));
