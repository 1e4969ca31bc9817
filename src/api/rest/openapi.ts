// The OpenAPI 3.1 document, made from the rows of the routes: what is described is what is checked. Words and examples that no row needs
// are in description/.

import { OpenAPIRegistry, OpenApiGeneratorV31, type ResponseConfig, zodToOpenAPIRegistry } from '@asteasolutions/zod-to-openapi';
import { fulfilmentStep } from '../../projections/order-events/fulfilment-steps.js';
import { eventView } from '../../projections/order-events/order-event-view.js';
import { returnView } from '../../projections/order-events/return-view.js';
import { orderView } from '../../projections/orders/order-view.js';
import { paymentView } from '../../projections/payments/payment-view.js';
import { productView } from '../../projections/products/product-view.js';
import { stockView } from '../../projections/stock/stock-view.js';
import { movementView } from '../../projections/stock-movements/stock-movement-view.js';
import { warehouseView } from '../../projections/warehouses/warehouse-view.js';
import { answerHeaders, type Carried, problemHeaders, successHeaders, type Tagged } from './description/headers.js';
import { introduction } from './description/introduction.js';
import { type OperationText, operationTexts, parameterExamples, tags } from './description/operations.js';
import { platformPaths, platformSchemas } from './description/platform-paths.js';
import { type ProblemView, problemView } from './problem.js';
import { type ProblemCode, problemCodes, problemKinds } from './problem-codes.js';
import { problemTexts } from './problem-texts.js';
import type { Route } from './route.js';

const named = {
  Order: orderView,
  Event: eventView,
  Step: fulfilmentStep,
  Return: returnView,
  Payment: paymentView,
  Stock: stockView,
  Movement: movementView,
  Product: productView,
  Warehouse: warehouseView,
  Problem: problemView,
  ...platformSchemas,
};

// By the package's registry, because its other way puts a method on every schema of zod, and must come before the first one.
for (const [refId, schema] of Object.entries(named)) zodToOpenAPIRegistry.add(schema, { _internal: { refId } });

/** What every route may answer; an address with parameters may also be malformed. */
const always: readonly ProblemCode[] = ['malformed-request', 'parameter-invalid', 'forbidden', 'not-acceptable', 'internal'];

const versioned: readonly unknown[] = [orderView, productView, warehouseView, paymentView];
const tagged: Tagged = ({ answer, kind, successes }) =>
  kind === 'read' ? Object.hasOwn(successes, '304') : versioned.includes(answer);

const referenceTo = (kind: string, name: string) => ({ $ref: `#/components/${kind}/${name}` });

/** `always` and `perhaps` are two components, because a header is required where it is described. */
const headersOf = (carried: Carried) =>
  Object.fromEntries(
    Object.entries(carried).map(([name, when]) => [name, referenceTo('headers', when === 'always' ? name : `${name}-perhaps`)]),
  );

/** One answer a status, naming the codes that it may have. */
function problemAnswers(route: Route): Record<string, ResponseConfig> {
  const byStatus = new Map<number, ProblemCode[]>();
  for (const code of new Set([...always, ...route.problems])) {
    const { status } = problemKinds[code];
    byStatus.set(status, [...(byStatus.get(status) ?? []), code]);
  }
  return Object.fromEntries(
    [...byStatus].map(([status, those]) => [
      status,
      {
        description: those.map((code) => `\`${code}\`: ${problemKinds[code].title}.`).join(' '),
        headers: headersOf(problemHeaders(route, status)),
        content: {
          'application/problem+json': {
            schema: problemView,
            examples: Object.fromEntries(those.map((code) => [code, referenceTo('examples', code)])),
          },
        },
      },
    ]),
  );
}

function successAnswers(route: Route, text: OperationText | undefined): Record<string, ResponseConfig> {
  return Object.fromEntries(
    Object.entries(route.successes).map(([status, description]) => {
      const example = text?.answers[Number(status)];
      const content = { 'application/json': { schema: route.answer, ...(example === undefined ? {} : { example }) } };
      return [
        status,
        {
          description,
          headers: headersOf(successHeaders(route, Number(status), tagged)),
          ...(status === '304' ? {} : { content }),
        },
      ];
    }),
  );
}

function bodyOf({ body }: Route, text: OperationText | undefined) {
  if (body === null) return {};
  const examples = Object.entries(text?.requests ?? {}).map(([name, { summary, body: value }]) => [
    name,
    { summary, value: value ?? {} },
  ]);
  const content = { 'application/json': { schema: body.schema, examples: Object.fromEntries(examples) } };
  return { body: { required: body.required, content } };
}

const problemExample = (code: ProblemCode): ProblemView => ({
  type: `urn:problem-type:panglot:${code}`,
  title: problemKinds[code].title,
  status: problemKinds[code].status,
  detail: problemTexts[code].example,
  instance: 'urn:uuid:0197a6c2-5f0e-7c3a-9d41-6b8e2f10a7d5',
  code,
});

function registerComponents(registry: OpenAPIRegistry): void {
  for (const [name, header] of Object.entries(answerHeaders)) {
    registry.registerComponent('headers', name, { ...header, required: true });
    registry.registerComponent('headers', `${name}-perhaps`, { ...header });
  }
  for (const code of problemCodes)
    registry.registerComponent('examples', code, { summary: problemKinds[code].title, value: problemExample(code) });
}

interface DescribedParameter {
  readonly name: string;
  readonly in: string;
  example?: unknown;
  schema: Record<string, unknown>;
}

/** A parameter says what it is once, and has an example. */
function polished(path: string, parameter: DescribedParameter): DescribedParameter {
  const { description: _, example: own, ...schema } = parameter.schema;
  if (schema.type === 'integer') delete schema.pattern;
  const [only] = Array.isArray(schema.enum) && schema.enum.length === 1 ? schema.enum : [];
  const example = own ?? only ?? parameterExamples[parameter.name] ?? parameterExamples[`${path.split('/')[1]}/${parameter.name}`];
  return { ...parameter, schema, ...(example === undefined ? {} : { example }) };
}

/** The document that describes these routes and what is served beside them. */
export function openApiDocument(routes: readonly Route[], version: string): object {
  const registry = new OpenAPIRegistry();
  registerComponents(registry);
  for (const route of routes) {
    const text = operationTexts[`${route.method.toUpperCase()} ${route.path}`];
    registry.registerPath({
      method: route.method,
      path: route.path,
      operationId: text?.id ?? `${route.method} ${route.path}`.replaceAll(/[^A-Za-z0-9]+/g, '_').replace(/_$/, ''),
      summary: route.summary,
      tags: [route.path.split('/')[1] ?? ''],
      request: { params: route.params, query: route.query, headers: route.headers, ...bodyOf(route, text) },
      responses: { ...successAnswers(route, text), ...problemAnswers(route) },
    });
  }
  for (const path of platformPaths(headersOf)) registry.registerPath(path);
  const document = new OpenApiGeneratorV31(registry.definitions).generateDocument({
    openapi: '3.1.0',
    info: {
      title: 'Panglot',
      version,
      description: `An order platform whose every change is an event.\n\n${introduction}`,
      license: { name: 'MIT', identifier: 'MIT' },
    },
    servers: [
      { url: '/api/v1', description: 'The platform that serves this document.' },
      { url: 'http://localhost:8080/api/v1', description: 'A platform that was started with `npm start`.' },
    ],
    security: [],
    tags: Object.entries(tags).map(([name, description]) => ({ name, description })),
  });
  for (const [path, item] of Object.entries(document.paths ?? {}))
    for (const operation of Object.values(item))
      if (typeof operation === 'object' && operation !== null && Array.isArray(operation.parameters))
        operation.parameters = operation.parameters.map((parameter: DescribedParameter) => polished(path, parameter));
  const { headers = {} } = document.components ?? {};
  const paths = JSON.stringify(document.paths);
  for (const name of Object.keys(headers)) if (!paths.includes(`/headers/${name}"`)) delete headers[name];
  return document;
}
