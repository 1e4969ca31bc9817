// What the node says over plain HTTP: that it lives. Everything else is gRPC's.

import type { RequestListener } from 'node:http';
import type { Journal } from './journal.js';

/** EventStoreDB numbers the kinds of its messages, and a client may look for one. */
const MESSAGE_KIND = 0;

/** Answers `/health/live` and `/ping` as EventStoreDB does; and 503, with the reason, where the log takes no more appends. */
export function healthListener(journal: Journal): RequestListener {
  return ({ method, url = '' }, response) => {
    const path = url.split('?', 1)[0];
    const say = (code: number, text: string): void => {
      const body = JSON.stringify({ msgTypeId: MESSAGE_KIND, text });
      response.writeHead(code, { 'content-type': 'application/json; charset=utf-8', 'content-length': Buffer.byteLength(body) });
      response.end(method === 'HEAD' ? undefined : body);
    };
    if (path !== '/ping' && path !== '/health/live')
      say(404, 'Over HTTP the event node serves /health/live and /ping; everything else is gRPC, on the same port.');
    else if (method !== 'GET' && method !== 'HEAD') say(405, 'Only GET and HEAD are served here.');
    else if (path === '/ping') say(200, 'Ping request successfully handled');
    else if (journal.failure !== undefined) say(503, journal.failure);
    else response.writeHead(204).end();
  };
}
