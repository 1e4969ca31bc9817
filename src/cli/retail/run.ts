// The course of an import: read everything, book the stock, send the orders, wait for their end, report. It can be stopped anywhere and
// run again: what was done is found done.

import { basename } from 'node:path';
import { bookReceipt, putProduct } from '../client/catalogue.js';
import { again, phasesOf, reasonToStop } from '../client/course.js';
import { connectPlatform } from '../client/platform.js';
import type { Progress } from '../client/progress.js';
import { awaitSettled } from '../client/settle.js';
import { currency } from './classify.js';
import { planImport } from './import-plan.js';
import { openingStock, type StockChoice } from './opening-stock.js';
import { type Report, reportOn, type Tracked } from './report.js';
import { productsOf, sendOrder } from './send.js';

export interface RetailImportOptions {
  readonly file: string;
  readonly url: string;
  readonly stock: StockChoice;
  readonly products: boolean;
  /** Read and classify, send nothing. */
  readonly dryRun: boolean;
  /** Requests at a time. */
  readonly concurrency: number;
  /** Milliseconds for which one request is asked again while the platform is away. */
  readonly patience: number;
  /** Milliseconds without any order settling before the rest is reported as not settled. */
  readonly settleTimeout: number;
  /** Ends the import at once, with the report so far. */
  readonly signal: AbortSignal;
}

const inSeconds = (since: number) => (performance.now() - since) / 1_000;

/**
 * Imports a retail file through the REST API of a running platform.
 * @throws {FileRefused} if the file cannot be imported as it is; nothing was sent then. An outage or an interruption is no exception:
 * the report says how far it came.
 */
export async function runRetailImport(options: RetailImportOptions, progress: Progress): Promise<Report> {
  const { file, url, concurrency, patience, signal } = options;
  const started = performance.now();
  const plan = await planImport(file);
  const receipts = openingStock(plan.orders, plan.contentHash, options.stock);
  const tracked: Tracked[] = plan.orders.map((order) => ({ order, sent: null, settled: null }));
  const platform = connectPlatform({ url, concurrency, patience, signal });
  const booked = { skus: 0, units: 0 };
  let sendingSeconds: number | null = null;
  let stopped: string | null = null;

  const phase = phasesOf(progress, concurrency);

  async function send(): Promise<void> {
    const since = performance.now();
    try {
      await phase('Orders', tracked, async (one) => {
        one.sent = await sendOrder(platform, one.order);
      });
    } finally {
      sendingSeconds = inSeconds(since);
    }
  }

  async function settle(): Promise<void> {
    const awaited = tracked.flatMap((one) =>
      one.sent?.kind === 'accepted' ? [{ one, answer: one.sent.answer, position: one.sent.position }] : [],
    );
    progress.begin('Settled', awaited.length);
    try {
      const { orders, trouble } = await awaitSettled(platform, awaited, {
        concurrency,
        timeout: options.settleTimeout,
        signal,
        onSettled: ({ one }, settled) => {
          one.settled = settled;
          progress.advance();
        },
      });
      const also = trouble === null ? '' : ` ${trouble}`;
      if (orders > 0)
        stopped = `${orders} of ${awaited.length} orders were not settled, and none was for ${options.settleTimeout / 1_000} s.${also} ${again}`;
    } finally {
      progress.end();
    }
  }

  try {
    if (!options.dryRun) {
      await platform.greet();
      await phase('Opening stock', receipts, async (receipt) => {
        await bookReceipt(platform, receipt);
        booked.skus++;
        booked.units += receipt.quantity;
      });
      if (options.products) await phase('Products', productsOf(plan.orders), (product) => putProduct(platform, product, currency));
      await send();
      await settle();
    }
  } catch (error) {
    stopped = reasonToStop(error, signal);
  } finally {
    platform.close();
  }
  const facts = { name: basename(file), url, plan, tracked, openingStock: booked, sendingSeconds, stopped };
  return reportOn({ ...facts, seconds: inSeconds(started), retries: platform.retries() });
}
