// What happens to orders, told as events: to be folded in memory, or appended to a store.

import { v5 as uuid5 } from 'uuid';
import type { DomainEvent } from '../../src/domain/event-catalogue.js';
import { encode } from '../../src/domain/log/codec.js';
import type { EventStore } from '../../src/domain/log/event-store.js';
import type { Recorded } from '../../src/domain/log/recorded.js';
import type { OrderEvent } from '../../src/domain/order/order-events.js';

export const logId = 'k3f9ab';
const namespace = '6f0d1a52-8c0e-4f5a-9b57-0d1c2e3f4a5b';
/** The same name gives the same id. */
export const idFor = (name: string): string => uuid5(name, namespace);

/** An event that happens in a stream, for an order or for a request. */
export interface Happening {
  readonly stream: string;
  readonly event: DomainEvent;
  readonly correlationId: string;
}

export interface OrderSketch {
  readonly name: string;
  readonly reference?: string | null;
  readonly customerId?: string;
  readonly lines?: readonly { sku: string; quantity: number; unitPrice: number }[];
  readonly split?: readonly { sku: string; warehouse: string; quantity: number }[];
}

const deadline = '2026-02-01T00:00:00.000Z';

/** The streams of one order, and what can happen in them, in the order in which it happens. */
export function orderNamed(sketch: OrderSketch) {
  const orderId = idFor(`order ${sketch.name}`);
  const paymentId = idFor(`payment ${sketch.name}`);
  const lines = (sketch.lines ?? [{ sku: '22465', quantity: 12, unitPrice: 165 }]).map((line, index) => ({
    line: index + 1,
    description: `the ${line.sku}`,
    ...line,
  }));
  const total = lines.reduce((sum, line) => sum + line.quantity * line.unitPrice, 0);
  const allocations = [...(sketch.split ?? lines.map(({ sku, quantity }) => ({ sku, warehouse: 'main', quantity })))];
  const skus = [...new Set(lines.map(({ sku }) => sku))].sort();
  const on = (stream: string, event: DomainEvent): Happening => ({ stream, event, correlationId: orderId });
  const order = (event: OrderEvent) => on(`order-${orderId}`, event);
  const payment = (event: DomainEvent) => on(`payment-${paymentId}`, event);
  const reservation = (event: DomainEvent) => on(`reservation-${orderId}`, event);
  const claim = { orderId, requestedAt: '1' };
  const stock = (type: 'StockReserved' | 'StockReleased' | 'StockShipped') =>
    skus.map((sku) => {
      const portions = allocations.filter((part) => part.sku === sku).map(({ warehouse, quantity }) => ({ warehouse, quantity }));
      return on(`stock-${sku}`, { type, data: { ...claim, portions } });
    });
  const { reference = null, customerId = 'c-1' } = sketch;

  const created = [
    order({
      type: 'OrderCreated',
      data: {
        orderId,
        principal: 'anonymous',
        reference,
        requestHash: 'hash',
        customerId,
        currency: 'GBP',
        total,
        placedAt: '2010-12-01T08:26:00Z',
        paymentMethod: 'pm_card_visa',
        lines,
      },
    }),
  ];
  const requested = [
    order({ type: 'OrderPaymentRequested', data: { paymentId, amount: total, currency: 'GBP', timeoutAt: deadline } }),
    payment({
      type: 'PaymentRequested',
      data: { paymentId, orderId, amount: total, currency: 'GBP', method: 'pm_card_visa', attempt: 1 },
    }),
    payment({ type: 'GatewayPaymentCreated', data: { gateway: 'simulator', intentId: `pi_${sketch.name}` } }),
  ];
  const authorized = [
    payment({ type: 'PaymentAuthorized', data: { amount: total, captureBefore: null } }),
    order({ type: 'OrderPaymentAuthorized', data: { paymentId, captureBefore: null } }),
    reservation({ type: 'InventoryReservationRequested', data: { orderId, items: skus.map((sku) => ({ sku, quantity: 1 })) } }),
  ];
  const reserved = [
    ...stock('StockReserved'),
    reservation({ type: 'InventoryReserved', data: { allocations } }),
    order({ type: 'OrderInventoryReserved', data: { allocations, expiresAt: deadline } }),
  ];
  const released = stock('StockReleased');
  const captured = [
    payment({ type: 'PaymentCaptureRequested', data: { amount: total, attempt: 1 } }),
    payment({ type: 'PaymentCaptured', data: { amount: total } }),
    order({ type: 'OrderPaymentCaptured', data: { paymentId, amount: total } }),
    order({ type: 'OrderConfirmed', data: { shipBy: deadline } }),
  ];
  const shipped = [
    order({ type: 'OrderShipped', data: { carrier: 'DHL', trackingNumber: 'T-1', deliverBy: deadline } }),
    ...stock('StockShipped'),
    reservation({ type: 'InventoryShipped', data: {} }),
  ];
  const delivered = [order({ type: 'OrderDelivered', data: {} })];
  const declined = [
    payment({ type: 'PaymentFailed', data: { code: 'card_declined', message: 'The card was declined.' } }),
    order({ type: 'OrderPaymentFailed', data: { paymentId, code: 'card_declined', message: 'The card was declined.' } }),
    order({ type: 'OrderCancelled', data: { by: 'system', reason: 'PAYMENT_DECLINED', note: null, shortages: [] } }),
  ];
  const shortages = [{ sku: skus[0] ?? 'NONE', requested: 12, available: 3 }];
  const lack = { by: 'system' as const, reason: 'INSUFFICIENT_STOCK' as const, note: null, shortages };
  const short = [
    reservation({ type: 'InventoryReservationFailed', data: { shortages } }),
    order({ type: 'OrderCancellationRequested', data: { ...lack, attentionAt: deadline } }),
    payment({ type: 'PaymentVoidRequested', data: { attempt: 1 } }),
    payment({ type: 'PaymentVoided', data: { neverRequested: false, expired: false } }),
    order({ type: 'OrderPaymentVoided', data: { paymentId, expired: false } }),
    reservation({ type: 'InventoryReleaseRequested', data: {} }),
    on(`stock-${skus[0]}`, { type: 'StockReleased', data: { ...claim, portions: [] } }),
    reservation({ type: 'InventoryReleased', data: {} }),
    order({ type: 'OrderCancelled', data: lack }),
  ];
  return {
    orderId,
    paymentId,
    total,
    order,
    payment,
    created,
    requested,
    authorized,
    reserved,
    /** What was reserved is free again; of the order itself nothing is told. */
    released,
    captured,
    shipped,
    delivered,
    declined,
    short,
    /** From CREATED to CONFIRMED: 14 events for an order of one line. */
    confirmed: [...created, ...requested, ...authorized, ...reserved, ...captured],
  };
}

/** Goods that come in, which belongs to no order. */
export const received = (sku: string, quantity: number, warehouse = 'main'): Happening => ({
  stream: `stock-${sku}`,
  event: {
    type: 'StockReceived',
    data: { commandId: idFor(`receipt ${sku} ${warehouse} ${quantity}`), warehouse, quantity, unitCost: null, currency: null },
  },
  correlationId: idFor(`receipt ${sku}`),
});

/** When the n-th event of a log happened. */
export const at = (n: number): string => new Date(Date.UTC(2026, 0, 1) + n * 1000).toISOString();

const metadataOf = ({ correlationId }: Happening, n: number) => ({
  $correlationId: correlationId,
  $causationId: idFor(`cause ${n}`),
  commandId: idFor(`command ${n}`),
  actor: 'test',
  appVersion: '0.0.0',
  occurredAt: at(n),
});

/** The happenings as a reader of a log that begins with them sees them; positions are 10 apart. */
export function asRecorded(happenings: readonly Happening[]): Recorded<DomainEvent>[] {
  const revisions = new Map<string, number>();
  return happenings.map((happening, n) => {
    const { stream, event } = happening;
    const revision = revisions.get(stream) ?? 0;
    revisions.set(stream, revision + 1);
    const metadata = { ...metadataOf(happening, n), schemaVersion: 1 };
    return {
      event,
      id: idFor(`event ${n} ${stream}@${revision}`),
      stream,
      revision,
      position: BigInt(n * 10),
      at: at(n),
      metadata,
    };
  });
}

/** Appends happenings to a store, one after another; remembers the revisions, so that it can be called again. */
export function appender(store: EventStore) {
  const revisions = new Map<string, number>();
  let n = 0;
  /** Answers the position of the last one. */
  return async (happenings: readonly Happening[]): Promise<bigint> => {
    let last = -1n;
    for (const happening of happenings) {
      const { stream, event } = happening;
      const revision = revisions.get(stream);
      const encoded = encode(event, idFor(`event ${n} ${stream}`), metadataOf(happening, n));
      const result = await store.append(stream, [encoded], revision ?? 'no-stream');
      if (result.outcome !== 'appended') throw new Error(`${stream} is at ${result.actual}`);
      revisions.set(stream, result.revision);
      last = result.position;
      n += 1;
    }
    return last;
  };
}
