// The OpenAPI 3.1 document, made from the rows of the routes: what is described is what is checked.

import { OpenAPIRegistry, OpenApiGeneratorV31, type ResponseConfig, zodToOpenAPIRegistry } from '@asteasolutions/zod-to-openapi';
import { eventView } from '../../projections/order-events/order-event-view.js';
import { orderView } from '../../projections/orders/order-view.js';
import { paymentView } from '../../projections/payments/payment-view.js';
import { productView } from '../../projections/products/product-view.js';
import { stockView } from '../../projections/stock/stock-view.js';
import { warehouseView } from '../../projections/warehouses/warehouse-view.js';
import { problemView } from './problem.js';
import { type ProblemCode, problemKinds } from './problem-codes.js';
import { type Route, takesKey } from './route.js';

const named = {
  Order: orderView,
  Event: eventView,
  Payment: paymentView,
  Stock: stockView,
  Product: productView,
  Warehouse: warehouseView,
  Problem: problemView,
};

// By the package's registry, because its other way puts a method on every schema of zod, and must come before the first one.
for (const [refId, schema] of Object.entries(named)) zodToOpenAPIRegistry.add(schema, { _internal: { refId } });

const always: readonly ProblemCode[] = ['parameter-invalid', 'forbidden', 'not-acceptable', 'internal'];

const text = (description: string) => ({ description, schema: { type: 'string' as const } });
const requestId = { 'Request-Id': text('The id of this request: name it when you ask about it.') };
const position = {
  'Panglot-Position': text('A position of the log; a read with this as Panglot-Min-Position shows what this answer shows.'),
};

const replayed = {
  'Idempotency-Replayed': {
    description: 'Present if this request was answered before, under its Idempotency-Key: this is that answer.',
    schema: { type: 'string' as const, enum: ['true'] },
  },
};
const retryAfter = { 'Retry-After': text('Seconds.') };
/** Statuses of what a command refuses, which is kept under its key. */
const refusing: readonly number[] = [404, 409, 412, 422];

/** One answer a status, naming the codes that it may have. */
function problemAnswers(route: Route): Record<string, ResponseConfig> {
  const byStatus = new Map<number, ProblemCode[]>();
  for (const code of new Set([...route.problems, ...always])) {
    const { status } = problemKinds[code];
    byStatus.set(status, [...(byStatus.get(status) ?? []), code]);
  }
  return Object.fromEntries(
    [...byStatus].map(([status, those]) => [
      status,
      {
        description: those.map((code) => `\`${code}\`: ${problemKinds[code].title}.`).join(' '),
        headers: {
          ...requestId,
          ...(status === 503 || (takesKey(route) && status === 409) ? retryAfter : {}),
          ...(takesKey(route) && refusing.includes(status) ? replayed : {}),
        },
        content: { 'application/problem+json': { schema: problemView } },
      },
    ]),
  );
}

function successAnswers(route: Route): Record<string, ResponseConfig> {
  const { successes, answer } = route;
  return Object.fromEntries(
    Object.entries(successes).map(([status, description]) => [
      status,
      {
        description,
        headers: {
          ...requestId,
          ...position,
          ...(status === '201' ? { Location: text('The address of what was made.') } : {}),
          ...(takesKey(route) ? replayed : {}),
        },
        ...(status === '304' ? {} : { content: { 'application/json': { schema: answer } } }),
      },
    ]),
  );
}

/** The document that describes these routes. */
export function openApiDocument(routes: readonly Route[], version: string): object {
  const registry = new OpenAPIRegistry();
  for (const route of routes)
    registry.registerPath({
      method: route.method,
      path: route.path,
      operationId: `${route.operation}:${route.method}:${route.path}`.replaceAll(/[^A-Za-z0-9]+/g, '_').replace(/_$/, ''),
      summary: route.summary,
      tags: [route.path.split('/')[1] ?? ''],
      request: {
        params: route.params,
        query: route.query,
        headers: route.headers,
        ...(route.body === null
          ? {}
          : { body: { required: route.body.required, content: { 'application/json': { schema: route.body.schema } } } }),
      },
      responses: { ...successAnswers(route), ...problemAnswers(route) },
    });
  return new OpenApiGeneratorV31(registry.definitions).generateDocument({
    openapi: '3.1.0',
    info: {
      title: 'Panglot',
      version,
      description: 'An order platform whose every change is an event.',
      license: { name: 'MIT', identifier: 'MIT' },
    },
    servers: [{ url: '/api/v1' }],
  });
}
