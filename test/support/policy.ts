import type { FulfilmentPolicy } from '../../src/domain/fulfilment/fulfilment.js';

/** The platform's own times, in milliseconds. */
export const policy: FulfilmentPolicy = {
  paymentTimeout: 900_000,
  reservationExpiry: 1_800_000,
  shipWithin: 259_200_000,
  deliverWithin: 2_592_000_000,
  attentionAfter: 3_600_000,
};
