import { once } from 'node:events';
import { connect } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { createExpressApp } from '../../../src/api/http/express-app.js';
import { type HttpServer, type HttpServerOptions, serveHttp } from '../../../src/api/http/server.js';

const open: HttpServer[] = [];
afterEach(async () => {
  await Promise.all(open.splice(0).map((server) => server.close()));
});

async function serve(over: Partial<HttpServerOptions> = {}) {
  const { express, http } = createExpressApp();
  const server = await serveHttp({ host: '127.0.0.1', port: 0, app: http, ...over });
  open.push(server);
  return { express, server, url: `http://127.0.0.1:${server.port}` };
}

/** What the server says to these bytes before it closes the connection. */
async function raw(port: number, bytes: string): Promise<string> {
  const socket = connect(port, '127.0.0.1').setEncoding('utf8');
  let text = '';
  socket.on('data', (chunk: string) => (text += chunk));
  socket.write(bytes);
  await once(socket, 'close');
  return text;
}

describe('an express application', () => {
  it('has express on its requests and responses, and their prototypes are never changed', async () => {
    const { express, url } = await serve();
    const changed: boolean[] = [];
    express.get('/x/:id', (request, response) => {
      changed.push(Object.getPrototypeOf(request) !== express.request, Object.getPrototypeOf(response) !== express.response);
      response.status(201).json({ id: request.params.id, app: request.app === express });
    });
    const answer = await fetch(`${url}/x/7`);
    expect([answer.status, await answer.json(), changed]).toEqual([201, { id: '7', app: true }, [false, false]]);
  });
});

describe('the HTTP server', () => {
  it('that finds its port taken says which setting to change', async () => {
    const { server } = await serve();
    await expect(serve({ port: server.port })).rejects.toThrow(/^Port \d+ on 127\.0\.0\.1 is taken: set PORT to another one/);
  });

  it('lets what is under way end when it closes, and takes nothing more', async () => {
    const { express, server, url } = await serve();
    let finish = () => {};
    const begun = new Promise<void>((resolve) => {
      express.get('/slow', (_, response) => {
        finish = () => void response.json('done');
        resolve();
      });
    });
    const answer = fetch(`${url}/slow`);
    await begun;
    const closed = server.close();
    await expect(fetch(url)).rejects.toThrow();
    finish();
    expect(await (await answer).json()).toBe('done');
    await closed;
  });

  it('that closes answers what is under way on a connection that is kept, and closes it then', async () => {
    const { express, server } = await serve();
    let finish = () => {};
    const begun = new Promise<void>((resolve) => {
      express.get('/slow', (_, response) => {
        finish = () => void response.json('done');
        resolve();
      });
    });
    const kept = raw(server.port, 'GET /slow HTTP/1.1\r\nHost: localhost\r\nConnection: keep-alive\r\n\r\n');
    const idle = connect(server.port, '127.0.0.1');
    await once(idle, 'connect');
    await begun;
    const closed = server.close();
    finish();
    const text = await kept;
    expect(text).toMatch(/^HTTP\/1\.1 200 /);
    expect(text).toContain('"done"');
    await closed;
    idle.destroy();
  });

  it('passes over an expectation that it does not know', async () => {
    const { express, server } = await serve();
    express.get('/x', (_, response) => void response.json('here'));
    const text = await raw(server.port, 'GET /x HTTP/1.1\r\nHost: localhost\r\nExpect: cake\r\nConnection: close\r\n\r\n');
    expect(text).toMatch(/^HTTP\/1\.1 200 .*"here"/s);
  });

  it('cuts off a client that sends its headers a few bytes at a time, and serves the others meanwhile', async () => {
    const { express, server, url } = await serve({ requestTimeout: 300 });
    express.get('/x', (_, response) => void response.json('here'));
    const slow = Array.from({ length: 20 }, () => {
      // It never closes its own half of the connection.
      const socket = connect({ port: server.port, host: '127.0.0.1', allowHalfOpen: true })
        .on('error', () => {})
        .resume();
      socket.write('GET /x HTTP/1.1\r\nHost: localhost\r\n');
      const dripping = setInterval(() => socket.write('X-Drip: 1\r\n'), 50);
      return new Promise<void>((resolve) => socket.once('close', () => resolve())).finally(() => clearInterval(dripping));
    });
    expect(await (await fetch(`${url}/x`)).json()).toBe('here');
    await Promise.all(slow);
  });

  it.each([
    ['headers that are too large', `GET /x HTTP/1.1\r\nHost: localhost\r\nX-Large: ${'x'.repeat(20_000)}\r\n\r\n`, 431],
    ['two lengths', 'POST /x HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab', 400],
    ['a length and chunks', 'POST /x HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n', 400],
    ['a header name with a space', 'GET /x HTTP/1.1\r\nHost: localhost\r\nBad Name: 1\r\n\r\n', 400],
    ['a method that there is not', 'BREW /x HTTP/1.1\r\nHost: localhost\r\n\r\n', 400],
    ['no host', 'GET /x HTTP/1.1\r\n\r\n', 400],
  ])('answers %s with a problem', async (_, bytes, status) => {
    const { server } = await serve();
    const text = await raw(server.port, bytes);
    expect(text).toMatch(new RegExp(`^HTTP/1\\.1 ${status} `));
    expect(text).toContain('application/problem+json');
  });

  it('cuts off what does not end in time', async () => {
    const { express, server, url } = await serve({ shutdownTimeout: 50 });
    const begun = new Promise<void>((resolve) => {
      express.get('/never', () => resolve());
    });
    const answer = fetch(`${url}/never`);
    const cut = expect(answer).rejects.toThrow();
    await begun;
    await server.close();
    await cut;
  });

  it('tells those who wait that it closes', async () => {
    let told = false;
    const { server } = await serve({ onClosing: () => (told = true) });
    await server.close();
    expect(told).toBe(true);
  });

  it('answers what is not HTTP with a problem', async () => {
    const { server } = await serve();
    const text = await raw(server.port, 'nonsense\r\n\r\n');
    expect(text).toMatch(/^HTTP\/1\.1 400 .*application\/problem\+json.*malformed-request/s);
  });

  it('does not wait for a client that never ends its request', async () => {
    const { server } = await serve({ requestTimeout: 300 });
    const text = await raw(server.port, 'POST / HTTP/1.1\r\nHost: localhost\r\n');
    expect(text).toMatch(/^HTTP\/1\.1 408 /);
  });
});
