// How the commands write numbers, money, tables and colours for a person.

import { styleText } from 'node:util';

const numbers = new Intl.NumberFormat('en-GB');

/** A whole number with separators: 12,345. */
export const whole = (value: number): string => numbers.format(value);

/** Money in minor units: GBP 1,234.50. */
export const money = (minor: number, currency: string): string => {
  const digits = new Intl.NumberFormat('en', { style: 'currency', currency }).resolvedOptions().maximumFractionDigits ?? 2;
  return `${currency} ${new Intl.NumberFormat('en-GB', { minimumFractionDigits: digits }).format(minor / 10 ** digits)}`;
};

/** A rate: with one decimal below a hundred. */
export const rate = (perSecond: number): string => (perSecond < 100 ? perSecond.toFixed(1) : whole(Math.round(perSecond)));

/** A length of time: 12 ms, 3.1 s, 4 min 5 s, 2 h 3 min, 3 d 4 h. */
export function took(ms: number): string {
  if (ms < 1_000) return `${Math.round(ms)} ms`;
  if (ms < 60_000) return `${(ms / 1_000).toFixed(1)} s`;
  const minutes = Math.floor(ms / 60_000);
  if (minutes < 60) return `${minutes} min ${Math.floor((ms % 60_000) / 1_000)} s`;
  const hours = Math.floor(minutes / 60);
  return hours < 24 ? `${hours} h ${minutes % 60} min` : `${Math.floor(hours / 24)} d ${hours % 24} h`;
}

/** Rows as columns: the first aligned to the left, numbers to the right. */
export function table(rows: readonly (readonly string[])[]): string[] {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => (row[column] ?? '').length)));
  return rows.map((row) =>
    row
      .map((cell, column) => (column === 0 ? cell.padEnd(widths[column] ?? 0) : cell.padStart(widths[column] ?? 0)))
      .join('  ')
      .trimEnd(),
  );
}

/** Whether what is written there may have colours: a terminal that knows them, whose owner has not asked for none (NO_COLOR). */
export const hasColours = (stream: NodeJS.WriteStream): boolean => stream.isTTY === true && stream.hasColors();

export type Style = Parameters<typeof styleText>[0];

/** Paints text, or leaves it as it is: without colours, and where there is no style for it. */
export const painter =
  (colours: boolean) =>
  (style: Style | null, text: string): string =>
    colours && style !== null ? styleText(style, text, { validateStream: false }) : text;
