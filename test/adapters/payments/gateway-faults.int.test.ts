// What the Stripe adapter says when there is no proper answer: whether the request may have been carried out, or was not.

import { createServer, type RequestListener, type Server } from 'node:http';
import { afterEach, describe, expect, it } from 'vitest';
import { createPaymentSimulator } from '../../../src/adapters/payments/simulator/simulator.js';
import { createStripeGateway } from '../../../src/adapters/payments/stripe-gateway.js';
import { AnswerKept } from '../../../src/commands/payment-gateway.js';
import { OutcomeUnknown, Unavailable } from '../../../src/domain/log/errors.js';

const confirmation = { intentId: 'pi_1', idempotencyKey: 'key-1' };
const closers: (() => unknown)[] = [];

afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

async function listening(server: Server): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  return address.port;
}

/** A gateway over a server that answers every request so, and how many requests that has had. */
async function gatewayOver(answer: RequestListener, timeoutMs = 10_000) {
  const seen = { requests: 0 };
  const server = createServer((request, response) => {
    seen.requests += 1;
    request.resume();
    request.on('end', () => answer(request, response));
  });
  const port = await listening(server);
  const gateway = createStripeGateway({ apiKey: 'sk_test_x', apiBase: `http://127.0.0.1:${port}`, timeoutMs });
  closers.push(
    () => new Promise((resolve) => server.close(resolve)),
    () => server.closeAllConnections(),
    () => gateway.close(),
  );
  return { gateway, seen };
}

const answering =
  (status: number, error: object, headers: Record<string, string> = {}): RequestListener =>
  (_request, response) =>
    response.writeHead(status, { 'Content-Type': 'application/json', ...headers }).end(JSON.stringify({ error }));
const replayed = { 'Idempotent-Replayed': 'true' };

describe('a change', () => {
  it('has an unknown outcome when no answer comes in time', async () => {
    const { gateway, seen } = await gatewayOver(() => {}, 50);
    await expect(gateway.confirm(confirmation)).rejects.toMatchObject({
      name: 'OutcomeUnknown',
      message: expect.stringMatching(/confirm pi_1.*no answer within 50 ms/),
    });
    expect(seen.requests).toBe(1);
  });

  it('has an unknown outcome when the answer drips in without an end', async () => {
    const { gateway } = await gatewayOver((_request, response) => {
      response.writeHead(200, { 'Content-Length': '1000' });
      const drip = setInterval(() => response.write(' '), 5);
      response.on('close', () => clearInterval(drip));
    }, 60);
    await expect(gateway.confirm(confirmation)).rejects.toMatchObject({ name: 'OutcomeUnknown' });
  });

  it('has an unknown outcome when the connection breaks, and is not sent again behind the caller’s back', async () => {
    const { gateway, seen } = await gatewayOver((request) => request.socket.resetAndDestroy());
    await expect(gateway.confirm(confirmation)).rejects.toMatchObject({ name: 'OutcomeUnknown' });
    expect(seen.requests).toBe(1);
  });

  it('has an unknown outcome when the connection breaks in the middle of the answer', async () => {
    const { gateway } = await gatewayOver((_request, response) => {
      response.writeHead(200, { 'Content-Length': '1000' });
      response.write('{"id":', () => response.destroy());
    });
    await expect(gateway.confirm(confirmation)).rejects.toMatchObject({ name: 'OutcomeUnknown' });
  });

  it.each([
    [500, { type: 'api_error', message: 'oops' }],
    [503, { type: 'api_error', message: 'maintenance' }],
    [409, { type: 'idempotency_error', code: 'idempotency_key_in_use', message: 'still running' }],
  ])('has an unknown outcome when the gateway answers %i', async (status, error) => {
    const { gateway, seen } = await gatewayOver(answering(status, error));
    await expect(gateway.confirm(confirmation)).rejects.toMatchObject({ name: 'OutcomeUnknown' });
    expect(seen.requests).toBe(1);
  });

  it.each([500, 502, 503])('has an answer that is kept under its key when a %i is marked as replayed', async (status) => {
    const { gateway } = await gatewayOver(answering(status, { type: 'api_error', message: 'oops' }, replayed));
    const error = await gateway.confirm(confirmation).catch((error: unknown) => error);
    expect(error).toBeInstanceOf(AnswerKept);
    expect(error).toBeInstanceOf(OutcomeUnknown);
  });

  it('that another request with its key holds up has an unknown outcome, and no answer is kept yet', async () => {
    const inUse = { type: 'idempotency_error', code: 'idempotency_key_in_use', message: 'still running' };
    const { gateway } = await gatewayOver(answering(409, inUse));
    expect(await gateway.confirm(confirmation).catch((error: unknown) => error)).not.toBeInstanceOf(AnswerKept);
  });

  it('has an unknown outcome when the answer is not JSON', async () => {
    const { gateway } = await gatewayOver((_request, response) => response.writeHead(200).end('<html>'));
    await expect(gateway.confirm(confirmation)).rejects.toMatchObject({ name: 'OutcomeUnknown' });
  });

  it('was not attempted when nobody listens', async () => {
    const server = createServer();
    const port = await listening(server);
    await new Promise((resolve) => server.close(resolve));
    const gateway = createStripeGateway({ apiKey: 'sk_test_x', apiBase: `http://127.0.0.1:${port}` });
    closers.push(() => gateway.close());
    await expect(gateway.confirm(confirmation)).rejects.toMatchObject({
      name: 'Unavailable',
      message: expect.stringMatching(/confirm pi_1/),
    });
  });

  it('was not attempted when there are too many requests', async () => {
    const { gateway } = await gatewayOver(
      answering(429, { type: 'invalid_request_error', code: 'rate_limit', message: 'slow down' }),
    );
    await expect(gateway.confirm(confirmation)).rejects.toMatchObject({ name: 'Unavailable' });
  });

  it('was not attempted when its time passed while it waited for a connection', async () => {
    const seen = new Set<string | undefined>();
    let silent = true;
    const { gateway } = await gatewayOver((request, response) => {
      seen.add(request.url);
      if (!silent) response.writeHead(500).end('{}');
    }, 200);
    const confirm = (n: number) => gateway.confirm({ intentId: `pi_${n}`, idempotencyKey: `key-${n}` });
    const outcomes = await Promise.allSettled(Array.from({ length: 200 }, (_, n) => confirm(n)));
    // Whatever still waits for a connection is ahead of this one.
    silent = false;
    await Promise.allSettled([confirm(200)]);
    const notAttempted = outcomes.flatMap((outcome, n) =>
      outcome.status === 'rejected' && outcome.reason instanceof Unavailable ? [`/v1/payment_intents/pi_${n}/confirm`] : [],
    );
    expect(notAttempted.length).toBeGreaterThan(0);
    expect(notAttempted.filter((url) => seen.has(url))).toEqual([]);
    expect(outcomes.filter((outcome) => outcome.status === 'rejected' && outcome.reason instanceof OutcomeUnknown)).toHaveLength(
      200 - notAttempted.length,
    );
  });

  it('is refused for our credentials’ sake, in the gateway’s words', async () => {
    const simulator = await createPaymentSimulator({ apiKey: 'sk_live_right' });
    const gateway = createStripeGateway({ apiKey: 'sk_live_wrong', apiBase: simulator.url });
    closers.push(
      () => simulator.close(),
      () => gateway.close(),
    );
    await expect(gateway.confirm(confirmation)).rejects.toMatchObject({
      name: 'GatewayRefused',
      blame: 'credentials',
      message: expect.stringMatching(/Invalid API key/),
    });
  });

  it('has an unknown outcome when it is refused for the intent’s state, and that cannot be looked up', async () => {
    const refusal = { type: 'invalid_request_error', code: 'payment_intent_unexpected_state', message: 'no' };
    const { gateway } = await gatewayOver((request, response) =>
      request.method === 'POST' ? answering(400, refusal)(request, response) : request.socket.resetAndDestroy(),
    );
    await expect(gateway.confirm(confirmation)).rejects.toMatchObject({ name: 'OutcomeUnknown' });
  });
});

describe('a read', () => {
  it('is unavailable when no answer comes in time: nothing is at stake', async () => {
    const { gateway } = await gatewayOver(() => {}, 50);
    await expect(gateway.retrieve('pi_1')).rejects.toMatchObject({ name: 'Unavailable' });
    await expect(gateway.findRefund({ intentId: 'pi_1', refundId: 'r1' })).rejects.toMatchObject({ name: 'Unavailable' });
  });

  it('is unavailable when the gateway errs, whatever it says of replays: a read has no key', async () => {
    const { gateway } = await gatewayOver(answering(500, { type: 'api_error', message: 'oops' }, replayed));
    await expect(gateway.retrieve('pi_1')).rejects.toMatchObject({ name: 'Unavailable' });
  });
});
