// The gRPC server below any client of gRPC: what stands on the wire, by node:http2.

import { once } from 'node:events';
import { type ClientHttp2Session, type ClientHttp2Stream, connect, constants, type IncomingHttpHeaders } from 'node:http2';
import { type AddressInfo, createServer, type Server } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Call } from '../../../../../src/adapters/embedded/event-node/grpc/call.js';
import {
  createMessageAssembler,
  prefixed,
  prefixedSize,
} from '../../../../../src/adapters/embedded/event-node/grpc/length-prefixed.js';
import { serverStreaming } from '../../../../../src/adapters/embedded/event-node/grpc/methods.js';
import { createGrpcServer, type GrpcServer } from '../../../../../src/adapters/embedded/event-node/grpc/server.js';
import { CallError, status } from '../../../../../src/adapters/embedded/event-node/grpc/status.js';

interface Echo {
  readonly call: Call;
  /** Resolves when the call is closed. */
  readonly closed: Promise<void>;
}

const RECEIVE_BYTES = 1024 * 1024;
const opened: Echo[] = [];
let grpc: GrpcServer;
let server: Server;
let session: ClientHttp2Session;

const methods = new Map([
  [
    '/test/Echo',
    (call: Call): void => {
      opened.push({ call, closed: new Promise((resolve) => call.onClosed(resolve)) });
      call.receive(
        (message) => void call.write(Buffer.from(message)),
        () => call.end(),
      );
    },
  ],
  ['/test/Silent', (call: Call): void => void opened.push({ call, closed: new Promise((resolve) => call.onClosed(resolve)) })],
  [
    '/test/Count',
    serverStreaming(
      (bytes) => Buffer.from(bytes).readUInt32BE(0),
      async (count, call) => {
        for (let n = 0; n < count && !call.closed; n++) if (!call.write(Buffer.alloc(1000, n))) await call.drained();
        call.end();
      },
    ),
  ],
  [
    '/test/Fail',
    (call: Call): void => call.fail(new CallError(status.FAILED_PRECONDITION, '100 % Ümlaut', { 'stream-name': '50%-Grün' })),
  ],
]);

beforeAll(async () => {
  grpc = createGrpcServer({ methods, receiveBytes: RECEIVE_BYTES });
  server = createServer(grpc.accept).listen(0, '127.0.0.1');
  await once(server, 'listening');
  session = connect(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
});
afterAll(async () => {
  session.close();
  await grpc.close(1000);
  server.close();
});

const open = (path: string, headers: Record<string, string> = {}): ClientHttp2Stream =>
  session.request({ ':method': 'POST', ':path': path, 'content-type': 'application/grpc', te: 'trailers', ...headers });

const encoded = (message: Buffer): Buffer => prefixed([message], prefixedSize(message));

interface Answer {
  readonly headers: IncomingHttpHeaders;
  /** Of a call without messages these are the headers. */
  readonly trailers: IncomingHttpHeaders;
  readonly messages: readonly Buffer[];
}

async function answerOf(stream: ClientHttp2Stream): Promise<Answer> {
  const assembler = createMessageAssembler(RECEIVE_BYTES);
  const messages: Buffer[] = [];
  let trailers: IncomingHttpHeaders | undefined;
  stream.on('data', (chunk: Buffer) => assembler.take(chunk, (message) => messages.push(message)));
  stream.on('trailers', (received) => {
    trailers = received;
  });
  const [headers] = (await once(stream, 'response')) as [IncomingHttpHeaders];
  if (!stream.closed) await once(stream, 'close');
  return { headers, trailers: trailers ?? headers, messages };
}

describe('the gRPC server', () => {
  it('answers with messages and a status behind them', async () => {
    const stream = open('/test/Echo');
    stream.write(encoded(Buffer.from('one')));
    stream.end(encoded(Buffer.from('two')));
    const { headers, trailers, messages } = await answerOf(stream);
    expect(headers).toMatchObject({ ':status': 200, 'content-type': 'application/grpc' });
    expect(trailers['grpc-status']).toBe('0');
    expect(messages.map(String)).toEqual(['one', 'two']);
  });

  it('sends a failure as headers alone, its sentence percent-encoded, other trailers readable as they are', async () => {
    const { headers, messages } = await answerOf(open('/test/Fail'));
    expect(headers).toMatchObject({
      ':status': 200,
      'grpc-status': String(status.FAILED_PRECONDITION),
      'grpc-message': '100 %25 %C3%9Cmlaut',
      'stream-name': '50%-Gr%C3%BCn',
    });
    expect(messages).toEqual([]);
  });

  it('sends a failure behind the messages that came before it, and lets a client stop that is still sending', async () => {
    const stream = open('/test/Echo');
    stream.write(encoded(Buffer.from('before')));
    await once(stream, 'data');
    stream.write(Buffer.from([1, 0, 0, 0, 0]));
    const [trailers] = (await once(stream, 'trailers')) as [IncomingHttpHeaders];
    expect(trailers['grpc-status']).toBe(String(status.UNIMPLEMENTED));
    if (!stream.closed) await once(stream, 'close');
    expect(stream.rstCode).toBe(constants.NGHTTP2_NO_ERROR);
  });

  it('refuses a message beyond the limit, and a request that ends inside one', async () => {
    const large = open('/test/Echo');
    large.end(Buffer.from([0, 0x7f, 0, 0, 0]));
    expect((await answerOf(large)).trailers['grpc-status']).toBe(String(status.RESOURCE_EXHAUSTED));
    const cut = open('/test/Echo');
    cut.end(encoded(Buffer.from('cut')).subarray(0, -1));
    expect((await answerOf(cut)).trailers['grpc-status']).toBe(String(status.INVALID_ARGUMENT));
  });

  it('takes one message, and not none or two, where a call takes one', async () => {
    for (const count of [0, 2]) {
      const stream = open('/test/Count');
      stream.end(Buffer.concat(Array.from({ length: count }, () => encoded(Buffer.alloc(4)))));
      const { trailers } = await answerOf(stream);
      expect(trailers['grpc-status']).toBe(String(status.INVALID_ARGUMENT));
    }
  });

  it('says which method it does not know, and that it speaks nothing but gRPC', async () => {
    const unknown = (await answerOf(open('/test/Nothing').end())).trailers;
    expect(unknown['grpc-status']).toBe(String(status.UNIMPLEMENTED));
    expect(unknown['grpc-message']).toContain('/test/Nothing');
    expect((await answerOf(open('/test/Echo', { 'content-type': 'text/plain' }).end())).headers[':status']).toBe(415);
  });

  it('ends a call at its deadline', async () => {
    const stream = open('/test/Silent', { 'grpc-timeout': '50m' });
    expect((await answerOf(stream)).trailers['grpc-status']).toBe(String(status.DEADLINE_EXCEEDED));
    expect(opened.at(-1)?.call.closed).toBe(true);
  });

  it('knows that a client has cancelled, or is gone', async () => {
    const stream = open('/test/Silent');
    stream.on('error', () => undefined);
    stream.write(encoded(Buffer.from('open')));
    const before = opened.length;
    while (opened.length === before) await new Promise((resolve) => setImmediate(resolve));
    stream.close(constants.NGHTTP2_CANCEL);
    await opened.at(-1)?.closed;
    expect(opened.at(-1)?.call.write(Buffer.from('late'))).toBe(true);
  });

  it('sends everything in order to a reader of any pace, and holds little for one that stalls', async () => {
    const count = Buffer.alloc(4);
    count.writeUInt32BE(5000);
    const stream = open('/test/Count');
    stream.end(encoded(count));
    const { messages, trailers } = await answerOf(stream);
    expect(messages.map(([first]) => first)).toEqual(Array.from({ length: 5000 }, (_, n) => n % 256));
    expect(trailers['grpc-status']).toBe('0');

    const stalled = open('/test/Echo');
    stalled.write(encoded(Buffer.from('open')));
    const before = opened.length;
    while (opened.length === before) await new Promise((resolve) => setImmediate(resolve));
    const call = opened.at(-1)?.call;
    let written = 0;
    while (call?.write(Buffer.alloc(1000)) === true) written += 1000;
    expect(written).toBeLessThan(256 * 1024);
    const room = call?.drained();
    stalled.resume();
    await room;
    expect(call?.isFull).toBe(false);
    stalled.close();
  });

  it('lets open calls end when it closes, and cuts those off that do not', async () => {
    const other = createGrpcServer({ methods, receiveBytes: RECEIVE_BYTES });
    const listener = createServer(other.accept).listen(0, '127.0.0.1');
    await once(listener, 'listening');
    const client = connect(`http://127.0.0.1:${(listener.address() as AddressInfo).port}`);
    client.on('error', () => undefined);
    const headers = { ':method': 'POST', 'content-type': 'application/grpc' };
    const ending = client.request({ ...headers, ':path': '/test/Echo' });
    const endless = client.request({ ...headers, ':path': '/test/Silent' });
    endless.on('error', () => undefined);
    ending.write(encoded(Buffer.from('one')));
    await once(ending, 'data');
    const cutOff = once(endless, 'close');
    const closed = other.close(200);
    ending.end(encoded(Buffer.from('two')));
    expect((await once(ending, 'trailers'))[0]).toMatchObject({ 'grpc-status': '0' });
    await Promise.all([closed, cutOff]);
    listener.close();
  });
});
