// The summary of a demo as a person reads it.

import { money, rate, table, took, whole } from '../text.js';
import type { DemoSummary, Outcome } from './summary.js';

const names: Readonly<Record<Outcome, string>> = {
  settled: 'settled',
  slow: 'slow to pay, and settled',
  declined: 'declined by the bank',
  short: 'short of stock',
  cancelled: 'cancelled by the customer',
  'capture-failed': 'failing capture',
  otherwise: 'cancelled for another reason',
  refused: 'refused',
  unsettled: 'accepted, not settled yet',
  'not-sent': 'not sent',
};

const mostRefusals = 5;

function nextSteps({ url, outcomes }: DemoSummary): string[] {
  const example = (wanted: readonly Outcome[]) =>
    wanted.flatMap((one) => outcomes.find(({ outcome }) => outcome === one)?.example ?? [])[0];
  const settled = example(['settled', 'slow']);
  const compensated = example(['cancelled', 'capture-failed', 'short', 'declined']);
  const elsewhere = url === 'http://localhost:8080' ? '' : ` --url ${url}`;
  const show = (reference: string) => `npm run panglot -- order show ${reference}${elsewhere}`;
  return [
    'Where to look next:',
    ...(settled === undefined ? [] : [`  ${show(settled)}   the story of an order`]),
    ...(compensated === undefined ? [] : [`  ${show(compensated)}   ... and of one that was undone`]),
    `  npm run panglot -- stock show${elsewhere}   what is left on the shelves`,
    `  ${url}/   what runs here, and ${url}/api/v1/docs, its interface`,
  ];
}

/** The summary in plain lines. */
export function summaryText(summary: DemoSummary): string {
  const { seed, url, orders, outcomes, shop, money: takings, settledIn, ordersPerSecond, seconds, retries } = summary;
  const amount = (minor: number) => money(minor, takings.currency);
  const share = (count: number) => `${((100 * count) / orders.asked).toFixed(1)}%`;
  const times = [
    ...(ordersPerSecond === null ? [] : [`${rate(ordersPerSecond)} orders/s sent`]),
    ...(settledIn === null
      ? []
      : [`each settled in ${took(settledIn.median)} (median), the slowest in ${took(settledIn.slowest)}`]),
    ...(retries === 0 ? [] : [`${whole(retries)} requests asked again`]),
    `${seconds.toFixed(1)} s in all`,
  ];
  return [
    `The demo with seed ${seed} at ${url}: ${whole(shop.products)} products, ${shop.warehouses} warehouses, ${whole(shop.receipts)} receipts of stock.`,
    '',
    ...table([
      ['', 'orders', '', 'ordered'],
      ...outcomes.map((row) => [names[row.outcome], whole(row.orders), share(row.orders), amount(row.total)]),
    ]),
    '',
    `Orders: ${whole(orders.asked)} asked for, ${whole(orders.sent)} sent, ${whole(orders.alreadyThere)} already there, ${whole(orders.settled)} settled.`,
    `Money: ${amount(takings.captured)} captured, ${amount(takings.refunded)} refunded, ${amount(takings.kept)} kept.`,
    `Time: ${times.join(', ')}.`,
    ...(summary.methodsUnknown === 0
      ? []
      : [
          `${whole(summary.methodsUnknown)} orders that were to be slow or to fail at capture were declined: their methods (pm_sim_...) are the simulator's own, and a real Stripe refuses them.`,
        ]),
    ...summary.refusals.slice(0, mostRefusals).map(({ reference, code, detail }) => `Refused: ${reference}: ${code}: ${detail}`),
    ...(summary.stopped === null ? [] : ['', summary.stopped]),
    '',
    ...nextSteps(summary),
    '',
  ].join('\n');
}
