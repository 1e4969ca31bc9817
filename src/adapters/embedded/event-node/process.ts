// The event node as a process of its own: `node process.js --data DIR --port N --host H [--segment-bytes N --read-whole-bytes N]`. Says
// on stdout in one line of JSON that it is ready, or why it is not; ends in good order on SIGTERM, SIGINT, or when its stdin ends, which it does when the parent dies.

import { parseArgs } from 'node:util';
import { createEventNode, type EventNode } from './event-node.js';

const { values } = parseArgs({
  options: {
    data: { type: 'string' },
    port: { type: 'string', default: '0' },
    host: { type: 'string', default: '127.0.0.1' },
    'segment-bytes': { type: 'string' },
    'read-whole-bytes': { type: 'string' },
  },
});

/** A predecessor whose parent was killed may still be closing. */
const PREDECESSOR_MS = 3000;

const say = (line: object): boolean => process.stdout.write(`${JSON.stringify(line)}\n`);

function stopWith(node: EventNode): void {
  let isStopping = false;
  const stop = (): void => {
    if (isStopping) return;
    isStopping = true;
    node.close().then(
      () => process.exit(0),
      (error: unknown) => {
        console.error(`The event node did not close in good order: ${String(error)}`);
        process.exit(1);
      },
    );
  };
  process.once('SIGTERM', stop);
  process.once('SIGINT', stop);
  process.stdin.once('end', stop);
  process.stdin.once('error', stop);
  process.stdin.resume();
}

try {
  const { data, port, host, 'segment-bytes': segmentBytes, 'read-whole-bytes': readWholeBytes } = values;
  const node = await createEventNode({
    ...(data === undefined ? {} : { dataDir: data }),
    ...(segmentBytes === undefined ? {} : { segmentBytes: Number(segmentBytes) }),
    ...(readWholeBytes === undefined ? {} : { readWholeBytes: Number(readWholeBytes) }),
    host,
    port: Number(port),
    readAhead: true,
    waitForFolderMs: PREDECESSOR_MS,
    log: (line) => console.error(line),
  });
  stopWith(node);
  say({ ready: true, port: node.port });
} catch (error) {
  say({ ready: false, error: error instanceof Error ? error.message : String(error) });
  process.exitCode = 1;
}
