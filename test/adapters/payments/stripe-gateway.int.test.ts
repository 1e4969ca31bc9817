// The Stripe adapter: the gateway's promises, through the official client and over the wire.

import { afterAll, beforeAll, describe } from 'vitest';
import { createPaymentSimulator, type PaymentSimulator } from '../../../src/adapters/payments/simulator/simulator.js';
import { createStripeGateway } from '../../../src/adapters/payments/stripe-gateway.js';
import { describeGateway } from './gateway-contract.js';

describe('the simulator', () => {
  let simulator: PaymentSimulator;
  let gateway: ReturnType<typeof createStripeGateway>;
  beforeAll(async () => {
    simulator = await createPaymentSimulator();
    gateway = createStripeGateway({ apiKey: 'sk_test_anything', apiBase: simulator.url, name: 'simulator' });
  });
  afterAll(async () => {
    gateway.close();
    await simulator.close();
  });
  describeGateway(() => gateway);
});

const apiKey = process.env.STRIPE_API_KEY ?? '';
describe.runIf(apiKey.startsWith('sk_test_'))('Stripe in test mode', () => {
  let gateway: ReturnType<typeof createStripeGateway>;
  beforeAll(() => {
    gateway = createStripeGateway({ apiKey });
  });
  afterAll(() => gateway.close());
  describeGateway(() => gateway);
});
