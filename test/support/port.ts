// A port for a server that a test stops and starts again.

import { randomInt } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:net';

/** Below those that systems give to outgoing connections, and to servers that ask for any. */
const lowest = 20_000;
const beyond = 32_768;

/** A port of the loopback that is free, and that nobody is given by chance while the test does not listen on it. */
export async function portToKeep(): Promise<number> {
  for (;;) {
    const port = randomInt(lowest, beyond);
    const probe = createServer();
    const isFree = await once(probe.listen(port, '127.0.0.1'), 'listening').then(
      () => true,
      () => false,
    );
    if (!isFree) continue;
    probe.close();
    await once(probe, 'close');
    return port;
  }
}
