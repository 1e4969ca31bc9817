// Sends generated requests to an API with real parts behind it, and holds every answer against what is promised: no 5xx, no status that the
// operation does not describe, and every 4xx a problem that names the place.

import fc from 'fast-check';
import type { OrderView } from '../../../src/projections/orders/order-view.js';
import { type ServedApi, serveApi } from '../../api/served-api.js';
import { expectDescribed } from '../../support/described.js';
import { type GeneratedRequest, generatedRequests, type Known } from './generate.js';
import { type RawAnswer, sendRaw } from './send.js';

export interface CampaignFigures {
  readonly requests: number;
  readonly operations: number;
  /** How often each status was answered. */
  readonly statuses: ReadonlyMap<number, number>;
  readonly serverErrors: number;
  readonly undescribed: number;
  readonly placeless: number;
  readonly unanswered: number;
  readonly seconds: number;
  /** The first few of all those, told so that they can be sent again. */
  readonly faults: readonly string[];
}

/** Codes of problems with something in the request, which has to be named. */
const placed = new Set(['malformed-request', 'parameter-invalid', 'cursor-invalid', 'position-invalid', 'validation-failed']);

interface ProblemBody {
  readonly code?: string;
  readonly detail?: string;
  readonly errors?: readonly { readonly pointer?: string; readonly parameter?: string }[];
}

/** What is missing in a 4xx; `null` if nothing is. */
function placeFault({ status, headers, text }: RawAnswer): string | null {
  if (!headers.get('content-type')?.startsWith('application/problem+json')) return `${status} is no problem`;
  if (text === '') return null;
  const problem: ProblemBody = JSON.parse(text);
  if (!problem.code || !problem.detail) return `${status} says nothing`;
  const named = problem.errors?.every(({ pointer, parameter }) => pointer !== undefined || parameter !== undefined) ?? false;
  return placed.has(problem.code) && !named ? `${status} ${problem.code} names no place` : null;
}

async function furnished(api: ServedApi): Promise<Known> {
  const skus = ['LAMP', '22465', '85123A'];
  await api.ask('PUT', '/api/v1/warehouses/north', { name: 'North' });
  const ids: string[] = [];
  for (const sku of skus) {
    await api.ask('PUT', `/api/v1/products/${sku}`, { description: `A ${sku}`, prices: [{ currency: 'GBP', amount: 165 }] });
    await api.ask('POST', `/api/v1/stock/${sku}/receipts`, { warehouse: 'main', quantity: 1000 });
    const order = { customerId: 'c-1', currency: 'GBP', lines: [{ sku, quantity: 2 }], payment: { method: 'pm_card_visa' } };
    const { body } = await api.ask<OrderView>('POST', '/api/v1/orders', order);
    ids.push(body.id);
    if (ids.length > 1) await api.confirm(body.id, body.total);
  }
  return { ids, skus, warehouses: ['main', 'north'], positions: [`${api.logId}:0`, `${api.logId}:99999999`, 'abcd:1'] };
}

const told = ({ method, address, headers, body }: GeneratedRequest) =>
  `${method} ${address.slice(0, 300)} ${JSON.stringify(headers).slice(0, 300)} ${body === null ? '' : String(body).slice(0, 300)}`;

/** Runs it. The same seed sends the same requests. */
export async function requestCampaign({ requests, seed }: { requests: number; seed: number }): Promise<CampaignFigures> {
  const api = await serveApi({ minPositionWait: 10_000, bodyLimit: 64 * 1024 });
  const begun = performance.now();
  const figures = { serverErrors: 0, undescribed: 0, placeless: 0, unanswered: 0 };
  const statuses = new Map<number, number>();
  const operations = new Set<string>();
  const faults: string[] = [];
  try {
    const generated = fc.sample(generatedRequests(await furnished(api)), { numRuns: requests, seed });
    const failed = (kind: keyof typeof figures, request: GeneratedRequest, why: string) => {
      figures[kind] += 1;
      if (faults.length < 20) faults.push(`${why}\n    ${told(request)}`);
    };
    const check = (request: GeneratedRequest, answer: RawAnswer | null) => {
      operations.add(request.operation);
      if (answer === null) return failed('unanswered', request, 'no answer');
      const { status, headers, text } = answer;
      statuses.set(status, (statuses.get(status) ?? 0) + 1);
      if (status >= 500) return failed('serverErrors', request, `${status} ${text.slice(0, 300)}`);
      if (status >= 400) {
        const fault = placeFault(answer);
        if (fault !== null) failed('placeless', request, `${fault}: ${text.slice(0, 300)}`);
      }
      // What is no HTTP is answered before there is a request, and so without an id.
      if (!headers.has('request-id') && [400, 431].includes(status)) return;
      try {
        expectDescribed({ method: request.method, address: request.address, status, headers, text });
      } catch (error) {
        failed('undescribed', request, String(error).slice(0, 500));
      }
    };
    const next = generated[Symbol.iterator]();
    const worker = async () => {
      for (let one = next.next(); one.done !== true; one = next.next()) check(one.value, await sendRaw(one.value, api.port));
    };
    await Promise.all(Array.from({ length: 8 }, worker));
    for (const error of api.errors.slice(0, 5)) faults.push(`logged: ${error.slice(0, 500)}`);
    return {
      ...figures,
      requests,
      operations: operations.size,
      statuses,
      seconds: Math.round((performance.now() - begun) / 100) / 10,
      faults,
    };
  } finally {
    await api.close();
  }
}
