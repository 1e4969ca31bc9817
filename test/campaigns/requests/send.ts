// Sends a generated request byte by byte over a connection of its own, so that nothing tidies it up on the way.

import { connect } from 'node:net';
import { brotliDecompressSync, gunzipSync } from 'node:zlib';
import type { GeneratedRequest } from './generate.js';

export interface RawAnswer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
}

function parsed(bytes: Buffer): RawAnswer | null {
  const end = bytes.indexOf('\r\n\r\n');
  if (end < 0) return null;
  const [first = '', ...lines] = bytes.subarray(0, end).toString('latin1').split('\r\n');
  const status = Number(/^HTTP\/1\.1 (\d{3})/.exec(first)?.[1]);
  const rest = bytes.subarray(end + 4);
  if (status === 100) return parsed(rest);
  const headers = new Headers();
  for (const line of lines) headers.append(line.slice(0, line.indexOf(':')), line.slice(line.indexOf(':') + 1).trim());
  const coding = headers.get('content-encoding');
  const plain =
    rest.length === 0 ? rest : coding === 'gzip' ? gunzipSync(rest) : coding === 'br' ? brotliDecompressSync(rest) : rest;
  return { status, headers, text: plain.toString('utf8') };
}

function bytesOf({ method, address, headers, body }: GeneratedRequest, host: string): Buffer {
  const names = new Set(headers.map(([name]) => name.toLowerCase()));
  const content = body === null ? null : Buffer.from(body as string);
  const lines = [
    `${method} ${address} HTTP/1.1`,
    `Host: ${host}`,
    ...headers.map(([name, value]) => `${name}: ${value}`),
    ...(content === null ? [] : [`Content-Length: ${content.length}`]),
    ...(content === null || names.has('content-type') ? [] : ['Content-Type: application/json']),
    ...(names.has('connection') ? [] : ['Connection: close']),
  ];
  return Buffer.concat([Buffer.from(`${lines.join('\r\n')}\r\n\r\n`, 'latin1'), content ?? Buffer.alloc(0)]);
}

/** The answer; `null` if the connection ended without one. */
export function sendRaw(request: GeneratedRequest, port: number): Promise<RawAnswer | null> {
  return new Promise((resolve) => {
    const chunks: Buffer[] = [];
    const socket = connect(port, '127.0.0.1');
    const expected = () => {
      const bytes = Buffer.concat(chunks);
      const end = bytes.indexOf('\r\n\r\n');
      const length = /\r\ncontent-length: (\d+)/i.exec(bytes.subarray(0, Math.max(0, end)).toString('latin1'))?.[1];
      if (end >= 0 && length !== undefined && bytes.length >= end + 4 + Number(length)) socket.end();
    };
    socket.on('data', (chunk: Buffer) => {
      chunks.push(chunk);
      expected();
    });
    socket.on('error', () => {});
    socket.on('close', () => resolve(parsed(Buffer.concat(chunks))));
    socket.setTimeout(20_000, () => socket.destroy());
    socket.write(bytesOf(request, `127.0.0.1:${port}`));
  });
}
