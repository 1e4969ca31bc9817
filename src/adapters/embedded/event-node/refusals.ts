// What the node does not do: every call of such a service is answered UNIMPLEMENTED, with a sentence that names the feature. The services are
// known by name alone: their generated messages would cost each start five megabytes and tens of milliseconds, to be refused.

import { unsupported } from './call-error.js';
import type { Handler } from './grpc/methods.js';

/** A service of which nothing is served: its name within EventStoreDB's package, its methods, and what it is for. */
export interface RefusedService {
  readonly name: string;
  readonly methods: readonly string[];
  readonly feature: string;
}

export const refusedServices: readonly RefusedService[] = [
  {
    name: 'persistent_subscriptions.PersistentSubscriptions',
    methods: ['Create', 'Update', 'Delete', 'Read', 'GetInfo', 'ReplayParked', 'List', 'RestartSubsystem'],
    feature: 'persistent subscriptions',
  },
  {
    name: 'projections.Projections',
    methods: ['Create', 'Update', 'Delete', 'Statistics', 'Disable', 'Enable', 'Reset', 'State', 'Result', 'RestartSubsystem'],
    feature: 'projections',
  },
  {
    name: 'users.Users',
    methods: ['Create', 'Update', 'Delete', 'Disable', 'Enable', 'Details', 'ChangePassword', 'ResetPassword'],
    feature: 'the management of users',
  },
];

/** A handler that refuses, in the name of this feature: whatever kind of call it is, it is answered when it begins. */
export const refusing =
  (feature: string): Handler =>
  (call) =>
    call.fail(unsupported(feature));
