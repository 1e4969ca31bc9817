// A small HTTP server that keeps the contract of the REST API for receipts, products, orders and payments, in memory, and misbehaves
// on demand. It counts effects, not requests: what the importer's promises are about.

import { createHash } from 'node:crypto';
import http from 'node:http';
import { z } from 'zod';

const receipt = z.strictObject({ warehouse: z.literal('main'), quantity: z.int().positive(), commandId: z.uuid() });
const product = z.strictObject({
  description: z.string().min(1),
  prices: z.array(z.strictObject({ currency: z.literal('GBP'), amount: z.int().nonnegative() })),
});
const placement = z.strictObject({
  reference: z.string(),
  customerId: z.string(),
  currency: z.literal('GBP'),
  placedAt: z.iso.datetime(),
  lines: z
    .array(
      z.strictObject({
        sku: z.string().regex(/^[A-Z0-9][A-Z0-9 ._-]{0,31}$/),
        description: z.string().min(1).optional(),
        quantity: z.int().positive(),
        unitPrice: z.int().nonnegative(),
      }),
    )
    .min(1),
  payment: z.strictObject({ method: z.literal('pm_card_visa') }),
});

interface PlacedOrder {
  readonly id: string;
  readonly hash: string;
  readonly request: z.infer<typeof placement>;
  readonly total: number;
  looks: number;
  status: string;
}

/** What to do instead of answering; `lose-reply` does the work first. */
export type Fault = 'drop' | 'lose-reply' | { status: number; headers?: Record<string, string>; body?: unknown };

export interface Misbehaviour {
  /** Asked before each request with how often this very request had come before. */
  readonly fault?: (request: { method: string; path: string; body: string }, before: number) => Fault | undefined;
  /** Reads after which an order is settled; `Infinity`: never. */
  readonly looksUntilSettled?: number;
  /** What is captured for an order. */
  readonly captured?: (total: number, reference: string) => number;
}

const problem = (status: number, code: string, detail: string) => ({ status, body: { code, detail, status } });

export async function startStandInPlatform() {
  const orders = new Map<string, PlacedOrder>();
  const byId = new Map<string, PlacedOrder>();
  const receipts = new Map<string, string>();
  const stock = new Map<string, number>();
  const products = new Map<string, z.infer<typeof product>>();
  const seen = new Map<string, number>();
  const connections = new Set<unknown>();
  let misbehaviour: Misbehaviour = {};
  let openRequests = 0;
  let mostOpenRequests = 0;

  function settle(order: PlacedOrder): void {
    const needs = new Map<string, number>();
    for (const { sku, quantity } of order.request.lines) needs.set(sku, (needs.get(sku) ?? 0) + quantity);
    const short = [...needs].some(([sku, quantity]) => (stock.get(sku) ?? 0) < quantity);
    if (!short) for (const [sku, quantity] of needs) stock.set(sku, (stock.get(sku) ?? 0) - quantity);
    order.status = short ? 'CANCELLED' : 'CONFIRMED';
  }

  const view = ({ id, status, total }: PlacedOrder) => ({
    id,
    status,
    cancelling: false,
    total,
    paymentId: `pay-${id}`,
    cancellation: status === 'CANCELLED' ? { reason: 'INSUFFICIENT_STOCK' } : null,
    timeline: [
      { status: 'CREATED', at: '2030-01-01T00:00:00.000Z' },
      ...(status === 'CREATED' ? [] : [{ status, at: '2030-01-01T00:00:02.000Z' }]),
    ],
    createdAt: '2030-01-01T00:00:00.000Z',
    position: 'k3f9:7',
    lines: [],
  });

  function place(body: unknown) {
    const request = placement.parse(body);
    const hash = createHash('sha256').update(JSON.stringify(request)).digest('hex');
    const known = orders.get(request.reference);
    if (known !== undefined)
      return known.hash === hash
        ? { status: 200, body: view(known) }
        : problem(409, 'reference-taken', 'the reference belongs to another order');
    const total = request.lines.reduce((sum, line) => sum + line.quantity * line.unitPrice, 0);
    if (total === 0) return problem(422, 'order-total-zero', 'the order totals nothing');
    const order: PlacedOrder = { id: `order-${orders.size + 1}`, hash, request, total, looks: 0, status: 'CREATED' };
    orders.set(request.reference, order);
    byId.set(order.id, order);
    return { status: 201, body: view(order) };
  }

  function look(id: string) {
    const order = byId.get(id);
    if (order === undefined) return problem(404, 'not-found', 'there is no such order');
    order.looks++;
    if (order.status === 'CREATED' && order.looks > (misbehaviour.looksUntilSettled ?? 1)) settle(order);
    return { status: 200, body: view(order) };
  }

  function answer(method: string, path: string, body: string): { status: number; body: unknown } {
    if (path === '/livez') return { status: 200, body: null };
    const [kind = '', name = '', rest = ''] = path
      .replace(/^\/api\/v1\//, '')
      .split('/')
      .map(decodeURIComponent);
    if (method === 'POST' && kind === 'stock' && rest === 'receipts') {
      const { commandId, quantity } = receipt.parse(JSON.parse(body));
      if (!receipts.has(commandId)) stock.set(name, (stock.get(name) ?? 0) + quantity);
      receipts.set(commandId, name);
      return { status: 200, body: { sku: name } };
    }
    if (method === 'PUT' && kind === 'products') {
      products.set(name, product.parse(JSON.parse(body)));
      return { status: 201, body: {} };
    }
    if (method === 'POST' && kind === 'orders') return place(JSON.parse(body));
    if (method === 'GET' && kind === 'orders') return look(name);
    const paid = byId.get(name.replace(/^pay-/, ''));
    if (method === 'GET' && kind === 'payments' && paid !== undefined) {
      const honest = paid.status === 'CONFIRMED' ? paid.total : 0;
      return { status: 200, body: { captured: misbehaviour.captured?.(honest, paid.request.reference) ?? honest, refunded: 0 } };
    }
    return problem(404, 'not-found', `there is no ${method} ${path}`);
  }

  const server = http.createServer(async (request, response) => {
    connections.add(request.socket);
    mostOpenRequests = Math.max(mostOpenRequests, ++openRequests);
    response.on('close', () => openRequests--);
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk);
    const { method = '', url: path = '' } = request;
    const body = Buffer.concat(chunks).toString();
    const key = `${method} ${path} ${body}`;
    const before = seen.get(key) ?? 0;
    seen.set(key, before + 1);
    const fault = misbehaviour.fault?.({ method, path, body }, before);
    if (fault === 'drop') return void request.socket.destroy();
    if (typeof fault === 'object') {
      response.writeHead(fault.status, { 'content-type': 'application/json', ...fault.headers });
      return void response.end(JSON.stringify(fault.body ?? {}));
    }
    let told: { status: number; body: unknown };
    try {
      told = answer(method, path, body);
    } catch (error) {
      told = problem(422, 'validation-failed', String(error));
    }
    if (fault === 'lose-reply') return void request.socket.destroy();
    response.writeHead(told.status, { 'content-type': 'application/json', 'panglot-position': 'k3f9:5' });
    response.end(JSON.stringify(told.body));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the stand-in platform has no port');

  return {
    url: `http://127.0.0.1:${address.port}`,
    orders: orders as ReadonlyMap<string, Readonly<PlacedOrder>>,
    stock: stock as ReadonlyMap<string, number>,
    products: products as ReadonlyMap<string, z.infer<typeof product>>,
    receipts: receipts as ReadonlyMap<string, string>,
    connections: () => connections.size,
    mostOpenRequests: () => mostOpenRequests,
    behave(next: Misbehaviour): void {
      misbehaviour = next;
    },
    /** Takes a reference for an order that is not the file's. */
    take(reference: string): void {
      const line = { sku: 'OTHER', quantity: 1, unitPrice: 1 };
      place({
        reference,
        customerId: 'other',
        currency: 'GBP',
        placedAt: '2030-01-01T00:00:00.000Z',
        lines: [line],
        payment: { method: 'pm_card_visa' },
      });
    },
    async stop(): Promise<void> {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

export type StandInPlatform = Awaited<ReturnType<typeof startStandInPlatform>>;
