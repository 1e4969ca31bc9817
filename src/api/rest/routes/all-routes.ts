// Every route of the API, in the order in which they are matched: the busiest first.

import type { Route } from '../route.js';
import { orderCommands } from './order-commands.js';
import { placeRoute } from './order-placing.js';
import { orderReads } from './orders.js';
import { paymentRoutes } from './payments.js';
import { productRoutes } from './products.js';
import { stockRoutes } from './stock.js';
import { stockMovementsRoute } from './stock-movements.js';
import { warehouseRoutes } from './warehouses.js';

export const allRoutes: readonly Route[] = [
  placeRoute,
  ...orderReads,
  ...orderCommands,
  ...stockRoutes,
  stockMovementsRoute,
  ...paymentRoutes,
  ...productRoutes,
  ...warehouseRoutes,
];
