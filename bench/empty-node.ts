// A node that keeps nothing, behind the event node's own transport: it acknowledges every append at once, and answers every read and
// subscription with the same event over and over. What the client reaches against it is the client's ceiling.

import { createServer } from 'node:net';
import streams from '@eventstore/db-client/generated/streams_pb.js';
import { batchSuccess, caughtUp } from '../src/adapters/embedded/event-node/answers.js';
import { supportedMethodsHandler } from '../src/adapters/embedded/event-node/discovery.js';
import type { Call } from '../src/adapters/embedded/event-node/grpc/call.js';
import { serverStreaming } from '../src/adapters/embedded/event-node/grpc/methods.js';
import { createGrpcServer } from '../src/adapters/embedded/event-node/grpc/server.js';
import { decodeBatchMessage } from '../src/adapters/embedded/event-node/proposal.js';
import { storedSize, writeStored } from '../src/adapters/embedded/event-node/stored-event.js';
import { benchEvent } from './event-node-load.js';

const event = storedEvent();
let revision = 0;

function storedEvent(): Buffer {
  const placement = { name: Buffer.from('bench-read'), ticks: Buffer.from(`${Date.now()}0000`) };
  const { id, data } = benchEvent(0);
  const proposed = {
    id,
    type: Buffer.from('Benched'),
    json: true,
    metadata: Buffer.alloc(0),
    data: Buffer.from(JSON.stringify(data)),
  };
  const bytes = Buffer.alloc(storedSize(proposed, placement, 100_000, 100_000_000));
  writeStored(bytes, 0, proposed, placement, 100_000, 100_000_000);
  return bytes;
}

function batchAppend(call: Call): void {
  call.receive(
    (bytes) => {
      const { correlation, target } = decodeBatchMessage(bytes);
      revision += 1;
      if (target !== undefined) call.write(batchSuccess(correlation, target, revision, revision * 700));
    },
    () => call.end(),
  );
}

const read = serverStreaming(streams.ReadReq.deserializeBinary, async (request, call) => {
  const options = request.getOptions();
  const subscribes = options?.hasSubscription() ?? false;
  const count = subscribes ? Number(process.argv[2]) : Number(options?.getCount());
  if (subscribes) {
    const response = new streams.ReadResp();
    const confirmation = new streams.ReadResp.SubscriptionConfirmation();
    confirmation.setSubscriptionId('bench');
    response.setConfirmation(confirmation);
    call.write(response.serializeBinary());
  }
  for (let n = 0; n < count && !call.closed; n++) if (!call.write(event)) await call.drained();
  if (subscribes) call.write(caughtUp);
  else call.end();
});

const grpc = createGrpcServer({
  receiveBytes: 17 * 1024 * 1024,
  methods: new Map([
    ['/event_store.client.streams.Streams/Read', read],
    ['/event_store.client.streams.Streams/BatchAppend', batchAppend],
    ['/event_store.client.server_features.ServerFeatures/GetSupportedMethods', supportedMethodsHandler],
  ]),
});
const server = createServer({ noDelay: true }, grpc.accept);
server.listen(0, '127.0.0.1', () => {
  const address = server.address();
  process.stdout.write(`${JSON.stringify({ port: typeof address === 'object' ? address?.port : undefined })}\n`);
});
process.stdin.once('end', () => process.exit());
process.stdin.resume();
