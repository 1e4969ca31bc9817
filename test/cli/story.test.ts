// The story of an order, told from its events: what is one line, what is marked, what is painted.

import { describe, expect, it } from 'vitest';
import type { ShownEvent, ShownOrder } from '../../src/cli/order/read.js';
import { storyOf } from '../../src/cli/order/story.js';
import { storyText } from '../../src/cli/order/story-text.js';

let next = 0;
const event = (type: string, stream: string, ms: number, causationId: string, data: Record<string, unknown> = {}): ShownEvent => ({
  id: `event-${++next}`,
  at: new Date(Date.UTC(2030, 0, 1) + ms).toISOString(),
  stream,
  type,
  causationId,
  actor: 'anonymous',
  data,
});

const created = event('OrderCreated', 'order-1', 0, 'a-command', { total: 1980, lines: [{ quantity: 12 }] });
const requested = event('InventoryReservationRequested', 'reservation-1', 100, created.id, { items: [{ quantity: 12 }] });
const reserved = (sku: string, ms: number) =>
  event('StockReserved', `stock-${sku}`, ms, requested.id, { portions: [{ quantity: 2 }] });
const failed = event('InventoryReservationFailed', 'reservation-1', 160, requested.id, {
  shortages: [{ sku: 'F', requested: 9, available: 3 }],
});
const events = [created, requested, ...['A', 'B', 'C', 'D', 'E'].map((sku, index) => reserved(sku, 110 + index * 10)), failed];

const order: ShownOrder = {
  id: '1',
  reference: null,
  customerId: 'c1',
  status: 'CANCELLED',
  cancelling: false,
  currency: 'GBP',
  total: 1980,
  lines: [{ sku: 'A', quantity: 12 }],
  cancellation: { reason: 'INSUFFICIENT_STOCK' },
  attention: { code: 'payment-unresolved', detail: 'nobody knows' },
  placedAt: '2030-01-01T00:00:00.000Z',
  position: 'abcd:1',
};

describe('the story of an order', () => {
  it('tells what happened to many SKUs because of one event in one row, which took until the last of them', () => {
    const row = storyOf(events, 'GBP').find(({ type }) => type === 'StockReserved');
    expect(row).toMatchObject({ events: 5, cause: 2, tookMs: 50, afterMs: 110, detail: 'A 2, B 2, C 2, and 2 more' });
  });
  it('names who asked where no event did', () =>
    expect(storyOf(events, 'GBP')[0]).toMatchObject({ cause: 'anonymous', tookMs: null, detail: '1 line, 12 units, GBP 19.80' }));
  it('marks what failed, and says what was short', () =>
    expect(storyOf(events, 'GBP').at(-1)).toMatchObject({ mark: 'failed', detail: 'F: 9 wanted, 3 there' }));
  it('takes no time below zero where the clocks of two processes differ', () => {
    const early = event('PaymentRequested', 'payment-1', -5, created.id);
    expect(storyOf([created, early], 'GBP')[1]).toMatchObject({ tookMs: 0, afterMs: 0 });
  });
  it('shows money in the digits of its currency', () =>
    expect(storyOf([created], 'JPY')[0]?.detail).toBe('1 line, 12 units, JPY 1,980'));
});

describe('the story as text', () => {
  it('says what waits for a person', () =>
    expect(storyText(order, storyOf(events, 'GBP'), { colours: false })).toContain(
      'It waits for a person: payment-unresolved: nobody knows',
    ));
  it('is the same with colours and without, but for the colours', () => {
    const rows = storyOf(events, 'GBP');
    const painted = storyText(order, rows, { colours: true });
    const escapes = new RegExp(`${String.fromCharCode(27)}\\[\\d+m`, 'g');
    expect(painted.replaceAll(escapes, '')).toBe(storyText(order, rows, { colours: false }));
    expect(painted).toMatch(escapes);
  });
});
