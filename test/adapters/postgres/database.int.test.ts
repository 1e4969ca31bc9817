import { createServer, connect as dial, type Server, type Socket } from 'node:net';
import pg from 'pg';
import { afterAll, beforeAll, beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { type Database, openPostgres } from '../../../src/adapters/postgres/database.js';
import { listen } from '../../../src/adapters/postgres/listen.js';
import type { Tx } from '../../../src/domain/log/checkpoint.js';
import { OutcomeUnknown, Unavailable } from '../../../src/domain/log/errors.js';
import { eventually } from '../../support/condition.js';
import { freshDatabase, type TestDatabase } from '../../support/database.js';

let test: TestDatabase;
let database: Database;

beforeAll(async () => {
  test = await freshDatabase();
  database = openPostgres({ url: test.url, poolSize: 4 });
  await database.query('CREATE TABLE things (id bigint PRIMARY KEY)');
});
beforeEach(async () => {
  await database.query('TRUNCATE things');
});
afterAll(async () => {
  await database?.close();
  await test?.drop();
});

const insert = (tx: Tx, id: number) => tx.query('INSERT INTO things VALUES ($1)', [id]);
const things = async () =>
  (await database.query<{ id: bigint }>('SELECT id FROM things ORDER BY id')).rows.map(({ id }) => Number(id));

/** Ends every other connection to the database, as an administrator or a restart does. */
const cutAll = () =>
  database.query(
    'SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()',
  );

/** Stands between a pool and the server, and can swallow the server's answers. */
async function between(url: string): Promise<{ url: string; swallow(): void; cut(): void; server: Server }> {
  const { port } = new URL(url);
  const sockets = new Set<Socket>();
  let swallowing = false;
  const server = createServer((near) => {
    const far = dial(Number(port), '127.0.0.1');
    for (const socket of [near, far]) {
      sockets.add(socket);
      socket.on('error', () => {});
      socket.on('close', () => {
        near.destroy();
        far.destroy();
      });
    }
    near.on('data', (data) => far.write(data));
    far.on('data', (data) => void (swallowing || near.write(data)));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  if (typeof address !== 'object' || address === null) throw new Error('no port');
  return {
    url: url.replace(`:${port}/`, `:${address.port}/`),
    swallow: () => {
      swallowing = true;
    },
    cut: () => {
      for (const socket of sockets) socket.destroy();
    },
    server,
  };
}

describe('a query', () => {
  it('gives int8 as bigint and dates as text, and leaves the parsers of others alone', async () => {
    const { rows } = await database.query(
      "SELECT 9007199254740993::int8 AS big, DATE '2011-11-14' AS day, 1.10::numeric AS exact, 7 AS small",
    );
    expect(rows).toEqual([{ big: 9007199254740993n, day: '2011-11-14', exact: '1.10', small: 7 }]);
    const client = new pg.Client({ connectionString: test.url });
    await client.connect();
    onTestFinished(() => client.end());
    expect((await client.query('SELECT 1::int8 AS one')).rows).toEqual([{ one: '1' }]);
  });

  it('takes a prepared statement with its values beside it or in it', async () => {
    const statement = { name: 'sum', text: 'SELECT $1::int8 + $2::int8 AS sum' };
    expect((await database.query(statement, [1n, 2n])).rows).toEqual([{ sum: 3n }]);
    expect((await database.query({ ...statement, values: [2n, 3n] })).rows).toEqual([{ sum: 5n }]);
  });

  it('passes on what is the statement s own fault', async () => {
    await insert(database, 1);
    await expect(insert(database, 1)).rejects.toMatchObject({ code: '23505' });
    await expect(database.query('SELEC 1')).rejects.toMatchObject({ code: '42601' });
  });

  it('says that the server is away, without the password', async () => {
    const away = openPostgres({ url: 'postgres://panglot:secret@127.0.0.1:1/panglot', poolSize: 1 });
    onTestFinished(() => away.close());
    await expect(away.query('SELECT 1')).rejects.toThrow(Unavailable);
    await expect(away.query('SELECT 1')).rejects.toThrow(/^(?!.*secret)Connecting to PostgreSQL at 127\.0\.0\.1:1\/panglot failed/);
  });

  it('works again on a new connection after the old ones were lost', async () => {
    await Promise.all([1, 2, 3, 4].map(() => database.query('SELECT pg_sleep(0.01)')));
    await cutAll();
    await eventually(async () => (await database.query('SELECT 1 AS one')).rowCount === 1);
  });

  it('that writes and gets no answer has an unknown outcome; one that reads was not done', async () => {
    const proxy = await between(test.url);
    const cut = openPostgres({ url: proxy.url, poolSize: 2 });
    onTestFinished(async () => {
      await cut.close();
      proxy.server.close();
    });
    await Promise.all([cut.query('SELECT pg_sleep(0.01)'), cut.query('SELECT pg_sleep(0.01)')]);
    proxy.swallow();
    const write = expect(insert(cut, 1)).rejects.toThrow(OutcomeUnknown);
    const read = expect(cut.query('SELECT 1')).rejects.toThrow(Unavailable);
    await eventually(async () => (await things()).length === 1);
    proxy.cut();
    await Promise.all([write, read]);
  });
});

describe('a transaction', () => {
  it('commits what was done, or nothing when the work throws', async () => {
    expect(await database.transaction(async (tx) => (await insert(tx, 1)).rowCount)).toBe(1);
    const failed = database.transaction(async (tx) => {
      await insert(tx, 2);
      throw new Error('on second thoughts');
    });
    await expect(failed).rejects.toThrow('on second thoughts');
    expect(await things()).toEqual([1]);
  });

  it('does not pretend to have committed when an error inside was swallowed', async () => {
    const swallowed = database.transaction(async (tx) => {
      await insert(tx, 1);
      await insert(tx, 1).catch(() => {});
    });
    await expect(swallowed).rejects.toThrow(/nothing was committed/);
    expect(await things()).toEqual([]);
  });

  it('was not done when its connection is lost in the middle', async () => {
    const lost = database.transaction(async (tx) => {
      await insert(tx, 1);
      await cutAll();
      await insert(tx, 2);
    });
    await expect(lost).rejects.toThrow(Unavailable);
    expect(await things()).toEqual([]);
  });

  it('survives that its connection is lost while it does something else', async () => {
    const lost = database.transaction(async (tx) => {
      await insert(tx, 1);
      await cutAll();
      const { rows } = await tx.query<{ id: bigint }>('SELECT 1').catch(() => ({ rows: [] }));
      return rows;
    });
    await expect(lost).rejects.toThrow(OutcomeUnknown);
    expect(await things()).toEqual([]);
  });

  it('whose commit is not answered has an unknown outcome', async () => {
    const proxy = await between(test.url);
    const cut = openPostgres({ url: proxy.url, poolSize: 1 });
    onTestFinished(async () => {
      await cut.close();
      proxy.server.close();
    });
    const unanswered = cut.transaction(async (tx) => {
      await insert(tx, 1);
      proxy.swallow();
    });
    const expected = expect(unanswered).rejects.toThrow(OutcomeUnknown);
    await eventually(async () => (await things()).length === 1);
    proxy.cut();
    await expected;
  });

  it('gives its connection back however it ends', async () => {
    const narrow = openPostgres({ url: test.url, poolSize: 1 });
    onTestFinished(() => narrow.close());
    await narrow.transaction((tx) => insert(tx, 1));
    await narrow.transaction((tx) => insert(tx, 1)).catch(() => {});
    await narrow.transaction(() => Promise.reject(new Error('no'))).catch(() => {});
    await insert(narrow, 1).catch(() => {});
    expect((await narrow.query('SELECT 1')).rowCount).toBe(1);
  });
});

describe('listening', () => {
  it('hears what a transaction announces, when it commits', async () => {
    const heard: string[] = [];
    const listener = await listen({ url: test.url, channel: 'Odd "channel"', onMessage: (payload) => heard.push(payload) });
    onTestFinished(() => listener.close());
    await database.transaction(async (tx) => {
      await tx.query('SELECT pg_notify($1, $2)', ['Odd "channel"', 'k3f9:12']);
      await database.query('SELECT pg_notify($1, $2)', ['Odd "channel"', 'earlier']);
    });
    await eventually(() => heard.length === 2);
    expect(heard).toEqual(['earlier', 'k3f9:12']);
  });

  it('connects again when its connection is lost, and says that something may have been missed', async () => {
    const heard: string[] = [];
    let reconnected = 0;
    const listener = await listen({
      url: test.url,
      channel: 'rows',
      onMessage: (payload) => heard.push(payload),
      onReconnected: () => {
        reconnected += 1;
      },
    });
    onTestFinished(() => listener.close());
    await cutAll();
    await eventually(() => reconnected === 1);
    await database.query("SELECT pg_notify('rows', 'after')");
    await eventually(() => heard.includes('after'));
  });

  it('refuses to start where nobody answers', async () => {
    await expect(listen({ url: 'postgres://a:b@127.0.0.1:1/c', channel: 'rows', onMessage: () => {} })).rejects.toThrow(
      Unavailable,
    );
  });
});
