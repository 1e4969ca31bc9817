import { describe, expect, it } from 'vitest';
import { localOnly } from '../../../src/api/access/local-only.js';

const admitted = (headers: object, publicUrl: string | null = null) => localOnly(publicUrl)({ ...headers }).admitted;

describe('open access', () => {
  it.each(['localhost', 'localhost:8080', 'LOCALHOST', 'shop.localhost', '127.0.0.1:8080', '127.9.9.9', '[::1]:8080'])(
    'is for the host %s',
    (host) => expect(admitted({ host })).toBe(true),
  );

  it.each([
    'evil.example',
    'localhost.evil.example',
    '127.0.0.1.evil.example',
    '192.168.0.1',
    '0.0.0.0',
    '',
    'a b',
    'localhost@evil.example',
  ])('is not for the host %j', (host) => expect(admitted({ host })).toBe(false));

  it('is not for a request without a host', () => expect(admitted({})).toBe(false));

  it('is for the name of PUBLIC_URL', () => {
    expect(admitted({ host: 'shop.example' }, 'https://shop.example/x')).toBe(true);
    expect(admitted({ host: 'localhost', origin: 'https://shop.example' }, 'https://shop.example')).toBe(true);
    expect(admitted({ host: 'other.example' }, 'https://shop.example')).toBe(false);
  });

  it.each([
    ['http://localhost:3000', true],
    ['http://127.0.0.1', true],
    ['https://evil.example', false],
    ['null', false],
  ])('from the origin %s: %j', (origin, is) => expect(admitted({ host: 'localhost', origin })).toBe(is));
});
