// The rows behind Idempotency-Key: what a claim gets, how long it holds, what is kept and for how long.

import { createHash } from 'node:crypto';
import { v7 as uuid7 } from 'uuid';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type Database, openPostgres } from '../../../src/adapters/postgres/database.js';
import { idempotencyKeyMigrations, postgresIdempotencyKeys } from '../../../src/adapters/postgres/idempotency-keys.js';
import { migrate } from '../../../src/adapters/postgres/migrate.js';
import type { Claim, IdempotencyKeys, KeyedRequest } from '../../../src/api/rest/idempotency-keys.js';
import { freshDatabase, type TestDatabase } from '../../support/database.js';

const minute = 60_000;

let test: TestDatabase;
let database: Database;
let keys: IdempotencyKeys;

beforeAll(async () => {
  test = await freshDatabase();
  await migrate(test.url, idempotencyKeyMigrations);
  database = openPostgres({ url: test.url, poolSize: 8 });
  keys = postgresIdempotencyKeys(database, { retentionMs: 60 * minute, claimMs: minute, sweepRows: 10 });
});
beforeEach(async () => {
  await database.query('TRUNCATE idempotency_keys');
});
afterAll(async () => {
  await database?.close();
  await test?.drop();
});

const hashOf = (text: string) => createHash('sha256').update(text).digest();
const request = (over: Partial<KeyedRequest> = {}): KeyedRequest => ({
  ...{ principal: 'ann', key: 'k1', requestHash: hashOf('one'), logId: 'k3f9', runId: uuid7() },
  ...over,
});
const answer = { status: 201, headers: { Location: '/orders/1', 'Content-Type': 'application/json' }, text: '{"id":"1\\u0000"}' };

async function claimed(over: Partial<KeyedRequest> = {}): Promise<Claim & { readonly commandId: string }> {
  const asked = request(over);
  const result = await keys.claim(asked);
  if (result.outcome !== 'claimed') throw new Error(`The key was ${result.outcome}.`);
  return { ...asked, commandId: result.commandId };
}

/** The database's own way of letting time pass. */
const lapse = () => database.query("UPDATE idempotency_keys SET claimed_until = clock_timestamp() - interval '1 ms'");
const age = (interval: string) => database.query('UPDATE idempotency_keys SET created_at = created_at - $1::interval', [interval]);
const count = async () => (await database.query<{ n: bigint }>('SELECT count(*) AS n FROM idempotency_keys')).rows[0]?.n;

describe('a key', () => {
  it('that is new is claimed, and the command has the id of the run', async () => {
    const { commandId, runId } = await claimed();
    expect(commandId).toBe(runId);
  });

  it('is in use while its claim holds, whoever asks', async () => {
    await claimed();
    expect(await keys.claim(request())).toEqual({ outcome: 'in-use' });
  });

  it('answers what was stored, for good', async () => {
    const claim = await claimed();
    expect(await keys.store(claim, answer)).toBe(true);
    for (const _ of [1, 2]) expect(await keys.claim(request())).toEqual({ outcome: 'answered', answer });
  });

  it('belongs to one request: while it runs, when it has lapsed, and when it is answered', async () => {
    const other = request({ requestHash: hashOf('two') });
    const claim = await claimed();
    expect(await keys.claim(other)).toEqual({ outcome: 'reused' });
    await lapse();
    expect(await keys.claim(other)).toEqual({ outcome: 'reused' });
    await keys.store(claim, answer);
    expect(await keys.claim(other)).toEqual({ outcome: 'reused' });
  });

  it("is one's own: another principal's is another key", async () => {
    await keys.store(await claimed(), answer);
    expect((await keys.claim(request({ principal: 'bob', requestHash: hashOf('two') }))).outcome).toBe('claimed');
  });

  it('goes to exactly one of many who claim it at the same time', async () => {
    const results = await Promise.all(Array.from({ length: 50 }, () => keys.claim(request())));
    expect(results.filter(({ outcome }) => outcome === 'claimed')).toHaveLength(1);
    expect(results.filter(({ outcome }) => outcome === 'in-use')).toHaveLength(49);
  });

  it('of another log is as good as none: a command of this log gets an id of its own', async () => {
    const before = await claimed({ logId: 'old' });
    await keys.store(before, answer);
    const after = await claimed({ requestHash: hashOf('two') });
    expect(after.commandId).toBe(after.runId);
    await keys.store(after, { ...answer, status: 200 });
    expect(await keys.claim(request({ requestHash: hashOf('two') }))).toMatchObject({
      outcome: 'answered',
      answer: { status: 200 },
    });
  });

  it('that has been kept long enough is as good as none, also for many who ask at the same time', async () => {
    await keys.store(await claimed(), answer);
    await age('59 minutes');
    expect((await keys.claim(request())).outcome).toBe('answered');
    await age('1 minute');
    const results = await Promise.all(Array.from({ length: 20 }, () => keys.claim(request())));
    expect(results.map(({ outcome }) => outcome).sort()).toEqual(['claimed', ...Array.from({ length: 19 }, () => 'in-use')]);
  });
});

describe('a claim', () => {
  it('that has lapsed is taken over, under the same command id', async () => {
    const first = await claimed();
    await lapse();
    const second = await claimed();
    expect(second.runId).not.toBe(first.runId);
    expect(second.commandId).toBe(first.commandId);
    expect((await keys.claim(request())).outcome).toBe('in-use');
  });

  it('that was released is taken over at once, under the same command id', async () => {
    const first = await claimed();
    await keys.release(first);
    expect((await claimed()).commandId).toBe(first.commandId);
  });

  it('that was taken over stores nothing, and neither renews nor releases the other one', async () => {
    const first = await claimed();
    await lapse();
    const second = await claimed();
    expect(await keys.store(first, { ...answer, status: 409 })).toBe(false);
    await keys.release(first);
    expect((await keys.claim(request())).outcome).toBe('in-use');
    await lapse();
    await keys.renew([first]);
    expect((await claimed()).commandId).toBe(second.commandId);
  });

  it('is held on to by renewing, as many as there are at once', async () => {
    const held = [await claimed({ key: 'k1' }), await claimed({ key: 'k2' }), await claimed({ key: 'k2', principal: 'bob' })];
    await lapse();
    await keys.renew(held);
    for (const { principal, key } of held) expect((await keys.claim(request({ principal, key }))).outcome).toBe('in-use');
  });
});

describe('a sweep', () => {
  it('drops what has been kept long enough, a bounded number at a time, and nothing else', async () => {
    for (let n = 0; n < 15; n++) await keys.store(await claimed({ key: `old ${n}` }), answer);
    await age('1 hour');
    await keys.store(await claimed({ key: 'young' }), answer);
    expect(await keys.sweep()).toEqual({ dropped: 10, more: true });
    expect(await keys.sweep()).toEqual({ dropped: 5, more: false });
    expect(await keys.sweep()).toEqual({ dropped: 0, more: false });
    expect((await keys.claim(request({ key: 'young' }))).outcome).toBe('answered');
  });

  it('leaves a request that runs, and drops what one that died has left', async () => {
    const running = await claimed({ key: 'running' });
    await claimed({ key: 'dead' });
    await lapse();
    await keys.renew([running]);
    await age('1 hour');
    expect((await keys.sweep()).dropped).toBe(1);
    expect(await keys.store(running, answer)).toBe(true);
  });

  it('of several processes at the same time drops each row once', async () => {
    for (let n = 0; n < 25; n++) await claimed({ key: `old ${n}` });
    await lapse();
    await age('1 hour');
    const dropped = (await Promise.all([1, 2, 3, 4].map(() => keys.sweep()))).map((swept) => swept.dropped);
    expect(dropped.reduce((sum, n) => sum + n)).toBe(25);
    expect(await count()).toBe(0n);
  });
});
