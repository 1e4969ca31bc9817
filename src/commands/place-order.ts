// Placing an order: the one command that needs more than its own stream, the prices of the products.

import { createHash } from 'node:crypto';
import { type NewOrder, type Order, type OrderRefusal, order } from '../domain/order/order.js';
import type { OrderEvent, OrderLine } from '../domain/order/order-events.js';
import { type Product, product } from '../domain/product/product.js';
import { isKnownCurrency } from '../domain/values.js';
import type { CommandContext, Outcome } from './command.js';
import type { CommandHandler } from './command-handler.js';
import { derivedId } from './event-identity.js';
import { inParallel } from './in-parallel.js';

/** What a caller sends, well-formed; a line's description and price default to the product's. */
export interface OrderRequest {
  readonly reference: string | null;
  readonly customerId: string;
  readonly currency: string;
  /** When the order was placed in the caller's world; `null`: now. */
  readonly placedAt: string | null;
  readonly paymentMethod: string;
  readonly lines: readonly RequestedLine[];
}

interface RequestedLine {
  readonly sku: string;
  readonly description: string | null;
  readonly quantity: number;
  readonly unitPrice: number | null;
}

export type PlacementRefusal =
  | OrderRefusal
  | { readonly code: 'currency-unknown'; readonly currency: string }
  /** `lines` are the indexes (from 0) of the lines without a price. */
  | { readonly code: 'price-unknown'; readonly lines: readonly number[]; readonly currency: string };

export interface Placement {
  readonly orderId: string;
  /** An order with this reference and the same request had been there before. */
  readonly repeated: boolean;
  readonly outcome: Outcome<Order, OrderEvent, PlacementRefusal>;
}

export interface PlacementContext extends Omit<CommandContext, 'correlationId'> {
  /** References are unique within a principal. */
  readonly principal: string;
  /** The order's id, for an order without a reference: the same in every run of the command. */
  readonly orderId: string;
}

/** The namespace of order ids that come from a caller's reference. Permanent: the uniqueness of references hangs on it. */
const referenceNamespace = '6f1d3f4e-8a54-5d0c-9d2b-0c1f5a7e2b90';

/** The id of a principal's order with this reference. */
export const orderIdOf = (principal: string, reference: string): string =>
  derivedId(referenceNamespace, JSON.stringify([principal, reference]));

/**
 * Creates the order, once: the same reference and request again is answered with the first order and adds nothing.
 * The order's id is derived from (principal, reference), so that NO_STREAM makes a reference unique for ever.
 */
export async function placeOrder(handler: CommandHandler, request: OrderRequest, context: PlacementContext): Promise<Placement> {
  const { principal, orderId: givenId, ...command } = context;
  const { reference, customerId, currency, paymentMethod } = request;
  const orderId = reference === null ? givenId : orderIdOf(principal, reference);
  const refused = (refusal: PlacementRefusal): Placement => ({
    orderId,
    repeated: false,
    outcome: { outcome: 'refused', refusal, state: order.initialState },
  });
  if (!isKnownCurrency(currency)) return refused({ code: 'currency-unknown', currency });

  const products = await productsOf(handler, request.lines);
  const lines = request.lines.map((line, index) => priced(line, index + 1, currency, products));
  const unpriced = lines.flatMap((line, index) => (line.unitPrice === null ? [index] : []));
  if (unpriced.length > 0 && !(await exists(handler, orderId)))
    return refused({ code: 'price-unknown', lines: unpriced, currency });

  const placed: NewOrder = {
    orderId,
    principal,
    reference,
    requestHash: createHash('sha256').update(JSON.stringify(request)).digest('hex'),
    customerId,
    currency,
    placedAt: request.placedAt ?? context.at,
    paymentMethod,
    lines: lines.map((line): OrderLine => ({ ...line, unitPrice: line.unitPrice ?? 0 })),
  };
  const outcome = await handler.handle(
    order,
    orderId,
    { type: 'CreateOrder', order: placed },
    { ...command, correlationId: orderId },
    { assumeNew: true },
  );
  return { orderId, repeated: outcome.outcome === 'decided' && outcome.events.length === 0, outcome };
}

/** A repeated reference is judged by its request alone: that a product has since lost its price does not concern it. */
const exists = async (handler: CommandHandler, orderId: string) => (await handler.load(order, orderId)).revision >= 0;

/** How many products are read at once for one order. */
const inFlight = 16;

/** The products of the lines that leave something to them. A price must be today's; a description may be as old as the cache. */
async function productsOf(handler: CommandHandler, lines: readonly RequestedLine[]): Promise<ReadonlyMap<string, Product>> {
  const needed = new Map<string, 'head' | -1>();
  for (const { sku, description, unitPrice } of lines) {
    if (unitPrice === null) needed.set(sku, 'head');
    else if (description === null && !needed.has(sku)) needed.set(sku, -1);
  }
  const found = await inParallel([...needed], inFlight, async ([sku, atLeast]) => {
    const { state } = await handler.load(product, sku, atLeast);
    return [sku, state] as const;
  });
  return new Map(found);
}

function priced(requested: RequestedLine, line: number, currency: string, products: ReadonlyMap<string, Product>) {
  const { sku, quantity, description, unitPrice } = requested;
  const listed = products.get(sku) ?? product.initialState;
  return {
    line,
    sku,
    quantity,
    description: description ?? listed.description,
    unitPrice: unitPrice ?? listed.prices.get(currency) ?? null,
  };
}
