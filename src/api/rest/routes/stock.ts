// The routes of stock.

import { z } from 'zod';
import type { CommandContext } from '../../../commands/command.js';
import { decode } from '../../../domain/log/codec.js';
import { formatPosition } from '../../../domain/log/position.js';
import { product } from '../../../domain/product/product.js';
import { type Stock, stock } from '../../../domain/stock/stock.js';
import { warehouse } from '../../../domain/warehouse/warehouse.js';
import { listStock, stockBySku } from '../../../projections/stock/stock-queries.js';
import { type StockView, stockView, toStockView } from '../../../projections/stock/stock-view.js';
import { type CommandInput, command, type Written } from '../command-route.js';
import * as fields from '../fields.js';
import { read } from '../read-route.js';
import { refusalProblem } from '../refusals.js';
import type { Route } from '../route.js';
import type { Services } from '../services.js';
import { contextOf, decidedOr } from './commanding.js';
import { listOf, listQuery, placeIn, showPage } from './lists.js';

const bySku = z.strictObject({ sku: fields.sku });

const receiptBody = z
  .strictObject({
    commandId: fields.uuid.optional().meta({ description: 'Makes the receipt repeatable: the same id again receives nothing.' }),
    warehouse: fields.warehouse,
    quantity: fields.bulkQuantity,
    unitCost: fields.money.optional(),
    currency: fields.knownCurrency.optional(),
  })
  .refine(({ unitCost, currency }) => unitCost === undefined || currency !== undefined, {
    path: ['currency'],
    message: 'is required with unitCost',
  });

/** A warehouse may have been opened, or opened again, since this process last looked. */
async function assertOpen({ handler }: Services, id: string): Promise<void> {
  const known = await handler.load(warehouse, id);
  if (known.state.status === 'OPEN') return;
  const { state } = await handler.load(warehouse, id, 'head');
  if (state.status !== 'OPEN') throw refusalProblem({ code: 'warehouse-unknown', warehouse: id });
}

/** When the event at this revision happened. */
async function happenedAt({ store }: Services, sku: string, revision: number): Promise<string> {
  for await (const stored of store.readStream(`stock-${sku}`, { from: revision, limit: 1 })) return decode(stored).at;
  throw new Error(`stock-${sku} has no event ${revision}.`);
}

interface Facts {
  readonly state: Stock;
  readonly revision: number;
  readonly position: bigint;
  readonly updatedAt: string;
}

/** From the aggregate's state, which has the view's facts: a stock stream is too long to be folded for every receipt. */
async function viewOf(
  { handler, logId }: Services,
  sku: string,
  { state, revision, position, updatedAt }: Facts,
): Promise<StockView> {
  const { description } = (await handler.load(product, sku, -1)).state;
  const warehouses = [...state.warehouses].map(([warehouse, { onHand, reserved }]) => ({ warehouse, onHand, reserved }));
  return toStockView({ sku, description, warehouses, updatedAt, revision, position: formatPosition(logId, position) });
}

type ReceiptInput = CommandInput<z.output<typeof bySku>, z.output<typeof receiptBody>>;

async function receive(input: ReceiptInput, services: Services): Promise<Written<StockView>> {
  const { sku } = input.params;
  const { warehouse, quantity, unitCost = null, currency = null } = input.body;
  await assertOpen(services, warehouse);
  const commandId = input.body.commandId ?? input.requestId;
  const context: CommandContext = contextOf(input, services, { commandId });
  const receipt = { type: 'ReceiveStock', commandId, warehouse, quantity, unitCost, currency } as const;
  const outcome = decidedOr(await services.handler.handle(stock, sku, receipt, context));
  const { state, revision, position, events } = outcome;
  const updatedAt = events.length > 0 ? context.at : await happenedAt(services, sku, revision);
  const view = await viewOf(services, sku, { state, revision, position, updatedAt });
  return { status: 200, body: view, position: view.position };
}

export const stockRoutes: readonly Route[] = [
  command({
    path: '/stock/{sku}/receipts',
    operation: 'stock.receive',
    summary: 'Receive stock into a warehouse',
    params: bySku,
    body: receiptBody,
    answer: stockView,
    successes: { 200: 'Received' },
    refusals: ['warehouse-unknown', 'stock-too-large'],
    execute: receive,
  }),
  read({
    path: '/stock',
    operation: 'stock.read',
    summary: 'List stock by SKU',
    model: 'stock',
    query: z.strictObject(listQuery),
    answer: listOf(stockView),
    problems: ['cursor-invalid'],
    find: ({ query }, { sql }) => listStock(sql, { limit: query.limit, cursor: placeIn('stock', query.cursor, fields.sku) }),
    show: (page, { query }, position) => showPage('stock', page, query.limit, position),
  }),
  read({
    path: '/stock/{sku}',
    operation: 'stock.read',
    summary: 'Read the stock of a SKU over all warehouses',
    model: 'stock',
    params: bySku,
    answer: stockView,
    find: ({ params }, { sql }) => stockBySku(sql, params.sku),
    show: (view) => view,
  }),
];
