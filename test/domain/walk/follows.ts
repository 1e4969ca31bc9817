// What the process manager does about an event, with the order in a given state: the commands that its pure half gives, in words.

import type { DomainEvent } from '../../../src/domain/event-catalogue.js';
import { type FulfilmentPolicy, react } from '../../../src/domain/fulfilment/fulfilment.js';
import type { Order } from '../../../src/domain/order/order.js';

const minute = 60_000;
export const policy: FulfilmentPolicy = {
  paymentTimeout: 15 * minute,
  reservationExpiry: 30 * minute,
  shipWithin: 60 * minute,
  deliverWithin: 120 * minute,
  attentionAfter: 60 * minute,
};

const id = '01985c5e-0000-7000-8000-000000000001';
const at = '2026-01-01T00:00:00.000Z';
const metadata = {
  $correlationId: id,
  $causationId: id,
  commandId: id,
  actor: 'process-manager',
  schemaVersion: 1,
  appVersion: '0',
  occurredAt: at,
};
const deriveId = (_: string, purpose: string, attempt: number) => `${purpose}-${attempt}`;

/** Each command as `aggregate: command`. */
export function followsFrom(event: DomainEvent, order: Order): readonly string[] {
  const recorded = { event, id, stream: `order-${id}`, revision: 0, position: 0n, at, metadata };
  return react(recorded, order, policy, deriveId).map(({ to, command }) => `${to}: ${command.type}`);
}
