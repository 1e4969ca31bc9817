import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, readFileSync, realpathSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { networkInterfaces, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { z } from 'zod';
import { packageRoot } from '../../../../bin/compile.js';
import { startEmbeddedPostgres } from '../../../../src/adapters/embedded/postgres/launcher.js';
import { findRunning, stopPostmaster } from '../../../../src/adapters/embedded/postgres/postmaster.js';
import { isAlive } from '../../../../src/adapters/embedded/processes.js';
import { Corrupt, Unavailable } from '../../../../src/domain/log/errors.js';
import { eventually } from '../../../support/condition.js';
import { portToKeep } from '../../../support/port.js';
import { runScript } from '../../../support/process.js';

const script = fileURLToPath(new URL('../fixtures/run-postgres.js', import.meta.url));
const said = z.object({ url: z.string(), port: z.int(), adopted: z.boolean(), pid: z.int() });

/** A data folder that is emptied, server included, when the test has finished. */
function dataFolder(): string {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'panglot-launcher-')));
  onTestFinished(async () => {
    const running = await findRunning(cluster(folder));
    if (running !== undefined) await stopPostmaster(running.pid, 1_000);
    rmSync(folder, { recursive: true, force: true });
  });
  return folder;
}

let seed: string;

beforeAll(async () => {
  seed = realpathSync(mkdtempSync(join(tmpdir(), 'panglot-launcher-seed-')));
  await (await startEmbeddedPostgres({ dataDir: seed })).stop();
});
afterAll(() => rmSync(seed, { recursive: true, force: true }));

/** A data folder that was used before. Making a cluster takes longer than copying one. */
function usedFolder(): string {
  const folder = dataFolder();
  execFileSync('cp', ['-a', join(seed, 'postgres'), folder]);
  return folder;
}

const cluster = (dataDir: string) => join(dataDir, 'postgres', 'data');

async function start(dataDir: string, port = 0) {
  const postgres = await startEmbeddedPostgres({ dataDir, port });
  onTestFinished(() => postgres.stop());
  return postgres;
}

/** Starts it in a process of its own and kills that: the server stays behind. */
async function orphan(dataDir: string) {
  const parent = await runScript(script, [packageRoot, dataDir], said);
  await write(parent.said.url, 1);
  await parent.kill();
  return parent.said;
}

async function ask<Row extends pg.QueryResultRow>(url: string, text: string, values: unknown[] = []): Promise<Row[]> {
  const client = new pg.Client({ connectionString: url });
  client.on('error', () => {});
  await client.connect();
  try {
    return (await client.query<Row>(text, values)).rows;
  } finally {
    await client.end();
  }
}

/** Writes a row and returns when it is acknowledged. */
async function write(url: string, id: number): Promise<void> {
  await ask(url, 'CREATE TABLE IF NOT EXISTS things (id int)');
  await ask(url, 'INSERT INTO things VALUES ($1)', [id]);
}

const things = async (url: string) => (await ask<{ id: number }>(url, 'SELECT id FROM things ORDER BY id')).map(({ id }) => id);

describe('the embedded PostgreSQL', () => {
  it('makes its database the first time, and finds it again the next', async () => {
    const dataDir = dataFolder();
    const first = await start(dataDir);
    await write(first.url, 1);
    await first.stop();
    expect(isAlive(first.pid)).toBe(false);
    const second = await start(dataDir);
    expect(await things(second.url)).toEqual([1]);
    expect([first.adopted, second.adopted]).toEqual([false, false]);
  });

  it('keeps what it acknowledges on disk, and sorts the same on every machine', async () => {
    const { url } = await start(usedFolder());
    const [settings] = await ask(
      url,
      `SELECT current_setting('fsync') AS fsync, current_setting('synchronous_commit') AS commit, current_setting('data_checksums') AS sums,
         current_setting('TimeZone') AS zone, 'B' < 'a' AS "byCodePoint", current_database() AS database`,
    );
    expect(settings).toEqual({ fsync: 'on', commit: 'on', sums: 'on', zone: 'UTC', byCodePoint: true, database: 'panglot' });
  });

  it('lets in only who knows the password, which is random and readable by its owner alone', async () => {
    const dataDir = dataFolder();
    const { url } = await start(dataDir);
    const { password } = new URL(url);
    await expect(ask(url.replace(password, 'guess'), 'SELECT 1')).rejects.toMatchObject({ code: '28P01' });
    await expect(ask(url.replace(`:${password}`, ''), 'SELECT 1')).rejects.toThrow(/password/);
    const file = join(cluster(dataDir), 'panglot.password');
    expect(readFileSync(file, 'utf8')).toBe(password);
    expect(statSync(file).mode & 0o077).toBe(0);
    const other = await start(dataFolder());
    expect(new URL(other.url).password).not.toBe(password);
  });

  it('listens on the loopback alone', async () => {
    const { port } = await start(usedFolder());
    const outside = Object.values(networkInterfaces()).flatMap((addresses) => addresses ?? []);
    for (const { address } of outside.filter(({ internal, family }) => !internal && family === 'IPv4')) {
      const socket = connect(port, address);
      const outcome = await Promise.race([
        once(socket, 'connect').then(() => 'open'),
        once(socket, 'error').then(() => 'closed'),
      ]).catch(() => 'closed');
      socket.destroy();
      expect(outcome).toBe('closed');
    }
    await expect(once(connect(port, '127.0.0.1'), 'connect')).resolves.toBeDefined();
  });

  it('takes the port that it is given', async () => {
    const dataDir = usedFolder();
    const port = await portToKeep();
    const postgres = await start(dataDir, port);
    expect(postgres.port).toBe(port);
    expect(new URL(postgres.url).port).toBe(String(port));
  });

  it('is not shared by two platforms', async () => {
    const dataDir = usedFolder();
    const first = await start(dataDir);
    const second = startEmbeddedPostgres({ dataDir });
    await expect(second).rejects.toThrow(/in use by another Panglot \(panglot process \d+\): stop it first, or set DATA_DIR/);
    await write(first.url, 1);
  });

  it('goes to exactly one of two that make it at the same time', async () => {
    const dataDir = dataFolder();
    const results = await Promise.allSettled([1, 2].map(() => runScript(script, [packageRoot, dataDir], said)));
    const [winner, ...others] = results.flatMap((result) => (result.status === 'fulfilled' ? [result.value] : []));
    const [refusal] = results.flatMap((result) => (result.status === 'rejected' ? [String(result.reason)] : []));
    expect(others).toEqual([]);
    expect(refusal).toMatch(/is in use/);
    await write(winner?.said.url ?? '', 1);
    await winner?.end();
    expect(readdirSync(join(dataDir, 'postgres')).sort()).toEqual(['data', 'postgres.log']);
  });
});

describe('an embedded PostgreSQL whose platform was killed', () => {
  it('outlives it, and is adopted by the next start', async () => {
    const dataDir = usedFolder();
    const left = await orphan(dataDir);
    expect(isAlive(left.pid)).toBe(true);
    const next = await start(dataDir);
    expect(next).toMatchObject({ adopted: true, pid: left.pid, port: left.port, url: left.url });
    expect(await things(next.url)).toEqual([1]);
    await next.stop();
    expect(isAlive(left.pid)).toBe(false);
  });

  it('is stopped and started anew when another port is wanted', async () => {
    const dataDir = usedFolder();
    const left = await orphan(dataDir);
    const port = await portToKeep();
    const next = await start(dataDir, port);
    expect(next).toMatchObject({ adopted: false, port });
    expect(isAlive(left.pid)).toBe(false);
    expect(await things(next.url)).toEqual([1]);
  });

  it('is ended and started anew when it does not answer', async () => {
    const dataDir = usedFolder();
    const left = await orphan(dataDir);
    process.kill(left.pid, 'SIGSTOP');
    const next = await start(dataDir);
    expect(next.adopted).toBe(false);
    expect(isAlive(left.pid)).toBe(false);
    expect(await things(next.url)).toEqual([1]);
  });

  it('starts with every acknowledged row when it was killed as well', async () => {
    const dataDir = usedFolder();
    const left = await orphan(dataDir);
    process.kill(left.pid, 'SIGKILL');
    const next = await start(dataDir);
    expect(next.adopted).toBe(false);
    expect(await things(next.url)).toEqual([1]);
  });

  it('is not mistaken for another process that has its number now', async () => {
    const dataDir = usedFolder();
    const left = await orphan(dataDir);
    const file = join(cluster(dataDir), 'postmaster.pid');
    const leftover = readFileSync(file, 'utf8');
    await stopPostmaster(left.pid);
    writeFileSync(file, leftover.replace(/^\d+/, String(process.pid)));
    const next = await start(dataDir);
    expect(next.adopted).toBe(false);
    expect(await things(next.url)).toEqual([1]);
  });
});

describe('an embedded PostgreSQL that dies while the platform runs', () => {
  async function survivesItsDeath(postgres: Awaited<ReturnType<typeof start>>, from: number) {
    const { pid, port, url } = postgres;
    let acknowledged = from;
    const writing = (async () => {
      for (;;) {
        await ask(url, 'INSERT INTO things VALUES ($1)', [acknowledged + 1]);
        acknowledged += 1;
      }
    })().catch(() => {});
    await eventually(() => acknowledged > from + 3);
    process.kill(pid, 'SIGKILL');
    await writing;
    const rows = await eventually(() => things(url));
    // The one that was under way may be there, too.
    expect(rows.slice(0, acknowledged)).toEqual(Array.from({ length: acknowledged }, (_, index) => index + 1));
    expect(rows.length - acknowledged).toBeLessThanOrEqual(1);
    await eventually(() => postgres.pid !== pid);
    expect(isAlive(postgres.pid)).toBe(true);
    expect(postgres.port).toBe(port);
    return rows.length;
  }

  it('comes back on the same port with every acknowledged row, each time', async () => {
    const postgres = await start(usedFolder());
    await write(postgres.url, 1);
    await survivesItsDeath(postgres, await survivesItsDeath(postgres, 1));
  });

  it('comes back when it was adopted, too', async () => {
    const dataDir = usedFolder();
    await orphan(dataDir);
    const adopted = await start(dataDir);
    expect(adopted.adopted).toBe(true);
    await survivesItsDeath(adopted, 1);
  });

  it('stays down when it is stopped while it is away', async () => {
    const dataDir = usedFolder();
    const postgres = await start(dataDir);
    process.kill(postgres.pid, 'SIGKILL');
    await postgres.stop();
    expect(isAlive(postgres.pid)).toBe(false);
    expect(await findRunning(cluster(dataDir))).toBeUndefined();
  });

  it('is watched again after its connection alone was lost', async () => {
    const postgres = await start(usedFolder());
    const { pid } = postgres;
    await write(postgres.url, 1);
    const supervisors = "SELECT pid FROM pg_stat_activity WHERE application_name LIKE 'panglot process%'";
    const [before] = await ask<{ pid: number }>(postgres.url, supervisors);
    await ask(postgres.url, 'SELECT pg_terminate_backend($1)', [before?.pid]);
    await eventually(async () => {
      const [after] = await ask<{ pid: number }>(postgres.url, supervisors);
      return after !== undefined && after.pid !== before?.pid;
    });
    expect(postgres.pid).toBe(pid);
  });
});

describe('an embedded PostgreSQL that cannot start', () => {
  it('says that its folder is not a cluster, and leaves it as it is', async () => {
    const dataDir = usedFolder();
    rmSync(join(cluster(dataDir), 'PG_VERSION'));
    const before = readdirSync(cluster(dataDir));
    const refused = startEmbeddedPostgres({ dataDir });
    await expect(refused).rejects.toThrow(Corrupt);
    await expect(refused).rejects.toThrow(`${cluster(dataDir)} is not a PostgreSQL data folder (it has no PG_VERSION).`);
    expect(readdirSync(cluster(dataDir))).toEqual(before);
  });

  it('says that its data is of another version', async () => {
    const dataDir = usedFolder();
    writeFileSync(join(cluster(dataDir), 'PG_VERSION'), '12\n');
    await expect(startEmbeddedPostgres({ dataDir })).rejects.toThrow(/was written by version 12, and this is version \d+/);
  });

  it('says what PostgreSQL says of damaged data, and where its log is', async () => {
    const dataDir = usedFolder();
    truncateSync(join(cluster(dataDir), 'global', 'pg_control'), 10);
    const refused = startEmbeddedPostgres({ dataDir });
    await expect(refused).rejects.toThrow(Unavailable);
    await expect(refused).rejects.toThrow(/did not start on .*pg_control.*its log: .*postgres\.log/);
  });

  it('says that the password that it keeps is not the right one, and does not stay behind', async () => {
    const dataDir = usedFolder();
    writeFileSync(join(cluster(dataDir), 'panglot.password'), 'another');
    await expect(startEmbeddedPostgres({ dataDir })).rejects.toThrow(/does not let us in: password authentication failed/);
    expect(await findRunning(cluster(dataDir))).toBeUndefined();
  });

  it('says that its port is taken', async () => {
    const other = createServer().listen(0, '127.0.0.1');
    await once(other, 'listening');
    onTestFinished(() => void other.close());
    const address = other.address();
    const port = typeof address === 'object' && address !== null ? address.port : 0;
    await expect(startEmbeddedPostgres({ dataDir: usedFolder(), port })).rejects.toThrow(new RegExp(`port ${port}.*TCP/IP`));
  });
});
