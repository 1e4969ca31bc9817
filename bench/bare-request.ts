// The yardstick: what one bare HTTP request costs on this machine at this moment, so that figures of different machines can be compared.
// A POST of 1 KB, JSON parsed, 201; node:http on one side, undici on the other, each a process of its own.

import { fork } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { fileURLToPath } from 'node:url';
import { Pool } from 'undici';

const used = ({ user, system }: NodeJS.CpuUsage) => user + system;

function serve(): void {
  const server = createServer((request, response) => {
    let body = '';
    request.on('data', (chunk) => {
      body += chunk;
    });
    request.on('end', () => {
      JSON.parse(body);
      response.writeHead(201, { 'content-type': 'application/json' }).end('{"a":1}');
    });
  });
  server.listen(0, '127.0.0.1', () => process.send?.((server.address() as AddressInfo).port));
  process.on('message', () => process.send?.(used(process.cpuUsage())));
}

/** CPU microseconds of a bare request, client and server together: the mean over `requests` with 64 in flight. */
export async function bareRequestCost(requests = 20_000): Promise<number> {
  const server = fork(fileURLToPath(import.meta.url), ['serve']);
  const [port] = await once(server, 'message');
  const pool = new Pool(`http://127.0.0.1:${port}`, { connections: 64 });
  const body = JSON.stringify({ a: 'x'.repeat(1000) });
  const serverCpu = async (): Promise<number> => {
    server.send('cpu');
    return (await once(server, 'message'))[0];
  };
  const drive = async (count: number) => {
    let left = count;
    const client = async () => {
      while (left-- > 0) await (await pool.request({ method: 'POST', path: '/', body })).body.text();
    };
    await Promise.all(Array.from({ length: 64 }, client));
  };
  try {
    await drive(requests / 4);
    const [before, ownBefore] = [await serverCpu(), used(process.cpuUsage())];
    await drive(requests);
    return ((await serverCpu()) - before + used(process.cpuUsage()) - ownBefore) / requests;
  } finally {
    await pool.destroy();
    server.kill();
  }
}

if (process.argv[2] === 'serve') serve();
