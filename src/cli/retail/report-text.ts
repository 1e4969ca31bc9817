// The report as a person reads it.

import { money as amount, rate, table, whole } from '../text.js';
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

const isReason = (reason: string | null): reason is NotAnOrder => reason !== null && reason in notAnOrder;

function outcomes({ outcomes, file, money }: Report): string[] {
  const cells = ({ outcome, reason, invoices, rows, units, money: minor }: Tally) => [
    reason === null ? names[outcome] : `${names[outcome]}: ${reason}`,
    whole(invoices),
    whole(rows),
    units === null ? '' : whole(units),
    minor === null ? '' : amount(minor, money.currency),
  ];
  const sum = (pick: (tally: Tally) => number) => outcomes.reduce((total, tally) => total + pick(tally), 0);
  const counted = sum(({ rows }) => rows);
  return [
    ...table([
      ['', 'invoices', 'rows', 'units', 'money'],
      ...outcomes.map(cells),
      ['together', whole(sum(({ invoices }) => invoices)), whole(counted), '', ''],
    ]),
    counted === file.rows
      ? `These are all ${whole(file.rows)} rows of the file.`
      : `The file has ${whole(file.rows)} rows: the count is wrong.`,
  ];
}

function meanings({ outcomes }: Report): string[] {
  return outcomes.flatMap(({ outcome, reason }) =>
    outcome === 'not-an-order' && isReason(reason) ? [`  ${reason}: ${notAnOrder[reason]}`] : [],
  );
}

function examples<One>(title: string, all: readonly One[], line: (one: One) => string): string[] {
  if (all.length === 0) return [];
  const more = all.length > mostExamples ? [`  and ${whole(all.length - mostExamples)} more`] : [];
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
      `settled ${rate(settling.perSecond)} orders/s (${whole(settling.orders)} new ones in ${settling.seconds.toFixed(1)} s)`,
    );
  if (retries > 0) parts.push(`${whole(retries)} requests asked again`);
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
    `Opening stock: ${whole(openingStock.units)} units of ${whole(openingStock.skus)} SKUs.`,
    `Orders: ${whole(orders.inFile)} in the file, ${whole(orders.sent)} sent, ${whole(orders.alreadyThere)} already there, ${whole(orders.settled)} settled.`,
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
