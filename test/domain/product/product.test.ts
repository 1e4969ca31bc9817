import { describe, it } from 'vitest';
import { type ProductCommand, type ProductEvent, product } from '../../../src/domain/product/product.js';
import { given } from '../given-when-then.js';

const gbp = (amount: number) => ({ currency: 'GBP', amount });
const eur = (amount: number) => ({ currency: 'EUR', amount });
const put = (description: string, ...prices: { currency: string; amount: number }[]): ProductCommand => ({
  type: 'PutProduct',
  sku: '22465',
  description,
  prices,
});
const listed: ProductEvent = { type: 'ProductListed', data: { sku: '22465', description: 'Lantern', prices: [gbp(165)] } };

describe('a product', () => {
  it('is listed', () =>
    given(product)
      .when(put('Lantern', gbp(165)))
      .thenEvents(listed));
  it('put again as it is adds nothing', () =>
    given(product, [listed])
      .when(put('Lantern', gbp(165)))
      .thenNothing());
  it('put otherwise says only what changed', () =>
    given(product, [listed])
      .when(put('Star lantern', gbp(175), eur(200)))
      .thenEvents(
        { type: 'ProductDescribed', data: { description: 'Star lantern' } },
        { type: 'ProductPriceChanged', data: gbp(175) },
        { type: 'ProductPriceChanged', data: eur(200) },
      ));
  it('loses a price that is no longer named', () =>
    given(product, [listed])
      .when(put('Lantern'))
      .thenEvents({ type: 'ProductPriceChanged', data: { currency: 'GBP', amount: null } }));
});
