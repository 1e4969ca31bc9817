// Every route of the API, in the order in which they are matched: the busiest first.

import type { Route } from '../route.js';
import { orderRoutes } from './orders.js';
import { paymentRoutes } from './payments.js';
import { productRoutes } from './products.js';
import { stockRoutes } from './stock.js';
import { warehouseRoutes } from './warehouses.js';

export const allRoutes: readonly Route[] = [...orderRoutes, ...stockRoutes, ...paymentRoutes, ...productRoutes, ...warehouseRoutes];
