import { validate, version } from 'uuid';
import { expect, it } from 'vitest';
import { idSource } from '../../src/api/new-id.js';

it('ids are UUIDs of version 7, of now, and no two are the same, also past one draw of random bytes', () => {
  const next = idSource();
  const before = Date.now();
  const ids = Array.from({ length: 2000 }, next);
  expect(new Set(ids).size).toBe(2000);
  for (const id of ids) {
    expect([validate(id), version(id)]).toEqual([true, 7]);
    expect(Number.parseInt(id.replace('-', '').slice(0, 12), 16)).toBeGreaterThanOrEqual(before);
  }
});
