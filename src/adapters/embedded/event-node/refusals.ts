// What the node does not do: every call of such a service is answered UNIMPLEMENTED, with a sentence that names the feature. The services are
// known by name alone: their generated messages would cost each start five megabytes and tens of milliseconds, to be refused.

import type { EventEmitter } from 'node:events';
import type { ServiceDefinition, sendUnaryData, UntypedServiceImplementation } from '@grpc/grpc-js';
import { unsupported } from './call-error.js';

/** A service of which nothing is served: its full name, its methods, and what it is for. */
export interface RefusedService {
  readonly name: string;
  readonly methods: readonly string[];
  readonly feature: string;
}

export const refusedServices: readonly RefusedService[] = [
  {
    name: 'event_store.client.persistent_subscriptions.PersistentSubscriptions',
    methods: ['Create', 'Update', 'Delete', 'Read', 'GetInfo', 'ReplayParked', 'List', 'RestartSubsystem'],
    feature: 'persistent subscriptions',
  },
  {
    name: 'event_store.client.projections.Projections',
    methods: ['Create', 'Update', 'Delete', 'Statistics', 'Disable', 'Enable', 'Reset', 'State', 'Result', 'RestartSubsystem'],
    feature: 'projections',
  },
  {
    name: 'event_store.client.users.Users',
    methods: ['Create', 'Update', 'Delete', 'Disable', 'Enable', 'Details', 'ChangePassword', 'ResetPassword'],
    feature: 'the management of users',
  },
];

const asIs = (bytes: Buffer): Buffer => bytes;

/** The definition and the handlers of a service that is refused. */
export function refusal({ name, methods, feature }: RefusedService): readonly [ServiceDefinition, UntypedServiceImplementation] {
  const definition: Record<string, ServiceDefinition[string]> = {};
  const handlers: UntypedServiceImplementation = {};
  for (const method of methods) {
    definition[method] = {
      path: `/${name}/${method}`,
      // Whatever kind of call it is, it is answered when it begins.
      requestStream: true,
      responseStream: true,
      requestSerialize: asIs,
      requestDeserialize: asIs,
      responseSerialize: asIs,
      responseDeserialize: asIs,
    };
    handlers[method] = (call: EventEmitter) => void call.emit('error', unsupported(feature));
  }
  return [definition, handlers];
}

/** Handlers for the calls of a service of which only some are served; the others answer once, and refuse. */
export function refusingOthers(
  service: ServiceDefinition,
  featureOf: (method: string) => string,
  served: UntypedServiceImplementation,
): UntypedServiceImplementation {
  const handlers: UntypedServiceImplementation = {};
  for (const method of Object.keys(service))
    handlers[method] = (_call: unknown, respond: sendUnaryData<never>) => respond(unsupported(featureOf(method)));
  return { ...handlers, ...served };
}
