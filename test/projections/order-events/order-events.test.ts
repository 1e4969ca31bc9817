import { describe, expect, it } from 'vitest';
import type { StockEvent } from '../../../src/domain/stock/stock-events.js';
import { orderEvents } from '../../../src/projections/order-events/order-events.js';
import { asRecorded, type Happening, idFor, orderNamed, received } from '../story.js';

const one = orderNamed({ name: 'one', lines: [{ sku: 'A', quantity: 2, unitPrice: 1 }] });
const movement = { commandId: idFor('command'), warehouse: 'main', quantity: 1 };
const inStock = (event: StockEvent): Happening => ({ stream: 'stock-A', event, correlationId: one.orderId });
const shown = (happenings: readonly Happening[]) => asRecorded(happenings).flatMap((recorded) => orderEvents.project(recorded));

describe('the story of an order', () => {
  it('has what was reserved, freed, shipped and returned of the stock', () => {
    const returned: StockEvent = {
      type: 'StockReturned',
      data: { ...movement, returnId: idFor('return'), orderId: one.orderId, condition: 'DAMAGED' },
    };
    const stock = [...one.reserved, ...one.released, ...one.shipped, inStock(returned)].filter(
      ({ stream }) => stream === 'stock-A',
    );
    expect(stock).toHaveLength(4);
    expect(shown(stock)).toHaveLength(4);
  });

  it('has no receipt, no correction and no sale at the counter', () => {
    const adjusted: StockEvent = { type: 'StockAdjusted', data: { ...movement, reason: 'stock-take' } };
    const sold: StockEvent = { type: 'ItemSold', data: movement };
    expect(shown([received('A', 5), inStock(adjusted), inStock(sold)])).toEqual([]);
  });
});
