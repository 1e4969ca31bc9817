// What the demo sells: the same products whatever the seed, so that demos of several seeds share one shop.

import type { ListedProduct } from '../client/catalogue.js';
import { chanceOf } from './chance.js';
import { productNames } from './names.js';
import { priceAt, productCount } from './shape.js';

export const currency = 'GBP';

/** A product with its price. */
export interface DemoProduct extends ListedProduct {
  readonly unitPrice: number;
}

/** Products of which a handful is left for good: who orders more is short of stock. */
const scarceCount = 10;
const names = productNames(productCount + scarceCount, chanceOf('panglot', 'names'));

/** Spreads the prices evenly over popular and unpopular products: steps of the golden ratio fall between each other for ever. */
const golden = 0.618_033_988_749_894_8;

/** A stride without a common divisor, so that the numbers tell nothing of the rank. */
const skuOf = (rank: number): string => `D${1_000 + ((rank * 389) % productCount)}`;

/** The ordinary products, the most popular one first. */
export const products: readonly DemoProduct[] = names.slice(0, productCount).map((description, rank) => ({
  sku: skuOf(rank),
  description,
  unitPrice: priceAt((rank * golden) % 1),
}));

export const scarceProducts: readonly DemoProduct[] = names.slice(productCount).map((name, index) => ({
  sku: `D90${String(index).padStart(2, '0')}`,
  description: `LAST OF ${name}`,
  unitPrice: priceAt(((index + 1) * golden) % 1),
}));

/** Units of each scarce product on the shelf. */
export const scarceUnits = 3;

/** Every product by its SKU. */
export const productBySku: ReadonlyMap<string, DemoProduct> = new Map(
  [...products, ...scarceProducts].map((product) => [product.sku, product]),
);
