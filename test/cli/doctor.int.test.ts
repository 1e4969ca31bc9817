// The doctor finds what is broken, and says what to do.

import { once } from 'node:events';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, inject, it } from 'vitest';
import { packageRoot } from '../../bin/compile.js';
import { diagnose, type Patient } from '../../src/cli/doctor/diagnose.js';
import { panglot } from './panglot.js';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'panglot-doctor-test-'));
  chmodSync(folder, 0o755);
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const nobody = 65534;

async function look(env: Record<string, string> = {}, patient: Partial<Patient> = {}) {
  const dataDir = join(folder, 'data');
  const settings = { DATA_DIR: dataDir, PORT: '0', DATABASE_URL: inject('postgresUrl'), ...env };
  return diagnose({ root: packageRoot, nodeVersion: process.versions.node, env: settings, ...patient });
}
const problems = (findings: Awaited<ReturnType<typeof look>>) => findings.filter(({ verdict }) => verdict === 'problem');

async function withListener<T>(work: (port: number) => Promise<T>): Promise<T> {
  const server: Server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  try {
    return await work(typeof address === 'object' && address !== null ? address.port : 0);
  } finally {
    server.close();
  }
}

describe('panglot doctor', () => {
  it('finds nothing wrong where nothing is, and changes nothing', async () => {
    const findings = await look();
    expect(findings.filter(({ verdict }) => verdict !== 'ok')).toEqual([]);
    expect(findings.map(({ check }) => check)).toEqual([
      'Node',
      'Packages',
      'Settings',
      'Data folder',
      'Disk',
      'Platform',
      'DATABASE_URL',
    ]);
    expect(existsSync(join(folder, 'data'))).toBe(false);
  });

  it('runs the programs of the embedded PostgreSQL, as whom it would run them', async () => {
    const findings = await look({ DATABASE_URL: '' });
    expect(findings).toContainEqual(
      expect.objectContaining({ check: 'PostgreSQL', verdict: 'ok', detail: expect.stringMatching(/postgres \(PostgreSQL\) \d+/) }),
    );
    expect(existsSync(join(folder, 'data'))).toBe(false);
  });

  it.each([
    ['18.20.4', 'problem'],
    ['20.18.3', 'problem'],
    ['20.19.0', 'ok'],
    ['24.1.0', 'ok'],
  ])('finds Node %s to be: %s', async (nodeVersion, verdict) =>
    expect((await look({}, { nodeVersion }))[0]).toMatchObject({ check: 'Node', verdict }),
  );

  it('names packages that are missing or of another version', async () => {
    writeFileSync(join(folder, 'package.json'), readFileSync(join(packageRoot, 'package.json')));
    mkdirSync(join(folder, 'node_modules/express'), { recursive: true });
    writeFileSync(join(folder, 'node_modules/express/package.json'), '{"version":"4.0.0"}');
    const [found] = problems(await look({}, { root: folder }));
    expect(found).toMatchObject({ check: 'Packages', advice: expect.stringContaining('npm ci') });
    expect(found?.detail).toMatch(/is missing.*and \d+ more/);
  });

  it('names a port that is taken, and the setting that moves it', () =>
    withListener(async (port) =>
      expect(problems(await look({ PORT: String(port) }))).toEqual([
        {
          check: `Port ${port}`,
          verdict: 'problem',
          detail: 'Another program listens there on 127.0.0.1.',
          advice: 'Stop it, or set PORT to a free port (0: any).',
        },
      ]),
    ));

  it('names a data folder that is a file', async () => {
    writeFileSync(join(folder, 'data'), '');
    expect(problems(await look())).toEqual([
      expect.objectContaining({ check: 'Data folder', detail: expect.stringContaining('is not a folder') }),
    ]);
  });

  it('names a data folder that cannot be written to, its owner and its mode, and exits with 1', async () => {
    chmodSync(folder, 0o555);
    const root = process.getuid?.() === 0;
    const env = { DATA_DIR: folder, PORT: '0', DATABASE_URL: inject('postgresUrl') };
    const { code, stdout } = await panglot(['doctor'], { env, cwd: '/', ...(root ? { uid: nobody } : {}) });
    expect(stdout).toMatch(/✗ Data folder +\S+ \(owner \d+, mode 0555\) cannot be written to by user \d+/);
    expect(stdout).toContain('chown');
    expect(code).toBe(1);
  });

  it('names a folder on the way that PostgreSQL may not enter, if we are root', async () => {
    if (process.getuid?.() !== 0) return;
    mkdirSync(join(folder, 'closed', 'data'), { recursive: true });
    chmodSync(join(folder, 'closed'), 0o700);
    const found = problems(await look({ DATA_DIR: join(folder, 'closed', 'data'), DATABASE_URL: '' }));
    expect(found).toEqual([
      expect.objectContaining({ detail: expect.stringContaining(`may not enter ${join(folder, 'closed')}`) }),
    ]);
  });

  it('names each setting that is wrong, and warns of a name that nearly matches one', async () => {
    const findings = await look({ PORT: 'many', DATA_DIRR: 'x' });
    expect(problems(findings)).toEqual([
      expect.objectContaining({ check: 'Settings', detail: expect.stringContaining('PORT is "many"') }),
    ]);
    expect(findings).toContainEqual(expect.objectContaining({ verdict: 'warning', detail: expect.stringContaining('DATA_DIR') }));
  });

  it('says which configured servers do not answer, without a secret', async () => {
    const findings = await look({
      EVENTSTORE_URL: 'esdb://127.0.0.1:1?tls=false',
      DATABASE_URL: 'postgres://panglot@127.0.0.1:1/panglot',
      STRIPE_API_KEY: 'sk_test_nobody',
      STRIPE_API_BASE: 'http://127.0.0.1:1',
    });
    expect(problems(findings).map(({ check }) => check)).toEqual(['EVENTSTORE_URL', 'DATABASE_URL', 'STRIPE_API_KEY']);
    for (const { detail } of problems(findings)) expect(detail).not.toContain('sk_test_nobody');
  });

  it('tells a platform that was killed by the file that it left', async () => {
    mkdirSync(join(folder, 'data', 'running'), { recursive: true });
    const left = {
      pid: 4194304,
      folder: '/',
      startedAt: '2030-01-01T00:00:00.000Z',
      version: '0.1.0',
      logId: 'abcd',
      url: null,
      eventNode: null,
    };
    writeFileSync(join(folder, 'data', 'running', '4194304.json'), JSON.stringify(left));
    expect(await look()).toContainEqual(
      expect.objectContaining({ check: 'Platform', verdict: 'warning', detail: expect.stringContaining('was killed') }),
    );
  });
});
