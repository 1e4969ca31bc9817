import { describe, expect, it } from 'vitest';
import { type ProductEvent, productEvents } from '../../../src/domain/product/product.js';
import { evolveProductView, type ProductView, productView } from '../../../src/projections/products/product-view.js';
import { isAmong } from '../../../src/projections/projection.js';
import { asRecorded, at, idFor, logId } from '../story.js';

const isProductEvent = isAmong<ProductEvent>(productEvents);

const folded = (...events: readonly ProductEvent[]) =>
  productView.strict().parse(
    asRecorded(events.map((event) => ({ stream: 'product-22465', event, correlationId: idFor('request') })))
      .filter(isProductEvent)
      .reduce<ProductView | null>((view, recorded) => evolveProductView(view, recorded, logId), null),
  );

const price = (currency: string, amount: number) => ({ currency, amount });
const listed: ProductEvent = {
  type: 'ProductListed',
  data: { sku: '22465', description: 'Hanging heart', prices: [price('GBP', 165), price('EUR', 190)] },
};

describe('the product that is shown', () => {
  it('has its prices by currency', () =>
    expect(folded(listed)).toEqual({
      sku: '22465',
      description: 'Hanging heart',
      prices: [price('EUR', 190), price('GBP', 165)],
      createdAt: at(0),
      updatedAt: at(0),
      revision: 0,
      position: `${logId}:0`,
    }));

  it('takes a new description and a new price, and loses a price that is taken away', () => {
    const view = folded(
      listed,
      { type: 'ProductDescribed', data: { description: 'Hanging star' } },
      { type: 'ProductPriceChanged', data: price('GBP', 150) },
      { type: 'ProductPriceChanged', data: { currency: 'EUR', amount: null } },
    );
    expect(view).toMatchObject({ description: 'Hanging star', prices: [price('GBP', 150)], createdAt: at(0), updatedAt: at(3) });
  });
});
