// What each problem means and what to do about it, in words for whoever wrote the request. A code without a text does not compile.

import type { ProblemCode } from './problem-codes.js';

export interface ProblemText {
  /** One sentence: what it means. */
  readonly meaning: string;
  /** What to do. */
  readonly remedy: string;
  /** A detail as an occurrence has it. */
  readonly example: string;
}

const again = 'Send the request again after the seconds in Retry-After';

export const problemTexts: Readonly<Record<ProblemCode, ProblemText>> = {
  'malformed-request': {
    meaning: 'The request is not well-formed HTTP, or its body is missing, broken off, or not JSON in UTF-8.',
    remedy: 'Mend the place that the detail names, then send the request again. As it is, it will never succeed.',
    example: 'The body is not JSON: see line 1, column 12.',
  },
  'parameter-invalid': {
    meaning:
      'A parameter of the path or the query, or a header, is unknown, given more than once, or not of the form that it must have.',
    remedy:
      'Look at `errors`: each entry says where the parameter stands (`in`), its name (`parameter`) and what is wrong (`detail`).',
    example: 'limit must be a number from 1 to 100.',
  },
  'cursor-invalid': {
    meaning: 'The cursor was not made by this list, or was made under another filter or another sorting.',
    remedy: 'Use `page.next` of the page before as it is, with the same filter and sorting; or leave `cursor` out to begin again.',
    example: 'The cursor is not one of this list.',
  },
  'position-invalid': {
    meaning: 'The position is malformed, belongs to another log, or lies in the future of this one.',
    remedy:
      'Use a position as an answer of this platform gave it. After the log has been exchanged, old positions are void: ask without one.',
    example: 'minPosition is a position of another log.',
  },
  forbidden: {
    meaning: 'Whoever asks is not allowed to do this.',
    remedy:
      'While access is open, call the platform by a loopback name, or by the name in the setting PUBLIC_URL, and from no page of another origin.',
    example: 'Access is open, so the Host must be a loopback name or that of PUBLIC_URL.',
  },
  'not-found': {
    meaning:
      'There is no such thing here; the read model had passed the end of the log when it said so, so this is not a matter of waiting.',
    remedy: 'Check the address and the id. Nothing that was written before this answer was overlooked.',
    example: 'There is no such thing here.',
  },
  'method-not-allowed': {
    meaning: 'The resource is there, but does not take this method.',
    remedy: 'Use one of the methods in the Allow header.',
    example: 'DELETE is not allowed here; GET, HEAD, POST, OPTIONS are.',
  },
  'not-acceptable': {
    meaning: 'The Accept header refuses every type that could be answered.',
    remedy: 'Accept application/json, or leave the header out.',
    example: 'Answers are application/json.',
  },
  conflict: {
    meaning: 'The state of the resource does not allow this.',
    remedy: 'Read the resource, and decide from what it shows now.',
    example: 'The reservation of order 0197a6c2-5f0e-7c3a-9d41-6b8e2f10a7d5 is not open.',
  },
  'reference-taken': {
    meaning: 'Another order has this reference for ever, and it was placed by a request that was not the same as this one.',
    remedy:
      'If this shall be a new order, give it a reference of its own. If it is a retry, send exactly what was sent the first time.',
    example: 'Another order has the reference web-10482, and its request was not the same as this one.',
  },
  'order-not-cancellable': {
    meaning: 'The order cannot be cancelled any more, or was cancelled with another reason before.',
    remedy: 'What has been shipped can be returned: see `POST /orders/{id}/returns`.',
    example: 'The order is SHIPPED: what has been shipped can be returned, not cancelled.',
  },
  'order-not-shippable': {
    meaning: 'Only an order that is CONFIRMED and not being cancelled can be shipped, and only once.',
    remedy:
      'Read the order. If it is still settling, wait until it is CONFIRMED; if it is SHIPPED, it went out with another tracking number.',
    example: 'The order is PENDING_PAYMENT: only an order that is CONFIRMED and not being cancelled can be shipped.',
  },
  'order-not-deliverable': {
    meaning: 'Only an order that is SHIPPED can be delivered.',
    remedy: 'Say first that it has been shipped: `POST /orders/{id}/ship`.',
    example: 'The order is CONFIRMED: only one that is SHIPPED can be delivered.',
  },
  'order-not-returnable': {
    meaning: 'Only what has been shipped can be returned.',
    remedy: 'An order that has not been shipped can be cancelled: `POST /orders/{id}/cancel`.',
    example: 'The order is CONFIRMED: only what has been shipped can be returned.',
  },
  'return-exceeds-shipped': {
    meaning: 'More units of a line would come back than were shipped and not returned yet.',
    remedy: 'Look at the returns of the order, and return no more than the detail says.',
    example: 'Of line 1 no more than 2 can be returned.',
  },
  'command-id-taken': {
    meaning: 'This `commandId` stands for something else that was done to this stock.',
    remedy: 'Give each movement an id of its own; use an old one only to send the same movement again.',
    example: 'The command id 0197a6c2-7a11-7e02-8c6f-30d1f5b9e4a8 stands for something else that was done to this stock.',
  },
  'stock-insufficient': {
    meaning: 'Fewer units are available in the warehouse than the movement would take; what is reserved for orders is never taken.',
    remedy: 'Read the stock, and take no more than is available there.',
    example: '12 units were asked for; 3 are available.',
  },
  'idempotency-key-in-use': {
    meaning: 'A request with this Idempotency-Key is under way, and its answer is not known yet.',
    remedy: `${again}, under the same key: it gets the answer of the first one.`,
    example: 'A request with this Idempotency-Key is under way: try again to get its answer.',
  },
  'revision-mismatch': {
    meaning:
      'The resource has changed since the revision in If-Match, or is there although If-None-Match said that it must not be; nothing was done.',
    remedy:
      'Read the resource, decide anew on what it is now, and send the command with the tag of that answer (and a new Idempotency-Key).',
    example: 'It is at revision 7, which is not what If-Match expects.',
  },
  'body-too-large': {
    meaning: 'The body has more bytes than are taken.',
    remedy: 'Send less at a time. The limit is the setting BODY_LIMIT.',
    example: 'A body may have at most 1048576 bytes.',
  },
  'media-type-unsupported': {
    meaning: 'The body is of a type, a charset or an encoding that is not understood.',
    remedy: 'Send `Content-Type: application/json`, in UTF-8 and not compressed.',
    example: 'A body must be application/json in UTF-8.',
  },
  'validation-failed': {
    meaning: 'The body is JSON, but does not have the form that this operation asks for.',
    remedy: 'Look at `errors`: each entry has a JSON pointer to the place (`pointer`) and what is wrong there (`detail`).',
    example: '#/lines/0/quantity must be at least 1.',
  },
  'currency-unknown': {
    meaning: 'The currency has the form of a code of ISO 4217, but is none.',
    remedy: 'Use a code that exists, such as GBP or EUR.',
    example: 'XQZ is not a currency of ISO 4217.',
  },
  'price-unknown': {
    meaning: 'A line has no unit price, and its product is not listed with one in the currency of the order.',
    remedy: 'List the product with a price (`PUT /products/{sku}`), or give the line a `unitPrice`. `errors` names each line.',
    example: 'Lines without a unit price need a product with a price in GBP.',
  },
  'order-total-zero': {
    meaning: 'The lines add up to nothing, and an order must cost something.',
    remedy: 'Check the unit prices.',
    example: 'An order must cost something: the total of its lines is zero.',
  },
  'order-too-large': {
    meaning: 'The total of the order, or its size, is beyond what can be counted or charged.',
    remedy: 'Divide it into several orders.',
    example: 'The order is too large: its total is more than 99999999 minor units.',
  },
  'stock-too-large': {
    meaning: 'The stock would be larger than can be counted.',
    remedy: 'Check the quantity: it is more than a thousand million millions of units.',
    example: 'With 1000000000 more than the 9007199254740000 units that are there the stock could not be counted any more.',
  },
  'warehouse-unknown': {
    meaning: 'There is no open warehouse with this id.',
    remedy: 'Look at `GET /warehouses`, or open one with `PUT /warehouses/{id}`. The warehouse `main` exists from the start.',
    example: 'There is no open warehouse north.',
  },
  'idempotency-key-reused': {
    meaning: 'Another request, with another body or another address, was sent with this Idempotency-Key before.',
    remedy: 'Give a new request a new key; send the old one exactly as it was.',
    example: 'Another request was sent with this Idempotency-Key: a new one needs a new key.',
  },
  internal: {
    meaning: 'Something is broken on our side, and it was logged.',
    remedy:
      'Tell whoever runs the platform the Request-Id. A POST with an Idempotency-Key, and every PUT, can safely be sent again.',
    example: 'Something is broken on our side. It was logged under this request id.',
  },
  overloaded: {
    meaning: 'As many requests are under way as are worked on at a time; this one has not been begun.',
    remedy: `${again}, and send fewer at a time.`,
    example: 'More than 512 commands are under way.',
  },
  'read-model-behind': {
    meaning: 'The read model has not come as far as the position that was asked for, within the time that there was.',
    remedy: `${again}; \`position\` says how far it has come. With \`Prefer: wait=n\` it is waited for up to 30 seconds.`,
    example: 'The read model orders has reached k3f9:5120, and not yet what was asked for.',
  },
  'dependency-unavailable': {
    meaning: 'The event store or the database is away; whether a command was carried out may be unknown.',
    remedy: `${again}: with its Idempotency-Key or its reference it is never done twice. \`/readyz\` says what is away.`,
    example: 'Something that this request needs is away: try again.',
  },
};
