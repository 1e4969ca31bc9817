// The HTTP server's lifetime: from taking a port to having answered everything. What it serves is the application's matter.

import { createServer, type RequestListener, type Server } from 'node:http';
import type { Socket } from 'node:net';
import type { HttpApp } from './express-app.js';

export interface HttpServerOptions {
  readonly host: string;
  /** 0: a free one. */
  readonly port: number;
  readonly app: HttpApp;
  /** How long receiving a request may take, in milliseconds. */
  readonly requestTimeout?: number;
  /** How long `close` lets requests end by themselves, in milliseconds. */
  readonly shutdownTimeout?: number;
  /** Called when closing begins: whoever only waits should end that. */
  readonly onClosing?: () => void;
}

export interface HttpServer {
  readonly port: number;
  /** Stops accepting, lets what is under way end, and cuts off what has not ended in time. */
  close(): Promise<void>;
}

function listening(server: Server, host: string, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    const refused = (error: NodeJS.ErrnoException) => {
      if (error.code === 'EADDRINUSE')
        reject(
          new Error(`Port ${port} on ${host} is taken: set PORT to another one (0 takes any that is free).`, { cause: error }),
        );
      else if (error.code === 'EACCES')
        reject(new Error(`Port ${port} on ${host} may not be used by this user: set PORT to another one.`, { cause: error }));
      else reject(new Error(`The API cannot listen on ${host}: ${error.message}. See HOST and PORT.`, { cause: error }));
    };
    server.once('error', refused);
    server.listen({ host, port }, () => {
      server.off('error', refused);
      const address = server.address();
      resolve(typeof address === 'object' && address !== null ? address.port : port);
    });
  });
}

const statusOf: Readonly<Record<string, readonly [number, string]>> = {
  ERR_HTTP_REQUEST_TIMEOUT: [408, 'The request took too long to arrive'],
  HPE_HEADER_OVERFLOW: [431, 'The headers are too large'],
};

/** What cannot be read as HTTP has no request that an application could answer. */
function answerUnreadable(error: NodeJS.ErrnoException, socket: Socket): void {
  if (error.code === 'ECONNRESET' || !socket.writable || socket.bytesWritten > 0) {
    socket.destroy();
    return;
  }
  answerRaw(socket, ...(statusOf[error.code ?? ''] ?? [400, 'The request is not HTTP']));
}

/** How long a client that was told why may take to close the connection, in milliseconds. */
const parting = 1_000;

function answerRaw(socket: Socket, status: number, title: string): void {
  const body = JSON.stringify({
    type: 'urn:problem-type:panglot:malformed-request',
    title,
    status,
    detail: `${title}.`,
    code: 'malformed-request',
  });
  const head = `HTTP/1.1 ${status} ${title}\r\nContent-Type: application/problem+json\r\nContent-Length: ${Buffer.byteLength(body)}`;
  socket.end(`${head}\r\nConnection: close\r\n\r\n${body}`);
  // Whoever only goes on sending would keep its half of the connection open for ever.
  setTimeout(() => socket.destroy(), parting).unref();
}

/** Serves the application. @throws Error a sentence that names the setting, if the port cannot be had */
export async function serveHttp(options: HttpServerOptions): Promise<HttpServer> {
  const { app, requestTimeout = 5_000, shutdownTimeout = 20_000, onClosing } = options;
  const headersTimeout = Math.min(3_000, requestTimeout);
  let closing: Promise<void> | undefined;
  // Connections that no request has come from yet. Node takes them for busy, and stops timing them when it closes.
  const unused = new Set<Socket>();
  const answer: RequestListener = (request, response) => {
    unused.delete(request.socket);
    // RFC 9112 (3.2) wants 400; Node's own answer would be one without a problem.
    if (request.headers.host === undefined && request.httpVersion === '1.1')
      answerRaw(request.socket, 400, 'The request has no Host header');
    else {
      if (closing !== undefined) response.setHeader('Connection', 'close');
      app.listener(request, response);
    }
  };
  const server = createServer(
    {
      IncomingMessage: app.IncomingMessage,
      ServerResponse: app.ServerResponse,
      requireHostHeader: false,
      headersTimeout,
      requestTimeout,
      connectionsCheckingInterval: 1_000,
    },
    answer,
  );
  // An expectation that nobody knows may be passed over (RFC 9110, 10.1.1). Node's own answer would be one without a problem.
  server.on('checkExpectation', answer);
  server.on('clientError', answerUnreadable);
  server.on('connection', (socket) => {
    unused.add(socket);
    socket.once('close', () => unused.delete(socket));
  });
  const port = await listening(server, options.host, options.port);

  const close = () =>
    new Promise<void>((resolve) => {
      const cut = setTimeout(() => server.closeAllConnections(), shutdownTimeout);
      // A connection is kept alive by its client, so it is closed as soon as its last answer has gone out.
      const begun = performance.now();
      const closeIdle = () => {
        server.closeIdleConnections();
        const late = performance.now() - begun > headersTimeout;
        for (const socket of unused) if (late || socket.bytesRead === 0) socket.destroy();
      };
      const idle = setInterval(closeIdle, 20);
      server.close(() => {
        clearTimeout(cut);
        clearInterval(idle);
        resolve();
      });
      onClosing?.();
    });
  return {
    port,
    close: () => {
      closing ??= close();
      return closing;
    },
  };
}
