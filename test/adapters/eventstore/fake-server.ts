// A gRPC server that speaks just enough of EventStoreDB's protocol, through the generated stubs, to misbehave on demand. No store.

import sharedMessages from '@eventstore/db-client/generated/shared_pb.js';
import statusMessages from '@eventstore/db-client/generated/status_pb.js';
import streamsService from '@eventstore/db-client/generated/streams_grpc_pb.js';
import type { BatchAppendReq, BatchAppendResp, ReadReq, ReadResp } from '@eventstore/db-client/generated/streams_pb.js';
import streamsMessages from '@eventstore/db-client/generated/streams_pb.js';
import { Server, ServerCredentials, type ServerDuplexStream, type ServerWritableStream } from '@grpc/grpc-js';

export type BatchCall = ServerDuplexStream<BatchAppendReq, BatchAppendResp>;
export type ReadCall = ServerWritableStream<ReadReq, ReadResp>;

export interface Behaviour {
  readonly batchAppend?: (call: BatchCall) => void;
  readonly read?: (call: ReadCall) => void;
}

export interface FakeServer {
  readonly port: number;
  readonly url: string;
  /** Breaks every connection at once, as the end of a killed process does. */
  kill(): void;
}

export async function fakeServer(behaviour: Behaviour, port = 0): Promise<FakeServer> {
  const server = new Server();
  server.addService(streamsService.StreamsService, { ...behaviour });
  const bound = await new Promise<number>((resolve, reject) =>
    server.bindAsync(`127.0.0.1:${port}`, ServerCredentials.createInsecure(), (error, at) => (error ? reject(error) : resolve(at))),
  );
  return { port: bound, url: `esdb://127.0.0.1:${bound}?tls=false`, kill: () => server.forceShutdown() };
}

/** The answer of a server that wrote the append; one that does not say where, if no position is given. */
export function success(request: BatchAppendReq, revision: number, position?: number): BatchAppendResp {
  const written = new streamsMessages.BatchAppendResp.Success();
  written.setCurrentRevision(String(revision));
  if (position !== undefined) {
    const place = new sharedMessages.AllStreamPosition();
    place.setCommitPosition(String(position));
    place.setPreparePosition(String(position));
    written.setPosition(place);
  }
  const answer = new streamsMessages.BatchAppendResp();
  answer.setCorrelationId(request.getCorrelationId());
  answer.setSuccess(written);
  return answer;
}

/** What a read delivers of an event of this stream. */
export function delivered(stream: string, revision: number, position: number): ReadResp {
  const id = new sharedMessages.UUID();
  id.setString('0190a5ad-6f4f-7000-8000-000000000001');
  const name = new sharedMessages.StreamIdentifier();
  name.setStreamName(Buffer.from(stream));
  const recorded = new streamsMessages.ReadResp.ReadEvent.RecordedEvent();
  recorded.setId(id);
  recorded.setStreamIdentifier(name);
  recorded.setStreamRevision(String(revision));
  recorded.setCommitPosition(String(position));
  recorded.setPreparePosition(String(position));
  recorded.getMetadataMap().set('type', 'OrderCreated').set('content-type', 'application/json').set('created', '17637000001234567');
  recorded.setData(Buffer.from('{"total":1}'));
  recorded.setCustomMetadata(Buffer.from('{"actor":"test"}'));
  const event = new streamsMessages.ReadResp.ReadEvent();
  event.setEvent(recorded);
  event.setCommitPosition(String(position));
  const answer = new streamsMessages.ReadResp();
  answer.setEvent(event);
  return answer;
}

/** A protobuf field of less than 128 bytes. The stubs' `Any` is a class of a package that is not ours to import. */
const field = (number: number, content: Uint8Array): Buffer =>
  Buffer.concat([Buffer.from([(number << 3) | 2, content.length]), content]);

/** The answer of a server that did not write the append, with a detail such as `event_store.client.Timeout`. */
export function refusal(request: BatchAppendReq, reason: string, detail: Uint8Array = Buffer.alloc(0)): BatchAppendResp {
  const url = Buffer.from(`type.googleapis.com/event_store.client.${reason}`);
  const status = Buffer.concat([field(2, Buffer.from('as asked')), field(3, Buffer.concat([field(1, url), field(2, detail)]))]);
  const answer = new streamsMessages.BatchAppendResp();
  answer.setCorrelationId(request.getCorrelationId());
  answer.setError(statusMessages.Status.deserializeBinary(status));
  return answer;
}
