// What can be done here, by name: the words of the access policy. In open mode everybody may do everything.

export const operations = [
  'orders.place',
  'orders.read',
  'orders.cancel',
  'orders.ship',
  'orders.deliver',
  'orders.return',
  'orders.clear-attention',
  'orders.read-events',
  'payments.read',
  'stock.read',
  'stock.receive',
  'stock.adjust',
  'stock.sell',
  'products.read',
  'products.put',
  'warehouses.read',
  'warehouses.put',
  'api.describe',
] as const;

export type Operation = (typeof operations)[number];

/** Who asks while access is open. */
export const anonymous = 'anonymous';
