// The report as a person reads it.

import { type NotAnOrder, notAnOrder } from './classify.js';
import type { Outcome, Report, Tally } from './report.js';

const names: Readonly<Record<Outcome, string>> = {
  confirmed: 'confirmed',
  cancelled: 'cancelled',
  refused: 'refused',
  unsettled: 'accepted, not settled yet',
  'not-sent': 'not sent',
  'not-an-order': 'not an order',
};

const mostExamples = 20;

const whole = new Intl.NumberFormat('en-GB');
const amount = (minor: number, currency: string) =>
  `${currency} ${whole.format(Math.trunc(minor / 100))}.${String(minor % 100).padStart(2, '0')}`;
const rate = (perSecond: number) => (perSecond < 100 ? perSecond.toFixed(1) : whole.format(Math.round(perSecond)));

const isReason = (reason: string | null): reason is NotAnOrder => reason !== null && reason in notAnOrder;

function table(rows: readonly (readonly string[])[]): string[] {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => (row[column] ?? '').length)));
  return rows.map((row) =>
    row
      .map((cell, column) => (column === 0 ? cell.padEnd(widths[column] ?? 0) : cell.padStart(widths[column] ?? 0)))
      .join('  ')
      .trimEnd(),
  );
}

function outcomes({ outcomes, file, money }: Report): string[] {
  const cells = ({ outcome, reason, invoices, rows, units, money: minor }: Tally) => [
    reason === null ? names[outcome] : `${names[outcome]}: ${reason}`,
    whole.format(invoices),
    whole.format(rows),
    units === null ? '' : whole.format(units),
    minor === null ? '' : amount(minor, money.currency),
  ];
  const sum = (pick: (tally: Tally) => number) => outcomes.reduce((total, tally) => total + pick(tally), 0);
  const counted = sum(({ rows }) => rows);
  return [
    ...table([
      ['', 'invoices', 'rows', 'units', 'money'],
      ...outcomes.map(cells),
      ['together', whole.format(sum(({ invoices }) => invoices)), whole.format(counted), '', ''],
    ]),
    counted === file.rows
      ? `These are all ${whole.format(file.rows)} rows of the file.`
      : `The file has ${whole.format(file.rows)} rows: the count is wrong.`,
  ];
}

function meanings({ outcomes }: Report): string[] {
  return outcomes.flatMap(({ outcome, reason }) =>
    outcome === 'not-an-order' && isReason(reason) ? [`  ${reason}: ${notAnOrder[reason]}`] : [],
  );
}

function examples<One>(title: string, all: readonly One[], line: (one: One) => string): string[] {
  if (all.length === 0) return [];
  const more = all.length > mostExamples ? [`  and ${whole.format(all.length - mostExamples)} more`] : [];
  return [title, ...all.slice(0, mostExamples).map((one) => `  ${line(one)}`), ...more];
}

function moneyLines({
  stopped,
  money: { inFile, confirmed, captured, refunded, currency, matches, mismatches },
}: Report): string[] {
  const given = refunded === 0 ? '' : `, ${amount(refunded, currency)} of it refunded`;
  const equal = stopped === null ? 'equal to the penny' : 'equal to the penny as far as it came';
  const verdict = matches ? equal : 'NOT EQUAL';
  return [
    `Money: orders in the file ${amount(inFile, currency)}, confirmed ${amount(confirmed, currency)}, captured by the platform's payments ${amount(captured, currency)}${given}: ${verdict}.`,
    ...examples(
      'Payments that do not hold what the file says:',
      mismatches,
      (one) =>
        `${one.reference}: ${amount(one.expected, currency)} expected, ${amount(one.captured, currency)} captured, ${amount(one.refunded, currency)} refunded`,
    ),
  ];
}

function timeLines({ sending, settling, seconds, retries }: Report): string[] {
  const parts = [`${seconds.toFixed(1)} s in all`];
  if (sending !== null) parts.push(`sent ${rate(sending.perSecond)} orders/s`);
  if (settling !== null)
    parts.push(
      `settled ${rate(settling.perSecond)} orders/s (${whole.format(settling.orders)} new ones in ${settling.seconds.toFixed(1)} s)`,
    );
  if (retries > 0) parts.push(`${whole.format(retries)} requests asked again`);
  return [`Time: ${parts.join(', ')}.`];
}

/** The report in plain lines; `explain` lists every invoice that is not an order. */
export function reportText(report: Report, { explain = false } = {}): string {
  const { file, url, orders, openingStock, refusals, leftOut, stopped } = report;
  return [
    `${file.name} (SHA-256 ${file.contentHash.slice(0, 12)}) into ${url}`,
    '',
    ...outcomes(report),
    ...meanings(report),
    '',
    `Opening stock: ${whole.format(openingStock.units)} units of ${whole.format(openingStock.skus)} SKUs.`,
    `Orders: ${whole.format(orders.inFile)} in the file, ${whole.format(orders.sent)} sent, ${whole.format(orders.alreadyThere)} already there, ${whole.format(orders.settled)} settled.`,
    ...moneyLines(report),
    ...timeLines(report),
    ...examples('Refused:', refusals, ({ reference, code, detail }) => `${reference}: ${code}: ${detail}`),
    ...(explain
      ? [
          'Not orders:',
          ...leftOut.map(
            (one) =>
              `  ${one.invoice} (line ${one.firstLine}, ${one.rows} ${one.rows === 1 ? 'row' : 'rows'}): ${notAnOrder[one.reason]}`,
          ),
        ]
      : []),
    ...(stopped === null ? [] : ['', stopped]),
    '',
  ].join('\n');
}
