// UUIDs of version 7 for requests and for what they create, from random bytes that are drawn many at a time: each draw is a call into
// the system, and an order needs two ids.

import { randomFillSync } from 'node:crypto';
import { v7 as uuid7 } from 'uuid';

const idBytes = 16;

/** A source of UUIDv7s. Ids of one millisecond are in no promised order. */
export function idSource(): () => string {
  const pool = new Uint8Array(idBytes * 256);
  let used = pool.length;
  return () => {
    if (used === pool.length) {
      randomFillSync(pool);
      used = 0;
    }
    used += idBytes;
    return uuid7({ random: pool.subarray(used - idBytes, used) });
  };
}
