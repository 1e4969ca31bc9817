// Products, warehouses, stock and payments over HTTP, and what tells an operator how the API is.

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Readiness } from '../../../src/api/rest/health.js';
import { problemView } from '../../../src/api/rest/problem.js';
import { Unavailable } from '../../../src/domain/log/errors.js';
import { payment } from '../../../src/domain/payment/payment.js';
import type { PaymentView } from '../../../src/projections/payments/payment-view.js';
import type { ProductView } from '../../../src/projections/products/product-view.js';
import type { StockView } from '../../../src/projections/stock/stock-view.js';
import type { WarehouseView } from '../../../src/projections/warehouses/warehouse-view.js';
import { withFaults } from '../../support/event-store.js';
import { type Answer, type ServedApi, serveApi } from '../served-api.js';

let api: ServedApi;
beforeAll(async () => {
  api = await serveApi();
});
afterAll(() => api.close());

const read = <Body>(path: string, position: string) => api.ask<Body>('GET', path, undefined, { 'panglot-min-position': position });

describe('products', () => {
  it('PUT lists, changes, and repeats without effect', async () => {
    const path = '/api/v1/products/bank%20charges';
    const product = { description: 'Bank charges', prices: [{ currency: 'GBP', amount: 1500 }] };
    const listed = await api.ask<ProductView>('PUT', path, product);
    expect([listed.status, listed.headers.get('location')]).toEqual([201, '/api/v1/products/BANK%20CHARGES']);
    expect(listed.body).toMatchObject({ sku: 'BANK CHARGES', ...product, revision: 0 });
    const again = await api.ask<ProductView>('PUT', path, product);
    expect([again.status, again.body.revision]).toEqual([200, 0]);
    const changed = await api.ask<ProductView>('PUT', path, { ...product, prices: [{ currency: 'EUR', amount: 1700 }] });
    expect([changed.status, changed.body.prices]).toEqual([200, [{ currency: 'EUR', amount: 1700 }]]);
    expect((await read<ProductView>(path, changed.body.position)).body).toEqual(changed.body);
  });

  it('refuses two prices in a currency, and a currency that does not exist', async () => {
    for (const prices of [
      [
        { currency: 'GBP', amount: 1 },
        { currency: 'GBP', amount: 2 },
      ],
      [{ currency: 'XQQ', amount: 1 }],
    ])
      expect((await api.ask('PUT', '/api/v1/products/A', { description: 'A', prices })).status).toBe(422);
  });
});

describe('warehouses', () => {
  it('PUT opens and changes; the list has main, which exists from the start', async () => {
    const opened = await api.ask<WarehouseView>('PUT', '/api/v1/warehouses/north', { name: 'North', priority: 5 });
    expect([opened.status, opened.body]).toEqual([
      201,
      expect.objectContaining({ id: 'north', region: null, priority: 5, open: true }),
    ]);
    const changed = await api.ask<WarehouseView>('PUT', '/api/v1/warehouses/north', { name: 'North', region: 'UK', priority: 5 });
    expect([changed.status, changed.body.region, changed.body.revision]).toEqual([200, 'UK', 1]);
    const { body } = await read<{ data: WarehouseView[] }>('/api/v1/warehouses', changed.body.position);
    expect(body.data.map(({ id }) => id)).toEqual(['main', 'north']);
  });
});

describe('stock', () => {
  it('a receipt answers with the stock that a read at its position shows', async () => {
    await api.ask('PUT', '/api/v1/products/LANTERN', { description: 'Lantern', prices: [] });
    const path = '/api/v1/stock/lantern';
    await api.ask('POST', `${path}/receipts`, { warehouse: 'main', quantity: 70, unitCost: 99, currency: 'GBP' });
    const { status, body } = await api.ask<StockView>('POST', `${path}/receipts`, { warehouse: 'main', quantity: 30 });
    expect([status, body]).toEqual([
      200,
      expect.objectContaining({ sku: 'LANTERN', description: 'Lantern', onHand: 100, reserved: 0, available: 100, level: 'OK' }),
    ]);
    expect((await read<StockView>(path, body.position)).body).toEqual(body);
  });

  it('a receipt with its command id again receives nothing', async () => {
    const receipt = { commandId: '0198c0de-0000-7000-8000-000000000001', warehouse: 'main', quantity: 5 };
    const first = await api.ask<StockView>('POST', '/api/v1/stock/ONCE/receipts', receipt);
    const again = await api.ask<StockView>('POST', '/api/v1/stock/ONCE/receipts', receipt);
    expect(again.body).toEqual(first.body);
    expect(again.body.onHand).toBe(5);
  });

  it('refuses a warehouse that was never opened', async () => {
    const { status, body } = await api.ask<{ code: string }>('POST', '/api/v1/stock/A/receipts', {
      warehouse: 'moon',
      quantity: 1,
    });
    expect([status, problemView.parse(body)]).toEqual([
      422,
      expect.objectContaining({ code: 'warehouse-unknown', errors: [expect.objectContaining({ pointer: '#/warehouse' })] }),
    ]);
  });

  it('lists by SKU, page by page', async () => {
    let position = '';
    for (const sku of ['P-1', 'P-2', 'P-3'])
      position = (await api.ask<StockView>('POST', `/api/v1/stock/${sku}/receipts`, { warehouse: 'main', quantity: 1 })).body
        .position;
    interface Page {
      readonly data: readonly StockView[];
      readonly page: { readonly next: string | null };
    }
    const seen: string[] = [];
    for (let next: string | null = ''; next !== null; ) {
      const path: string = `/api/v1/stock?limit=2${next === '' ? '' : `&cursor=${next}`}`;
      const { body }: Answer<Page> = await read<Page>(path, position);
      seen.push(...body.data.map(({ sku }) => sku));
      next = body.page.next;
    }
    expect(seen).toEqual(['LANTERN', 'ONCE', 'P-1', 'P-2', 'P-3']);
  });
});

describe('payments', () => {
  it('are read by id and by order', async () => {
    const [paymentId, orderId] = ['01985c5e-0000-7000-8000-000000000001', '01985c5e-0000-7000-8000-000000000002'];
    const outcome = await api.handler.handle(
      payment,
      paymentId,
      { type: 'RequestPayment', paymentId, orderId, amount: 1980, currency: 'GBP', method: 'pm_card_visa' },
      { commandId: paymentId, correlationId: orderId, actor: 'test', at: new Date().toISOString() },
    );
    if (outcome.outcome !== 'decided') throw new Error(outcome.outcome);
    const position = `${api.logId}:${outcome.position}`;
    const { body } = await read<PaymentView>(`/api/v1/payments/${paymentId}`, position);
    expect(body).toMatchObject({ id: paymentId, orderId, status: 'REQUESTED', amount: 1980, position });
    const list = await read<{ data: PaymentView[] }>(`/api/v1/payments?orderId=${orderId}`, position);
    expect(list.body.data).toEqual([body]);
  });
});

describe('what is answered when something is away', () => {
  const order = {
    customerId: '17850',
    currency: 'GBP',
    lines: [{ sku: 'A', quantity: 1, unitPrice: 1, description: 'A' }],
    payment: { method: 'pm_card_visa' },
  };

  it('/livez and /readyz name what is needed and how it is', async () => {
    expect((await api.ask('GET', '/livez')).status).toBe(200);
    const { status, body } = await api.ask<Readiness>('GET', '/readyz');
    expect([status, body]).toEqual([
      200,
      {
        status: 'READY',
        checks: [
          { name: 'event-store', status: 'UP', detail: null },
          { name: 'database', status: 'UP', detail: null },
        ],
      },
    ]);
  });

  it('/readyz answers 503 and says what is down', async () => {
    const broken = await serveApi();
    await broken.stopProjector();
    await broken.closeDatabase();
    const { status, body } = await broken.ask<Readiness>('GET', '/readyz');
    await broken.close();
    expect([status, body.status, body.checks.map(({ name, status }) => [name, status])]).toEqual([
      503,
      'NOT_READY',
      [
        ['event-store', 'UP'],
        ['database', 'DOWN'],
      ],
    ]);
  });

  it('a command that cannot be done now is 503 with Retry-After, and so is a read', async () => {
    const away = { ...api.handler, handle: async () => ({ outcome: 'unavailable' as const, reason: 'The store is away.' }) };
    const store = withFaults(api.store, {
      readStream: () => {
        throw new Unavailable('The store is away.');
      },
    });
    const broken = await serveApi({ handler: away, store });
    const answer = await broken.ask<{ code: string }>('POST', '/api/v1/orders', order);
    expect([answer.status, answer.body.code, answer.headers.get('retry-after')]).toEqual([503, 'dependency-unavailable', '1']);
    await broken.close();
  });

  it('past the commands that may be under way: 503 overloaded', async () => {
    const full = await serveApi({ commandLimit: 0 });
    const answer = await full.ask<{ code: string }>('POST', '/api/v1/orders', order);
    await full.close();
    expect([answer.status, answer.body.code, answer.headers.get('retry-after')]).toEqual([503, 'overloaded', '1']);
  });

  it('a defect is a 500 without a word of the inside, logged under the request id', async () => {
    const defect = { ...api.handler, handle: () => Promise.reject(new Error('secret: 42')) };
    const broken = await serveApi({ handler: defect });
    const answer = await broken.ask<{ code: string; detail: string }>('POST', '/api/v1/orders', order);
    await broken.close();
    expect([answer.status, answer.body.code]).toEqual([500, 'internal']);
    expect(JSON.stringify(answer.body)).not.toContain('secret');
    expect(broken.errors[0]).toContain(answer.headers.get('request-id'));
  });
});
