// Every problem that REST answers, with its status: the one place where a code becomes a number. A refusal's code is its problem's code,
// except for those that the second table renames.

interface ProblemKind {
  readonly status: number;
  /** The same for every occurrence; what happened this time is the problem's detail. */
  readonly title: string;
}

const kinds = {
  'malformed-request': { status: 400, title: 'The request cannot be read' },
  'parameter-invalid': { status: 400, title: 'A parameter of the request is not valid' },
  'cursor-invalid': { status: 400, title: 'The cursor does not belong to this list' },
  'position-invalid': { status: 400, title: 'The position is not one of this log' },
  forbidden: { status: 403, title: 'This is not allowed' },
  'not-found': { status: 404, title: 'There is no such thing here' },
  'method-not-allowed': { status: 405, title: 'The resource does not take this method' },
  'not-acceptable': { status: 406, title: 'Nothing that is acceptable can be answered' },
  conflict: { status: 409, title: 'The state of the resource does not allow this' },
  'reference-taken': { status: 409, title: 'The reference belongs to another order' },
  'order-not-cancellable': { status: 409, title: 'The order cannot be cancelled' },
  'order-not-shippable': { status: 409, title: 'The order cannot be shipped' },
  'order-not-deliverable': { status: 409, title: 'The order cannot be delivered' },
  'order-not-returnable': { status: 409, title: 'Nothing of the order can be returned' },
  'return-exceeds-shipped': { status: 409, title: 'More would be returned than was shipped' },
  'command-id-taken': { status: 409, title: 'The command id belongs to another command' },
  'stock-insufficient': { status: 409, title: 'There is not enough stock' },
  'idempotency-key-in-use': { status: 409, title: 'A request with this Idempotency-Key is under way' },
  'revision-mismatch': { status: 412, title: 'The resource is not at the revision that was expected' },
  'body-too-large': { status: 413, title: 'The body is too large' },
  'media-type-unsupported': { status: 415, title: 'The body is not of a type that is understood' },
  'validation-failed': { status: 422, title: 'The body does not have the right form' },
  'currency-unknown': { status: 422, title: 'There is no such currency' },
  'price-unknown': { status: 422, title: 'A line has no price' },
  'order-total-zero': { status: 422, title: 'The order has a total of zero' },
  'order-too-large': { status: 422, title: 'The order is too large' },
  'stock-too-large': { status: 422, title: 'The stock would be larger than can be counted' },
  'warehouse-unknown': { status: 422, title: 'There is no such warehouse' },
  'idempotency-key-reused': { status: 422, title: 'The Idempotency-Key belongs to another request' },
  internal: { status: 500, title: 'Something is broken on our side' },
  overloaded: { status: 503, title: 'Too many requests are under way' },
  'read-model-behind': { status: 503, title: 'The read model has not come that far yet' },
  'dependency-unavailable': { status: 503, title: 'Something that this needs is away' },
} as const satisfies Record<string, ProblemKind>;

export type ProblemCode = keyof typeof kinds;

export const problemKinds: Readonly<Record<ProblemCode, ProblemKind>> = kinds;

export const problemCodes = Object.keys(kinds) as readonly ProblemCode[];

/** Refusals whose problem has another name, because the caller asked for something else than the aggregate refused. */
const renamed = {
  'order-not-found': 'not-found',
  'reservation-closed': 'conflict',
  'reservation-unknown': 'conflict',
} as const satisfies Record<string, ProblemCode>;

/** What `decide` may refuse with and REST can answer; a refusal that is in neither table does not compile. */
export type RefusalCode = ProblemCode | keyof typeof renamed;

const isRenamed = (code: RefusalCode): code is keyof typeof renamed => Object.hasOwn(renamed, code);

/** The problem that a refusal becomes. */
export const problemOfRefusal = (code: RefusalCode): ProblemCode => (isRenamed(code) ? renamed[code] : code);
