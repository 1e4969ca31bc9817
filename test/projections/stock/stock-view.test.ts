import { describe, expect, it } from 'vitest';
import { type StockEvent, stockEvents } from '../../../src/domain/stock/stock.js';
import { isAmong } from '../../../src/projections/projection.js';
import { evolveStockView, type StockView, stockView } from '../../../src/projections/stock/stock-view.js';
import { asRecorded, at, type Happening, idFor, logId, orderNamed, received } from '../story.js';

const isStockEvent = isAmong<StockEvent>(stockEvents);

function folded(happenings: readonly Happening[]): StockView {
  const view = asRecorded(happenings)
    .filter(isStockEvent)
    .reduce<StockView | null>((view, recorded) => evolveStockView(view, recorded, logId), null);
  if (view === null) throw new Error('no event of stock');
  return stockView.strict().parse(view);
}

const split = orderNamed({
  name: 'split',
  lines: [{ sku: 'A', quantity: 9, unitPrice: 1 }],
  split: [
    { sku: 'A', warehouse: 'north', quantity: 3 },
    { sku: 'A', warehouse: 'main', quantity: 6 },
  ],
});
const there = [received('A', 10), received('A', 5, 'north')];

describe('the stock that is shown', () => {
  it('is what is there, what is promised, and what is left, over all warehouses and in each', () => {
    expect(folded([...there, ...split.confirmed])).toEqual({
      sku: 'A',
      description: null,
      onHand: 15,
      reserved: 9,
      available: 6,
      level: 'OK',
      thresholds: { low: null, critical: null },
      warehouses: [
        { warehouse: 'main', onHand: 10, reserved: 6, available: 4 },
        { warehouse: 'north', onHand: 5, reserved: 3, available: 2 },
      ],
      updatedAt: at(9),
      revision: 2,
      position: `${logId}:90`,
    });
  });

  it('loses what is shipped both on hand and reserved, so that what is available stays', () => {
    expect(folded([...there, ...split.confirmed, ...split.shipped])).toMatchObject({ onHand: 6, reserved: 0, available: 6 });
  });

  it('counts a correction and a sale at the counter', () => {
    const commandId = idFor('command');
    const adjusted: StockEvent = { type: 'StockAdjusted', data: { commandId, warehouse: 'main', quantity: -3, reason: 'damaged' } };
    const sold: StockEvent = { type: 'ItemSold', data: { commandId, warehouse: 'main', quantity: 2 } };
    const on = (event: StockEvent) => ({ stream: 'stock-A', event, correlationId: commandId });
    expect(folded([...there, on(adjusted), on(sold)])).toMatchObject({ onHand: 10, reserved: 0, available: 10, revision: 3 });
  });

  it('has what comes back resalable on hand again, and nothing of what comes back damaged', () => {
    const back = (condition: 'RESALABLE' | 'DAMAGED', warehouse: string): Happening => ({
      stream: 'stock-A',
      event: {
        type: 'StockReturned',
        data: { commandId: idFor(condition), returnId: idFor('return'), orderId: split.orderId, warehouse, quantity: 2, condition },
      },
      correlationId: split.orderId,
    });
    const gone = [...there, ...split.confirmed, ...split.shipped];
    expect(folded([...gone, back('RESALABLE', 'main')])).toMatchObject({ onHand: 8, reserved: 0, available: 8 });
    expect(folded([...gone, back('DAMAGED', 'main')])).toMatchObject({ onHand: 6, reserved: 0, available: 6 });
    expect(folded([back('DAMAGED', 'south')]).warehouses).toEqual([{ warehouse: 'south', onHand: 0, reserved: 0, available: 0 }]);
  });
});
