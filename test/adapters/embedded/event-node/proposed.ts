// An event as a writer proposes it, for tests below the wire.

import { randomUUID } from 'node:crypto';
import type { ProposedEvent } from '../../../../src/adapters/embedded/event-node/proposal.js';

/** An event with this data, and an id of its own. */
export const proposed = (data = '{}'): ProposedEvent => ({
  id: randomUUID(),
  type: Buffer.from('Noted'),
  json: true,
  metadata: Buffer.alloc(0),
  data: Buffer.from(data),
});
