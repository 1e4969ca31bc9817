// One port for gRPC and for HTTP/1.1, with or without TLS. Plain connections are told apart by their first bytes, as HTTP/2 has a preface
// for that; with TLS the two agree on a protocol beforehand (ALPN).

import { createServer as createHttpServer, type RequestListener } from 'node:http';
import { createServer, type Server, type Socket } from 'node:net';
import { createServer as createTlsServer } from 'node:tls';
import { Unavailable } from '../../../domain/log/errors.js';

export interface PortOptions {
  readonly host: string;
  /** 0: any free one. */
  readonly port: number;
  readonly tls: TlsFiles | undefined;
}

/** As PEM. */
export interface TlsFiles {
  readonly certificate: string | Buffer;
  readonly key: string | Buffer;
}

export interface OpenPort {
  readonly port: number;
  /** Takes no more connections, and drops those that are not gRPC's. */
  close(): void;
}

const PREFACE = 'PRI';
/** A connection that says nothing for so long is dropped; so is one that does not finish its request. */
const FIRST_BYTES_MS = 10_000;

/** Listens, and hands each connection to one of the two. @throws Unavailable if the address cannot be had */
export async function openPort(options: PortOptions, grpc: (socket: Socket) => void, answer: RequestListener): Promise<OpenPort> {
  const { host, tls } = options;
  const http = createHttpServer(
    { headersTimeout: FIRST_BYTES_MS, requestTimeout: FIRST_BYTES_MS, keepAliveTimeout: 5_000 },
    answer,
  );
  const undecided = new Set<Socket>();

  function decide(socket: Socket): void {
    undecided.add(socket);
    const impatience = setTimeout(() => socket.destroy(), FIRST_BYTES_MS);
    const pieces: Buffer[] = [];
    const settle = (): void => {
      clearTimeout(impatience);
      undecided.delete(socket);
    };
    const look = (piece: Buffer): void => {
      pieces.push(piece);
      const bytes = Buffer.concat(pieces);
      const start = bytes.toString('latin1', 0, PREFACE.length);
      if (start.length < PREFACE.length && PREFACE.startsWith(start)) return;
      socket.off('data', look);
      socket.pause();
      socket.unshift(bytes);
      settle();
      if (start === PREFACE) grpc(socket);
      else {
        http.emit('connection', socket);
        socket.resume();
      }
    };
    socket.on('data', look);
    socket.once('close', settle);
    socket.on('error', () => socket.destroy());
  }

  const server =
    tls === undefined
      ? createServer({ noDelay: true }, decide)
      : createTlsServer(
          {
            cert: tls.certificate,
            key: tls.key,
            ALPNProtocols: ['h2', 'http/1.1'],
            noDelay: true,
            handshakeTimeout: FIRST_BYTES_MS,
          },
          (socket) => {
            socket.on('error', () => socket.destroy());
            if (socket.alpnProtocol === 'h2') grpc(socket);
            else http.emit('connection', socket);
          },
        );
  const port = await bind(server, host, options.port);
  return {
    port,
    close() {
      server.close();
      http.close();
      http.closeAllConnections();
      for (const socket of undecided) socket.destroy();
    },
  };
}

function bind(server: Server, host: string, wanted: number): Promise<number> {
  const shown = host.includes(':') ? `[${host}]:${wanted}` : `${host}:${wanted}`;
  return new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      const reason = error.code === 'EADDRINUSE' ? 'the port is taken by another process' : error.message;
      reject(new Unavailable(`The event node cannot listen on ${shown}: ${reason}.`));
    });
    server.listen(wanted, host, () => {
      const address = server.address();
      resolve(typeof address === 'object' && address !== null ? address.port : wanted);
    });
  });
}
