// What the node says over plain HTTP: that it lives. Everything else is gRPC's.

import type { RequestListener } from 'node:http';
import type { Journal } from './journal.js';

/** Answers `/health/live` and `/ping` as EventStoreDB does; and 503, with the reason, where the log takes no more appends. */
export function healthListener(journal: Journal): RequestListener {
  return ({ method, url = '' }, response) => {
    const path = url.split('?', 1)[0];
    const say = (code: number, message: string): void => {
      const body = JSON.stringify({ text: message });
      response.writeHead(code, { 'content-type': 'application/json; charset=utf-8', 'content-length': Buffer.byteLength(body) });
      response.end(method === 'HEAD' ? undefined : body);
    };
    if (method !== 'GET' && method !== 'HEAD') return say(405, 'Only GET and HEAD are served here; everything else is gRPC.');
    if (path === '/ping') return say(200, 'Ping request successfully handled');
    if (path !== '/health/live')
      return say(404, 'The event node serves /health/live and /ping over HTTP, and gRPC on the same port.');
    if (journal.failure !== undefined) return say(503, journal.failure);
    response.writeHead(204).end();
  };
}
