// Every read model of the platform, in one list: what the projector runs and what the migrations of the database are taken from.

import { orderEvents } from './order-events/order-events.js';
import { orders } from './orders/orders.js';
import { payments } from './payments/payments.js';
import { products } from './products/products.js';
import type { Migration, Projection } from './projection.js';
import { stock } from './stock/stock.js';
import { stockClaims } from './stock-claims/stock-claims.js';
import { stockMovements } from './stock-movements/stock-movements.js';
import { warehouses } from './warehouses/warehouses.js';

export const readModels: readonly Projection[] = [
  orders,
  orderEvents,
  payments,
  stock,
  stockMovements,
  stockClaims,
  products,
  warehouses,
];

/** Their tables. */
export const readModelMigrations: readonly Migration[] = readModels.flatMap(({ migrations }) => migrations);
