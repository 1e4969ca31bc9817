// The routes of stock.

import { z } from 'zod';
import type { CommandContext } from '../../../commands/command.js';
import { decode } from '../../../domain/log/codec.js';
import { formatPosition } from '../../../domain/log/position.js';
import { product } from '../../../domain/product/product.js';
import { type CountCommand, knowsCommand, type Stock, stock } from '../../../domain/stock/stock.js';
import { warehouse } from '../../../domain/warehouse/warehouse.js';
import { stockBySku, stockList } from '../../../projections/stock/stock-queries.js';
import { type StockView, stockView, toStockView } from '../../../projections/stock/stock-view.js';
import type { Operation } from '../../access/operations.js';
import { type CommandInput, command, type Written } from '../command-route.js';
import * as fields from '../fields.js';
import type { ProblemCode } from '../problem-codes.js';
import { read } from '../read-route.js';
import { refusalProblem } from '../refusals.js';
import type { Route } from '../route.js';
import type { Services } from '../services.js';
import { contextOf, decidedOr } from './commanding.js';
import { anyOf, listRoute } from './list-route.js';

const bySku = z.strictObject({ sku: fields.sku });

const commandId = fields.uuid.optional().meta({ description: 'Makes the request repeatable: the same id again moves nothing.' });

const receiptBody = z
  .strictObject({
    commandId,
    warehouse: fields.warehouse,
    quantity: fields.bulkQuantity,
    unitCost: fields.money.optional(),
    currency: fields.knownCurrency.optional(),
  })
  .refine(({ unitCost, currency }) => unitCost === undefined || currency !== undefined, {
    path: ['currency'],
    message: 'is required with unitCost',
  });

const mostUnits = 1_000_000_000;

const adjustmentBody = z.strictObject({
  commandId,
  warehouse: fields.warehouse,
  quantity: z
    .int()
    .min(-mostUnits)
    .max(mostUnits)
    .refine((units) => units !== 0, 'must not be zero')
    .meta({ description: 'Units that were found or, below zero, units that are missing.' }),
  reason: fields.text(500),
});

const saleBody = z.strictObject({ commandId, warehouse: fields.warehouse, quantity: fields.bulkQuantity });

/** A warehouse may have been opened, or opened again, since this process last looked. */
async function isOpen({ handler }: Services, id: string): Promise<boolean> {
  const known = await handler.load(warehouse, id);
  if (known.state.status === 'OPEN') return true;
  const { state } = await handler.load(warehouse, id, 'head');
  return state.status === 'OPEN';
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

type MovementInput = Omit<CommandInput<z.output<typeof bySku>, unknown>, 'body' | 'wait'>;

/** Moves units of a SKU in one warehouse, and answers with the stock that this leaves. */
async function move(input: MovementInput, services: Services, command: CountCommand): Promise<Written<StockView>> {
  const { handler } = services;
  const { sku } = input.params;
  const { commandId, warehouse } = command;
  // A warehouse is closed when it is empty, so nothing in it can be corrected or sold either. What was done before it closed stays done.
  if (!(await isOpen(services, warehouse)) && !knowsCommand((await handler.load(stock, sku, 'head')).state, commandId))
    throw refusalProblem({ code: 'warehouse-unknown', warehouse });
  const context: CommandContext = contextOf(input, services, { commandId });
  const { state, revision, position, events } = decidedOr(await handler.handle(stock, sku, command, context));
  // What an earlier run of the command wrote is told from this one's by the log alone.
  const ours = events.length > 0 && context.runId === undefined;
  const updatedAt = ours ? context.at : await happenedAt(services, sku, revision);
  const view = await viewOf(services, sku, { state, revision, position, updatedAt });
  return { status: 200, body: view, position: view.position };
}

interface MovementRow<Body extends z.ZodType> {
  readonly path: `/stock/{sku}/${string}`;
  readonly operation: Operation;
  readonly summary: string;
  readonly body: Body;
  readonly success: string;
  readonly refusals: readonly ProblemCode[];
  readonly commandOf: (body: z.output<Body>, commandId: string) => CountCommand;
}

/** A route that moves units in one open warehouse, once for each command id. */
const movement = <Body extends z.ZodType<{ commandId?: string | undefined }>>({
  success,
  refusals,
  commandOf,
  ...row
}: MovementRow<Body>): Route =>
  command({
    ...row,
    params: bySku,
    answer: stockView,
    successes: { 200: success },
    refusals: ['warehouse-unknown', 'command-id-taken', ...refusals],
    execute: (input, services) => move(input, services, commandOf(input.body, input.body.commandId ?? input.commandId)),
  });

export const stockRoutes: readonly Route[] = [
  movement({
    path: '/stock/{sku}/receipts',
    operation: 'stock.receive',
    summary: 'Receive stock into a warehouse',
    body: receiptBody,
    success: 'Received',
    refusals: ['stock-too-large'],
    commandOf: ({ warehouse, quantity, unitCost = null, currency = null }, commandId) => ({
      type: 'ReceiveStock',
      commandId,
      warehouse,
      quantity,
      unitCost,
      currency,
    }),
  }),
  movement({
    path: '/stock/{sku}/adjustments',
    operation: 'stock.adjust',
    summary: 'Correct what a warehouse has on hand, never below what is reserved there',
    body: adjustmentBody,
    success: 'Corrected',
    refusals: ['stock-insufficient', 'stock-too-large'],
    commandOf: ({ warehouse, quantity, reason }, commandId) => ({ type: 'AdjustStock', commandId, warehouse, quantity, reason }),
  }),
  movement({
    path: '/stock/{sku}/sales',
    operation: 'stock.sell',
    summary: 'Sell at the counter what nobody has reserved',
    body: saleBody,
    success: 'Sold',
    refusals: ['stock-insufficient'],
    commandOf: ({ warehouse, quantity }, commandId) => ({ type: 'SellItem', commandId, warehouse, quantity }),
  }),
  listRoute({
    path: '/stock',
    operation: 'stock.read',
    summary: 'List stock by SKU',
    model: 'stock',
    item: stockView,
    list: stockList,
    sorts: ['sku', '-sku'],
    filters: { sku: anyOf(fields.sku, 'The stock of this SKU', '22465,85123A') },
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
