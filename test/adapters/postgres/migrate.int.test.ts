import pg from 'pg';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type Migration, migrate } from '../../../src/adapters/postgres/migrate.js';
import { Corrupt, Unavailable } from '../../../src/domain/log/errors.js';
import { freshDatabase, type TestDatabase } from '../../support/database.js';

const step = (name: string, sql: string): Migration => ({ name, up: async (knex) => void (await knex.raw(sql)) });
const first = step('0001-things', 'CREATE TABLE things (id bigint PRIMARY KEY)');
const second = step('0002-names', 'ALTER TABLE things ADD COLUMN name text');

let test: TestDatabase;
let client: pg.Client;

beforeAll(async () => {
  test = await freshDatabase();
  client = new pg.Client({ connectionString: test.url });
  await client.connect();
});
beforeEach(async () => {
  await client.query('DROP SCHEMA public CASCADE; CREATE SCHEMA public');
});
afterAll(async () => {
  await client?.end();
  await test?.drop();
});

describe('migrating', () => {
  it('runs what is new, in the order of the list, once', async () => {
    expect(await migrate(test.url, [first])).toEqual([first.name]);
    expect(await migrate(test.url, [first, second])).toEqual([second.name]);
    expect(await migrate(test.url, [first, second])).toEqual([]);
    await client.query("INSERT INTO things VALUES (1, 'one')");
  });

  it('runs each step once when several processes start at the same time', async () => {
    const slow = step('0001-slow', 'CREATE TABLE things (id bigint); SELECT pg_sleep(0.2); INSERT INTO things VALUES (1)');
    const ran = await Promise.all([1, 2, 3, 4].map(() => migrate(test.url, [slow, second])));
    expect(ran.flat()).toEqual([slow.name, second.name]);
    expect((await client.query('SELECT * FROM things')).rowCount).toBe(1);
  });

  it('leaves nothing behind of a list that fails in the middle', async () => {
    await expect(migrate(test.url, [first, step('0002-wrong', 'CREATE TABLE things (id bigint)')])).rejects.toThrow(
      /already exists/,
    );
    expect(await migrate(test.url, [first, second])).toEqual([first.name, second.name]);
  });

  it('is not held up by the lock of a process that was killed', async () => {
    await migrate(test.url, [first]);
    await client.query('UPDATE schema_migrations_lock SET is_locked = 1');
    expect(await migrate(test.url, [first, second])).toEqual([second.name]);
  });

  it('refuses a database that a newer version has migrated, and names what it does not know', async () => {
    await migrate(test.url, [first, second]);
    const refused = migrate(test.url, [first]);
    await expect(refused).rejects.toThrow(Corrupt);
    await expect(refused).rejects.toThrow(/newer version of Panglot.*0002-names/);
  });

  it('says that the server is away, without the password', async () => {
    const refused = migrate('postgres://panglot:secret@127.0.0.1:1/panglot', [first]);
    await expect(refused).rejects.toThrow(Unavailable);
    await expect(refused).rejects.toThrow(/^(?!.*secret).*127\.0\.0\.1:1\/panglot/);
  });
});
