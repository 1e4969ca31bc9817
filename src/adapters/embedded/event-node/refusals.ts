// What the node does not do: every call of such a service is answered UNIMPLEMENTED, with a sentence that names the feature.

import type { EventEmitter } from 'node:events';
import type { ServiceDefinition, sendUnaryData, UntypedServiceImplementation } from '@grpc/grpc-js';
import { unsupported } from './call-error.js';

/** Handlers for all calls of this service, except those that are given, which refuse. */
export function refusing(
  service: ServiceDefinition,
  feature: string | ((method: string) => string),
  served: UntypedServiceImplementation = {},
): UntypedServiceImplementation {
  const handlers: UntypedServiceImplementation = {};
  for (const [method, { responseStream }] of Object.entries(service)) {
    const error = unsupported(typeof feature === 'string' ? feature : feature(method));
    handlers[method] = responseStream
      ? (call: EventEmitter) => void call.emit('error', error)
      : (_call: unknown, respond: sendUnaryData<never>) => respond(error);
  }
  return { ...handlers, ...served };
}
