// What a refusal of the domain says to whoever sent the command: a sentence, and the place in the body that it is about. Which status
// it has is the table's matter (problem-codes.ts).

import type { PlacementRefusal } from '../../commands/place-order.js';
import { unreachable } from '../../domain/decider.js';
import type { StockRefusal } from '../../domain/stock/stock.js';
import { type FieldError, Problem } from './problem.js';
import { problemOfRefusal } from './problem-codes.js';

export type Refusal = PlacementRefusal | StockRefusal | { readonly code: 'warehouse-unknown'; readonly warehouse: string };

const at = (pointer: string, { code }: Refusal, detail: string): FieldError => ({
  pointer,
  code: code.replaceAll('-', '_'),
  detail,
});

function described(refusal: Refusal): { readonly detail: string; readonly errors?: readonly FieldError[] } {
  switch (refusal.code) {
    case 'reference-taken':
      return {
        detail: `Another order has the reference ${refusal.reference}, and its request was not the same as this one.`,
        errors: [at('#/reference', refusal, 'belongs to another order')],
      };
    case 'order-total-zero':
      return {
        detail: 'An order must cost something: the total of its lines is zero.',
        errors: [at('#/lines', refusal, 'add up to zero')],
      };
    case 'order-too-large':
      return { detail: `The order is too large: ${refusal.detail}.`, errors: [at('#/lines', refusal, refusal.detail)] };
    case 'order-not-found':
      return { detail: 'There is no such order.' };
    case 'order-not-cancellable':
      return {
        detail:
          refusal.status === 'SHIPPED' || refusal.status === 'DELIVERED'
            ? `The order is ${refusal.status}: what has been shipped can be returned, not cancelled.`
            : 'The order was cancelled before, with another reason.',
      };
    case 'order-not-shippable':
      return {
        detail:
          refusal.status === 'SHIPPED' || refusal.status === 'DELIVERED'
            ? `The order is ${refusal.status}: it was shipped with another carrier or tracking number.`
            : `The order is ${refusal.cancelling ? 'being cancelled' : refusal.status}: only an order that is CONFIRMED and not being cancelled can be shipped.`,
      };
    case 'order-not-returnable':
      return { detail: `The order is ${refusal.status}: only what has been shipped can be returned.` };
    case 'return-exceeds-shipped':
      return {
        detail: `Of line ${refusal.line} no more than ${refusal.returnable} can be returned.`,
        errors: [at(`#/lines/${refusal.index}/quantity`, refusal, `is more than the ${refusal.returnable} that can be returned`)],
      };
    case 'order-not-deliverable':
      return { detail: `The order is ${refusal.status}: only one that is SHIPPED can be delivered.` };
    case 'currency-unknown':
      return {
        detail: `${refusal.currency} is not a currency of ISO 4217.`,
        errors: [at('#/currency', refusal, 'is not a currency of ISO 4217')],
      };
    case 'price-unknown':
      return {
        detail: `Lines without a unit price need a product with a price in ${refusal.currency}.`,
        errors: refusal.lines.map((line) =>
          at(`#/lines/${line}/unitPrice`, refusal, `is not given, and the product has no price in ${refusal.currency}`),
        ),
      };
    case 'stock-insufficient':
      return {
        detail: `${refusal.requested} units were asked for; ${refusal.available} are available.`,
        errors: [at('#/quantity', refusal, `asks for more than the ${refusal.available} units that are available`)],
      };
    case 'stock-too-large':
      return {
        detail: `With ${refusal.quantity} more than the ${refusal.held} units that are there the stock could not be counted any more.`,
        errors: [at('#/quantity', refusal, 'is more than can be counted')],
      };
    case 'command-id-taken':
      return {
        detail: `The command id ${refusal.commandId} stands for something else that was done to this stock.`,
        errors: [at('#/commandId', refusal, 'stands for another command')],
      };
    case 'warehouse-unknown':
      return {
        detail: `There is no open warehouse ${refusal.warehouse}.`,
        errors: [at('#/warehouse', refusal, 'is not an open warehouse')],
      };
    case 'reservation-closed':
    case 'reservation-unknown':
      return { detail: `The reservation of order ${refusal.orderId} is not open.` };
    default:
      return unreachable(refusal);
  }
}

/** The problem that answers a refused command. */
export function refusalProblem(refusal: Refusal): Problem {
  const { detail, errors } = described(refusal);
  return new Problem(problemOfRefusal(refusal.code), detail, errors === undefined ? {} : { errors });
}
