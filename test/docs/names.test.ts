// What the pages name is there: files, and other pages; and every word of the domain is in the glossary.

import { existsSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { eventTypes } from '../../src/domain/event-catalogue.js';
import type { OrderStatus } from '../../src/domain/order/order.js';
import { cancellationReason, returnCondition } from '../../src/domain/order/order-events.js';
import type { ReservationStatus } from '../../src/domain/reservation/reservation.js';
import { fulfilmentStep } from '../../src/projections/order-events/fulfilment-steps.js';
import { eventView } from '../../src/projections/order-events/order-event-view.js';
import { returnView } from '../../src/projections/order-events/return-view.js';
import { orderStatus, orderView } from '../../src/projections/orders/order-view.js';
import { paymentStatus, paymentView } from '../../src/projections/payments/payment-view.js';
import { productView } from '../../src/projections/products/product-view.js';
import { stockView } from '../../src/projections/stock/stock-view.js';
import { movementType, movementView } from '../../src/projections/stock-movements/stock-movement-view.js';
import { warehouseView } from '../../src/projections/warehouses/warehouse-view.js';
import { pages, root, textOf } from './pages.js';

const namedIn = (page: string) =>
  [...textOf(page).matchAll(/`((?:src|test|bin|bench|scripts|docs)\/[\w./-]+)`/g)].map((match) => match[1] ?? '');
const linkedFrom = (page: string) =>
  [...textOf(page).matchAll(/\]\((?!https?:|#)([^)#]+)[^)]*\)/g)].map((match) => normalize(join(dirname(page), match[1] ?? '')));

describe.each(pages)('%s', (page) => {
  it('names files that exist', () => expect(namedIn(page).filter((path) => !existsSync(join(root, path)))).toEqual([]));
  it('links to pages that exist', () => expect(linkedFrom(page).filter((path) => !existsSync(join(root, path)))).toEqual([]));
});

describe('docs/architecture.md', () => {
  it('names the files on the way of an order', () => expect(new Set(namedIn('docs/architecture.md')).size).toBeGreaterThan(40));
  it('names every room', () => {
    for (const room of ['domain', 'commands', 'projections', 'api', 'adapters', 'cli'])
      expect(textOf('docs/architecture.md')).toContain(`src/${room}`);
  });
});

/** A type has no list at run time; this one does not compile unless it is complete. */
const reservationStatuses: Record<Exclude<ReservationStatus, 'NONE'>, true> = {
  REQUESTED: true,
  RESERVED: true,
  FAILED: true,
  RELEASING: true,
  RELEASED: true,
  ABANDONED: true,
  SHIPPED: true,
};

/** The names of a shape's members, however deep. */
function membersOf(shape: z.core.$ZodType): readonly string[] {
  if (shape instanceof z.ZodObject) return Object.entries(shape.shape).flatMap(([name, member]) => [name, ...membersOf(member)]);
  if (shape instanceof z.ZodArray) return membersOf(shape.element);
  if (shape instanceof z.ZodNullable || shape instanceof z.ZodOptional) return membersOf(shape.unwrap());
  return [];
}
const views = {
  orderView,
  paymentView,
  stockView,
  movementView,
  productView,
  warehouseView,
  eventView,
  fulfilmentStep,
  returnView,
};

describe('docs/glossary.md', () => {
  const words = new Set(textOf('docs/glossary.md').match(/\w+/g));
  const entries = new Set([...textOf('docs/glossary.md').matchAll(/^\| (\w+) \| /gm)].map((match) => match[1] ?? ''));

  it.each([
    ['order', orderStatus.options satisfies readonly OrderStatus[]],
    ['payment', paymentStatus.options],
    ['reservation', Object.keys(reservationStatuses)],
  ])('explains every status of the %s', (_, statuses) => expect(statuses.filter((status) => !entries.has(status))).toEqual([]));
  it('explains every event type', () =>
    expect([...eventTypes.keys()].filter((type) => !entries.has(type) && type !== 'LogIdentified')).toEqual([]));
  it('has every other word of the API', () => {
    const others = [
      ...cancellationReason.options,
      ...returnCondition.options,
      ...paymentView.shape.refunds.element.shape.status.options,
      ...stockView.shape.level.options,
      ...fulfilmentStep.shape.step.options,
      ...movementType.options,
      'LogIdentified',
    ];
    expect(others.filter((word) => !words.has(word))).toEqual([]);
  });
  it.each(Object.entries(views))('has every member of the %s', (_, view) =>
    expect([...new Set(membersOf(view))].filter((member) => !words.has(member))).toEqual([]),
  );
  it('explains no event that there is not', () =>
    expect([...entries].filter((word) => /^[A-Z][a-z]+[A-Z]/.test(word) && !eventTypes.has(word))).toEqual([]));
  it('says what the words of others are here', () => {
    for (const [theirs, ours] of [
      ['PENDING', 'CREATED'],
      ['FAILED', 'CANCELLED'],
      ['PAID', 'PAYMENT_CAPTURED'],
    ] as const)
      expect(textOf('docs/glossary.md')).toMatch(new RegExp(`^\\| [^|]*\\b${theirs}\\b[^|]*\\| [^|]*\\b${ours}\\b`, 'm'));
  });
});
