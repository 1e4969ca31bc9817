// A node that keeps nothing: it speaks just enough of the protocol to acknowledge every append at once, and to answer every read and
// subscription with the same event over and over. What the client reaches against it is the client's ceiling.

import { ServerFeaturesService } from '@eventstore/db-client/generated/serverfeatures_grpc_pb.js';
import { StreamsService } from '@eventstore/db-client/generated/streams_grpc_pb.js';
import type { ReadReq } from '@eventstore/db-client/generated/streams_pb.js';
import streams from '@eventstore/db-client/generated/streams_pb.js';
import { Server, ServerCredentials, type ServerDuplexStream, type ServerWritableStream } from '@grpc/grpc-js';
import { batchSuccess, caughtUp } from '../src/adapters/embedded/event-node/answers.js';
import { supportedMethodsHandler } from '../src/adapters/embedded/event-node/discovery.js';
import { decodeBatchMessage } from '../src/adapters/embedded/event-node/proposal.js';
import { storedSize, writeStored } from '../src/adapters/embedded/event-node/stored-event.js';
import { benchEvent } from './event-node-load.js';

const asIs = (bytes: Buffer): Buffer => bytes;
const event = storedEvent();
let revision = 0;

function storedEvent(): Buffer {
  const placement = { name: Buffer.from('bench-read'), ticks: `${Date.now()}0000` };
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

function batchAppend(call: ServerDuplexStream<Buffer, Buffer>): void {
  call.on('data', (bytes: Buffer) => {
    const { correlation, target } = decodeBatchMessage(bytes);
    revision += 1;
    if (target !== undefined) call.write(batchSuccess(correlation, target, revision, revision * 700));
  });
  call.on('end', () => call.end());
}

async function read(call: ServerWritableStream<ReadReq, Buffer>): Promise<void> {
  const options = call.request.getOptions();
  const subscribes = options?.hasSubscription() ?? false;
  const count = subscribes ? Number(process.argv[2]) : Number(options?.getCount());
  if (subscribes) {
    const response = new streams.ReadResp();
    const confirmation = new streams.ReadResp.SubscriptionConfirmation();
    confirmation.setSubscriptionId('bench');
    response.setConfirmation(confirmation);
    call.write(Buffer.from(response.serializeBinary()));
  }
  for (let n = 0; n < count && !call.cancelled; n++)
    if (!call.write(event)) await new Promise((resolve) => call.once('drain', resolve));
  if (subscribes) call.write(caughtUp);
  else call.end();
}

const server = new Server({ 'grpc.max_receive_message_length': 17 * 1024 * 1024 });
const { batchAppend: batchMethod, read: readMethod, append, delete: remove, tombstone } = StreamsService;
server.addService(
  {
    append,
    delete: remove,
    tombstone,
    read: { ...readMethod, responseSerialize: asIs },
    batchAppend: { ...batchMethod, requestDeserialize: asIs, responseSerialize: asIs },
  },
  { read, batchAppend, append: () => undefined, delete: () => undefined, tombstone: () => undefined },
);
server.addService(ServerFeaturesService, { getSupportedMethods: supportedMethodsHandler });
server.bindAsync('127.0.0.1:0', ServerCredentials.createInsecure(), (_error, port) => {
  process.stdout.write(`${JSON.stringify({ port })}\n`);
});
process.stdin.once('end', () => process.exit());
process.stdin.resume();
