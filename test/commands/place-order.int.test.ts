import { v7 as uuid7 } from 'uuid';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createCommandHandler } from '../../src/commands/command-handler.js';
import { type OrderRequest, placeOrder } from '../../src/commands/place-order.js';
import { product } from '../../src/domain/product/product.js';
import { freshEventStore, type TestEventStore } from '../support/event-store.js';

let store: TestEventStore;
beforeAll(async () => {
  store = await freshEventStore();
});
afterAll(() => store.close());

const context = (principal = 'anonymous') => ({
  ...{ commandId: uuid7(), orderId: uuid7(), actor: principal, principal, at: '2026-01-01T00:00:00.000Z' },
});
const freshSku = () => `SKU-${uuid7().slice(24).toUpperCase()}`;
const request = (over: Partial<OrderRequest> = {}): OrderRequest => ({
  reference: null,
  customerId: 'c',
  currency: 'GBP',
  placedAt: null,
  paymentMethod: 'pm_card_visa',
  lines: [{ sku: 'A', description: 'Lantern', quantity: 2, unitPrice: 100 }],
  ...over,
});
const line = (sku: string, unitPrice: number | null = null) => ({ sku, description: null, quantity: 1, unitPrice });

async function list(
  handler: ReturnType<typeof createCommandHandler>,
  sku: string,
  ...prices: { currency: string; amount: number }[]
) {
  const commandId = uuid7();
  const command = { type: 'PutProduct', sku, description: 'Star', prices } as const;
  await handler.handle(product, sku, command, { commandId, correlationId: commandId, actor: 'test', at: context().at });
}

describe('placing an order', () => {
  it('takes price and description from the product where the caller gives none', async () => {
    const handler = createCommandHandler(store);
    const sku = freshSku();
    await list(handler, sku, { currency: 'GBP', amount: 165 }, { currency: 'EUR', amount: 190 });
    const { outcome } = await placeOrder(handler, request({ lines: [line(sku), line(sku, 7)] }), context());
    expect(outcome).toMatchObject({
      outcome: 'decided',
      events: [
        {
          data: {
            total: 172,
            lines: [
              { description: 'Star', unitPrice: 165 },
              { description: 'Star', unitPrice: 7 },
            ],
          },
        },
      ],
    });
  });

  it("takes today's price, also when another process changed it", async () => {
    const [ours, theirs] = [createCommandHandler(store), createCommandHandler(store)];
    const sku = freshSku();
    await list(ours, sku, { currency: 'GBP', amount: 165 });
    await list(theirs, sku, { currency: 'GBP', amount: 175 });
    const { outcome } = await placeOrder(ours, request({ lines: [line(sku)] }), context());
    expect(outcome).toMatchObject({ events: [{ data: { total: 175 } }] });
  });

  it('names the lines without a price', async () => {
    const handler = createCommandHandler(store);
    const sku = freshSku();
    await list(handler, sku, { currency: 'EUR', amount: 190 });
    const { outcome } = await placeOrder(handler, request({ lines: [line(sku, 1), line(sku), line(freshSku())] }), context());
    expect(outcome).toMatchObject({ outcome: 'refused', refusal: { code: 'price-unknown', lines: [1, 2], currency: 'GBP' } });
  });

  it('refuses a currency that does not exist', async () => {
    const { outcome } = await placeOrder(createCommandHandler(store), request({ currency: 'XYQ' }), context());
    expect(outcome).toMatchObject({ outcome: 'refused', refusal: { code: 'currency-unknown', currency: 'XYQ' } });
  });

  it('knows a repeated reference in another process, also when the product has lost its price since', async () => {
    const handler = createCommandHandler(store);
    const sku = freshSku();
    await list(handler, sku, { currency: 'GBP', amount: 165 });
    const wanted = request({ reference: uuid7(), lines: [line(sku)] });
    const first = await placeOrder(handler, wanted, context());
    await list(handler, sku);
    const again = await placeOrder(createCommandHandler(store), wanted, context());
    expect([first.repeated, again.repeated, again.orderId]).toEqual([false, true, first.orderId]);
    const other = await placeOrder(createCommandHandler(store), { ...wanted, customerId: 'd' }, context());
    expect(other.outcome).toMatchObject({ outcome: 'refused', refusal: { code: 'reference-taken' } });
  });

  it('keeps the references of principals apart, however they are spelt', async () => {
    const handler = createCommandHandler(store);
    const orders = await Promise.all([
      placeOrder(handler, request({ reference: 'b/c' }), context('a')),
      placeOrder(handler, request({ reference: 'c' }), context('a/b')),
      placeOrder(handler, request({ reference: 'c' }), context('a')),
    ]);
    expect(new Set(orders.map(({ orderId }) => orderId)).size).toBe(3);
    expect(orders.map(({ repeated }) => repeated)).toEqual([false, false, false]);
  });
});
