// A simulator of a test's own, and everybody who deals with it: the platform's gateway, the plain `stripe` client, the customer, the
// bank, the auditor. It ends with the test.

import Stripe from 'stripe';
import { onTestFinished } from 'vitest';
import { createPaymentSimulator, type SimulatorOptions } from '../../../src/adapters/payments/simulator/simulator.js';
import { createStripeGateway } from '../../../src/adapters/payments/stripe-gateway.js';
import type { CreateIntent } from '../../../src/commands/payment-gateway.js';

export const amount = 1980;
export const currency = 'GBP';

/** One line of the simulator's ledger, as far as tests look. */
export interface LedgerLine {
  readonly intentId: string;
  readonly status: string;
  readonly charged: boolean;
  readonly captured: number;
  readonly refunded: number;
  readonly refunds: readonly { readonly id: string; readonly status: string }[];
}

/** Starts a simulator; call it within a test. */
export async function simulated(options: SimulatorOptions = {}) {
  const simulator = await createPaymentSimulator(options);
  const gateway = createStripeGateway({ apiKey: 'sk_test_x', apiBase: simulator.url, name: 'simulator' });
  const { port } = simulator;
  const stripe = new Stripe('sk_test_x', { host: '127.0.0.1', port, protocol: 'http', maxNetworkRetries: 0, telemetry: false });
  let closed = false;
  const close = async () => {
    if (closed) return;
    closed = true;
    gateway.close();
    await simulator.close();
  };
  onTestFinished(close);

  const creation = (method: string, id = 'p-1'): CreateIntent => {
    return { paymentId: id, orderId: 'o-1', amount, currency, method, idempotencyKey: `${id}:create:1` };
  };
  const press = async (path: string, outcome: string) => {
    const response = await fetch(`${simulator.url}${path}`, { method: 'POST', body: new URLSearchParams({ outcome }) });
    return { status: response.status, body: JSON.parse(await response.text()) };
  };
  const summary = async () => JSON.parse(await (await fetch(`${simulator.url}/ledger/summary`)).text()).currencies[currency];
  const ledger = async (): Promise<LedgerLine[]> => {
    const text = await (await fetch(`${simulator.url}/ledger`)).text();
    return text === ''
      ? []
      : text
          .trimEnd()
          .split('\n')
          .map((line) => JSON.parse(line));
  };

  const authorized = async (method: string) => {
    const { intentId } = await gateway.create(creation(method));
    return gateway.confirm({ intentId, idempotencyKey: 'confirm' });
  };
  const captured = async (method: string) => {
    const { intentId } = await authorized(method);
    return gateway.capture({ intentId, amount, currency, idempotencyKey: 'capture' });
  };

  return {
    simulator,
    gateway,
    stripe,
    close,
    creation,
    summary,
    ledger,
    create: (method: string, id?: string) => gateway.create(creation(method, id)),
    /** What the customer did, and what the bank did with a refund. */
    authenticate: (intentId: string, outcome: string) => press(`/simulator/payment_intents/${intentId}/authenticate`, outcome),
    settle: (refund: string | null, outcome: string) => press(`/simulator/refunds/${refund}/settle`, outcome),
    authorized,
    captured,
  };
}
