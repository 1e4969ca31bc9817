// The course of a demo: open the shop, let the orders trickle in, wait for their end, sum up. It can be stopped anywhere and run again:
// what was done is found done.

import { refusalIn, UnexpectedAnswer } from '../client/answers.js';
import { bookReceipt, putProduct } from '../client/catalogue.js';
import { again, phasesOf, reasonToStop } from '../client/course.js';
import { connectPlatform } from '../client/platform.js';
import type { Progress } from '../client/progress.js';
import { awaitSettled } from '../client/settle.js';
import { currency, productBySku } from './catalogue.js';
import { demoOrders } from './orders.js';
import { paceOf } from './pace.js';
import { placeDemoOrder } from './place.js';
import { demoStock, secondWarehouse } from './stock.js';
import { type DemoSummary, summaryOf, type Tracked } from './summary.js';

export interface DemoOptions {
  readonly url: string;
  readonly seed: number;
  /** Orders a second. */
  readonly rate: number;
  readonly orders: number;
  /** Milliseconds for which one request is asked again while the platform is away. */
  readonly patience: number;
  /** Milliseconds without any order settling before the rest is reported as not settled. */
  readonly settleTimeout: number;
  /** Ends the demo at once, with the summary so far. */
  readonly signal: AbortSignal;
}

/** Requests at a time. */
const concurrency = 16;

const inSeconds = (since: number) => (performance.now() - since) / 1_000;

/** Runs the demo against a platform. An outage or an interruption is no exception: the summary says how far it came. */
export async function runDemo(options: DemoOptions, progress: Progress): Promise<DemoSummary> {
  const { url, seed, signal } = options;
  const started = performance.now();
  const tracked: Tracked[] = demoOrders(seed, 1, options.orders).map((order) => ({ order, placed: null, settled: null }));
  const receipts = demoStock(seed, options.orders);
  const stocked = new Set(receipts.map(({ sku }) => sku));
  const products = [...productBySku.values()].filter(({ sku }) => stocked.has(sku));
  const platform = connectPlatform({ url, concurrency, patience: options.patience, signal });
  const phase = phasesOf(progress, concurrency);
  const shop = { products: 0, warehouses: 1, receipts: 0 };
  let sendingSeconds: number | null = null;
  let stopped: string | null = null;

  async function openShop(): Promise<void> {
    await phase('Warehouses', [secondWarehouse], async ({ id, ...body }) => {
      const answer = await platform.ask({ method: 'PUT', path: `/warehouses/${id}`, body });
      if (answer.status >= 300) throw new UnexpectedAnswer(`The warehouse ${id} was refused: ${refusalIn(answer).detail}.`);
      shop.warehouses++;
    });
    await phase('Products', products, async (product) => {
      await putProduct(platform, product, currency);
      shop.products++;
    });
    await phase('Stock', receipts, async (receipt) => {
      await bookReceipt(platform, receipt);
      shop.receipts++;
    });
  }

  async function trickle(): Promise<void> {
    const pace = paceOf(options.rate, signal);
    const since = performance.now();
    try {
      await phase('Orders', tracked, async (one) => {
        await pace.turn();
        one.placed = await placeDemoOrder(platform, one.order);
        if (one.placed.kind === 'accepted' && one.placed.alreadyThere) pace.giveBack();
      });
    } finally {
      sendingSeconds = inSeconds(since);
    }
  }

  async function settle(): Promise<void> {
    const awaited = tracked.flatMap((one) =>
      one.placed?.kind === 'accepted' ? [{ one, answer: one.placed.answer, position: one.placed.position }] : [],
    );
    progress.begin('Settled', awaited.length);
    try {
      const left = await awaitSettled(platform, awaited, {
        concurrency,
        timeout: options.settleTimeout,
        signal,
        onSettled: ({ one }, settled) => {
          one.settled = settled;
          progress.advance();
        },
      });
      if (left.orders > 0)
        stopped = `${left.orders} orders have not settled yet.${left.trouble ? ` ${left.trouble}` : ''} ${again}`;
    } finally {
      progress.end();
    }
  }

  try {
    await platform.greet();
    await openShop();
    await trickle();
    await settle();
  } catch (error) {
    stopped = reasonToStop(error, signal);
  } finally {
    platform.close();
  }
  const facts = { seed, url, tracked, shop, sendingSeconds, stopped };
  return summaryOf({ ...facts, seconds: inSeconds(started), retries: platform.retries() });
}
