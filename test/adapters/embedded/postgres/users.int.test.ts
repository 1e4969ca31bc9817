import { chmodSync, chownSync, existsSync, mkdirSync, mkdtempSync, readdirSync, realpathSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { describe, expect, it, onTestFinished } from 'vitest';
import { z } from 'zod';
import { startEmbeddedPostgres } from '../../../../src/adapters/embedded/postgres/launcher.js';
import { findRunning, stopPostmaster } from '../../../../src/adapters/embedded/postgres/postmaster.js';
import { runScript } from '../../../support/process.js';
import { copyCheckout, removeLinks } from './checkout.js';

const asRoot = process.getuid?.() === 0;
const nobody = { uid: 65534, gid: 65534 };
const said = z.object({ url: z.string(), port: z.int(), adopted: z.boolean(), pid: z.int() });

interface Place {
  readonly checkout: string;
  readonly dataDir: string;
}

/** A copy of the checkout and a data folder, each under a folder of its own that everybody can pass through. */
function place(): Place {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'panglot-users-')));
  chmodSync(folder, 0o755);
  const checkout = join(folder, 'checkout');
  const dataDir = join(folder, 'data');
  mkdirSync(checkout);
  mkdirSync(dataDir, { mode: 0o700 });
  copyCheckout(checkout);
  onTestFinished(async () => {
    const running = await findRunning(join(dataDir, 'postgres', 'data'));
    if (running !== undefined) await stopPostmaster(running.pid, 1_000);
    rmSync(folder, { recursive: true, force: true });
  });
  return { checkout, dataDir };
}

/** Starts PostgreSQL from the checkout, as this user, and sees that it serves. Answers who it runs as. */
async function serves({ checkout, dataDir }: Place, user: { uid?: number; gid?: number } = {}): Promise<number> {
  const running = await runScript(join(checkout, 'run-postgres.js'), [checkout, dataDir], said, { cwd: '/', ...user });
  const client = new pg.Client({ connectionString: running.said.url });
  await client.connect();
  await client.query('SELECT 1');
  await client.end();
  const owner = statSync(`/proc/${running.said.pid}`).uid;
  await running.end();
  return owner;
}

const copies = (dataDir: string) => readdirSync(join(dataDir, 'postgres')).filter((name) => name.startsWith('programs-'));

describe('who the embedded PostgreSQL runs as', () => {
  it.runIf(asRoot)('is nobody, when the platform runs as root', async () => {
    const at = place();
    expect(await serves(at)).toBe(nobody.uid);
    expect(statSync(join(at.dataDir, 'postgres', 'data')).uid).toBe(nobody.uid);
    expect(copies(at.dataDir)).toEqual([]);
  });

  it.runIf(asRoot)('is the user himself, when an ordinary one starts it, and stays so when root starts it later', async () => {
    const at = place();
    const user = { uid: 1, gid: 1 };
    chownSync(at.dataDir, user.uid, user.gid);
    expect(await serves(at, user)).toBe(user.uid);
    expect(await serves(at)).toBe(user.uid);
    expect(await serves(at, user)).toBe(user.uid);
  });

  it.skipIf(asRoot)('is the user himself', async () => {
    expect(await serves(place())).toBe(process.getuid?.());
  });
});

describe('the programs of PostgreSQL', () => {
  it.runIf(asRoot)('are copied below the data folder, once, when the user it runs as cannot enter the checkout', async () => {
    const at = place();
    chmodSync(at.checkout, 0o700);
    expect(await serves(at)).toBe(nobody.uid);
    const [copy, ...others] = copies(at.dataDir);
    expect(others).toEqual([]);
    const { ino } = statSync(join(at.dataDir, 'postgres', copy ?? ''));
    expect(await serves(at)).toBe(nobody.uid);
    expect(statSync(join(at.dataDir, 'postgres', copy ?? '')).ino).toBe(ino);
  });

  it('get the library links that an install without scripts leaves out', async () => {
    const at = place();
    expect(removeLinks(at.checkout)).toBeGreaterThan(0);
    await serves(at);
    expect(copies(at.dataDir)).toEqual([]);
    expect(removeLinks(at.checkout)).toBeGreaterThan(0);
  });

  it.runIf(asRoot)('are copied when the links are missing in a checkout that cannot be written to', async () => {
    const at = place();
    chownSync(at.dataDir, nobody.uid, nobody.gid);
    removeLinks(at.checkout);
    expect(await serves(at, nobody)).toBe(nobody.uid);
    expect(copies(at.dataDir)).toHaveLength(1);
    expect(removeLinks(at.checkout)).toBe(0);
  });
});

describe('a data folder', () => {
  it.runIf(asRoot)('of root is opened for passing through, not for reading', async () => {
    const at = place();
    await serves(at);
    expect(statSync(at.dataDir).mode & 0o777).toBe(0o711);
  });

  it.runIf(asRoot)('below a folder that the user may not enter is refused, and nothing is changed', async () => {
    const { dataDir } = place();
    const closed = join(dataDir, 'closed');
    mkdirSync(closed, { mode: 0o700 });
    chmodSync(dataDir, 0o755);
    await expect(startEmbeddedPostgres({ dataDir: join(closed, 'inner') })).rejects.toThrow(
      `may not enter ${closed}: set DATA_DIR to a folder that every user can reach, such as /var/lib/panglot`,
    );
    expect(statSync(closed).mode & 0o777).toBe(0o700);
    expect(existsSync(join(closed, 'inner', 'postgres', 'data'))).toBe(false);
  });
});
