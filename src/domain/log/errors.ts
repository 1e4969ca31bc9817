// What can go wrong with the infrastructure. A refusal is not here: that is a value. Each message is a sentence that says what was
// being done, and to what.

/** The root of what an operator may have to look at. */
export abstract class InfrastructureError extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = new.target.name;
  }
}

/** It was not done, and may work later: the other side is away, full, or said "not now". */
export class Unavailable extends InfrastructureError {}

/** Nobody knows whether it was done: a timeout, a broken connection, a lost reply. Ask again under the same id. */
export class OutcomeUnknown extends InfrastructureError {}

/** What is stored is not what was written, or cannot be read by this version. */
export class Corrupt extends InfrastructureError {}

/** Somebody else holds the lease now: stand down, write nothing more. */
export class Fenced extends InfrastructureError {}

/** It was not done and, asked in the same way, never will be: too large, not allowed, the stream was deleted for good. Do not retry. */
export class Rejected extends InfrastructureError {}
