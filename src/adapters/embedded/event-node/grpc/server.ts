// gRPC over HTTP/2, as far as a server needs it: methods by their paths, and connections that somebody else has accepted.

import { createServer, type ServerHttp2Session } from 'node:http2';
import type { Socket } from 'node:net';
import { type Call, createCall } from './call.js';
import type { Handler } from './methods.js';
import { CallError, status } from './status.js';

export interface GrpcServer {
  /** Serves a connection on which HTTP/2 is spoken. */
  accept(socket: Socket): void;
  /** Takes no more calls, waits for those that are open, and closes all connections; after so many milliseconds it cuts them off. */
  close(withinMs: number): Promise<void>;
}

export interface GrpcServerOptions {
  /** By path: `/package.Service/Method`. */
  readonly methods: ReadonlyMap<string, Handler>;
  /** The largest message that is taken. */
  readonly receiveBytes: number;
}

/** What a client may send ahead on one stream, and on a connection, before it is looked at. */
const STREAM_WINDOW = 1024 * 1024;

/** A server of these methods. */
export function createGrpcServer({ methods, receiveBytes }: GrpcServerOptions): GrpcServer {
  const sessions = new Set<ServerHttp2Session>();
  const server = createServer({
    settings: { initialWindowSize: STREAM_WINDOW, enablePush: false },
    // What a connection may hold is bounded by its streams' windows; the default here would refuse streams while others are read.
    maxSessionMemory: Number.MAX_SAFE_INTEGER,
  });
  let closing = false;

  server.on('session', (session) => {
    if (closing) return session.destroy();
    sessions.add(session);
    session.setLocalWindowSize(STREAM_WINDOW);
    session.once('close', () => sessions.delete(session));
    session.on('error', () => undefined);
  });
  server.on('sessionError', () => undefined);
  server.on('stream', (stream, headers) => {
    // RFC and gRPC: what is not gRPC is told so in HTTP's terms.
    if (headers[':method'] !== 'POST' || !String(headers['content-type']).startsWith('application/grpc')) {
      stream.on('error', () => undefined);
      stream.respond({ ':status': 415 }, { endStream: true });
      return;
    }
    const call = createCall(stream, headers, receiveBytes);
    const handler = methods.get(String(headers[':path'])) ?? unknownMethod;
    try {
      handler(call);
    } catch (error) {
      call.fail(error);
    }
  });

  return {
    accept: (socket) => void server.emit('connection', socket),
    close(withinMs) {
      closing = true;
      const ended = [...sessions].map(
        (session) =>
          new Promise<void>((resolve) => {
            session.once('close', resolve);
            session.close();
          }),
      );
      const force = setTimeout(() => {
        for (const session of sessions) session.destroy();
      }, withinMs);
      return Promise.all(ended).then(() => clearTimeout(force));
    },
  };
}

function unknownMethod(call: Call): void {
  call.fail(new CallError(status.UNIMPLEMENTED, `The server does not know the method ${String(call.headers[':path'])}.`));
}
