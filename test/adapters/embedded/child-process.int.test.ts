import { connect } from 'node:net';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { describe, expect, it, onTestFinished } from 'vitest';
import { z } from 'zod';
import { type ChildOptions, startChild } from '../../../src/adapters/embedded/child-process.js';
import { isAlive } from '../../../src/adapters/embedded/processes.js';
import { Unavailable } from '../../../src/domain/log/errors.js';
import { eventually } from '../../support/condition.js';
import { runScript } from '../../support/process.js';

const fixture = (name: string) => fileURLToPath(new URL(`fixtures/${name}`, import.meta.url));

const optionsFor = (fault: string): ChildOptions => ({
  name: 'fixture',
  program: { command: [process.execPath, fixture('child.js')] },
  args: (port) => [fault, String(port)],
});

/** Asks whoever listens on the port for its pid. */
const answer = async (port: number) => Number(await text(connect(port, '127.0.0.1')));

async function started(options: ChildOptions) {
  const child = await startChild(options);
  onTestFinished(() => child.stop());
  return child;
}

function pidOf(child: { readonly pid: number | undefined }): number {
  if (child.pid === undefined) throw new Error('the child is down');
  return child.pid;
}

describe('a supervised child', () => {
  it('is ready when the start fulfils, on the port that it says', async () => {
    const child = await started(optionsFor('none'));
    expect(await answer(child.port)).toBe(child.pid);
  });

  it('is started again on the same port, each time that it dies', async () => {
    const ends: string[] = [];
    const child = await started({ ...optionsFor('none'), onExit: (how) => ends.push(how) });
    const { port } = child;
    for (let times = 1; times <= 2; times += 1) {
      const killed = pidOf(child);
      process.kill(killed, 'SIGKILL');
      const next = await eventually(async () => (await answer(port)) !== killed && child.pid);
      expect(await answer(child.port)).toBe(next);
      expect(child.port).toBe(port);
      expect(ends).toEqual(Array(times).fill('SIGKILL'));
    }
  });

  it('passes on what it says, before and after it is ready', async () => {
    const lines: string[] = [];
    const log = (level: string) => (_: object, message: string) => lines.push(`${level} ${message}`);
    const child = await startChild({ ...optionsFor('none'), log: { info: log('info'), warn: log('warn'), error: log('error') } });
    await eventually(() => lines.includes('warn a warning') && lines.includes('info a line after'));
    await child.stop();
    expect(lines.filter((line) => line.startsWith('info'))).toEqual(['info a line before', 'info a line after', 'info a good end']);
    expect(lines.filter((line) => line.startsWith('error'))).toEqual([]);
  });

  it('is gone when stopping fulfils, and stays gone', async () => {
    const child = await startChild(optionsFor('none'));
    const pid = pidOf(child);
    await Promise.all([child.stop(), child.stop()]);
    expect(isAlive(pid)).toBe(false);
    expect(child.pid).toBeUndefined();
    await expect(answer(child.port)).rejects.toMatchObject({ code: 'ECONNREFUSED' });
  });

  it('is killed if it heeds neither the end of its input nor a signal', async () => {
    const child = await startChild({ ...optionsFor('stubborn'), stopWithin: 100 });
    const pid = pidOf(child);
    await child.stop();
    expect(isAlive(pid)).toBe(false);
  });

  it('can be stopped while it waits to be started again', async () => {
    let stopped: Promise<void> | undefined;
    const child = await startChild({
      ...optionsFor('none'),
      onExit: () => {
        stopped = child.stop();
      },
    });
    process.kill(pidOf(child), 'SIGKILL');
    await eventually(() => stopped !== undefined);
    await stopped;
    expect(child.pid).toBeUndefined();
  });

  it('ends when the process that keeps it is killed', async () => {
    const parent = await runScript(fixture('child-parent.js'), [], z.object({ pid: z.int(), port: z.int() }));
    expect(await answer(parent.said.port)).toBe(parent.said.pid);
    await parent.kill();
    await eventually(() => !isAlive(parent.said.pid));
  });
});

describe('a child that cannot start', () => {
  const refused = (fault: string, options: Partial<ChildOptions> = {}) => startChild({ ...optionsFor(fault), ...options });

  it('is reported with its own sentence', async () => {
    await expect(refused('refuses')).rejects.toThrow(new Unavailable('The store in /nowhere is damaged.'));
  });

  it('is reported with how it ended, if it says nothing', async () => {
    await expect(refused('breaks')).rejects.toThrow(
      /^The fixture ended while it was starting \(code 1\): Error: boom at the start$/,
    );
    await expect(refused('nothing')).rejects.toThrow('The fixture ended while it was starting (code 0).');
  });

  it('is reported when there is no such program', async () => {
    await expect(refused('none', { program: { command: ['/no/such/program'] } })).rejects.toThrow(/ENOENT/);
  });

  it('is killed and reported when it does not become ready', async () => {
    await expect(refused('deaf', { readyWithin: 300 })).rejects.toThrow('The fixture did not become ready within 0.3 s.');
  });
});
