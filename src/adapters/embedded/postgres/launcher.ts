// Runs a PostgreSQL of our own on the loopback: makes its data the first time, adopts or stops one that an earlier start left behind,
// and starts it again when it dies. It knows nothing of what the platform keeps in it.

import { chmod, mkdir, realpath } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { Unavailable } from '../../../domain/log/errors.js';
import { type Log, silent } from '../../log.js';
import { hasEnded, isAlive, restartDelay } from '../processes.js';
import { findBinaries } from './binaries.js';
import { type Claim, claimServer, Taken } from './claim.js';
import { database, prepareCluster, role } from './cluster.js';
import {
  findRunning,
  freePort,
  isAsWanted,
  type Running,
  readyWithin,
  type Server,
  startPostmaster,
  stopPostmaster,
} from './postmaster.js';
import { chooseUser, openTheWay } from './run-as.js';

export interface EmbeddedPostgresOptions {
  /** The platform's data folder; PostgreSQL lives in `postgres` below it. */
  readonly dataDir: string;
  /** A port of the loopback; without it, or 0, a free one. */
  readonly port?: number;
  readonly log?: Log;
}

export interface EmbeddedPostgres {
  /** For the platform's database, as the owner of everything; it holds the password. */
  readonly url: string;
  readonly port: number;
  /** Whether it was running already. */
  readonly adopted: boolean;
  /** The server's process, which changes when it had to be started again. */
  readonly pid: number;
  /** Stops it in good order and waits until it has ended. It outlives this process otherwise. */
  stop(): Promise<void>;
}

/** How long the lock of a Panglot that was killed a moment ago may linger. */
const lockLingers = 3_000;

async function claimWhenFree(url: string, dataDir: string): Promise<Claim> {
  const deadline = performance.now() + lockLingers;
  for (;;) {
    try {
      return await claimServer(url, dataDir);
    } catch (error) {
      if (!(error instanceof Taken) || performance.now() >= deadline) throw error;
      await delay(50);
    }
  }
}

interface Served {
  readonly pid: number;
  readonly port: number;
  readonly claim: Claim;
}

/** Takes over the server that runs already, if it is one that we would start; ends it otherwise. */
async function adopt(server: Server, found: Running, port: number, urlOf: (port: number) => string, log: Log) {
  let running = found;
  const deadline = performance.now() + readyWithin;
  while (running.state === 'starting' && isAlive(running.pid) && performance.now() < deadline) {
    await delay(20);
    running = (await findRunning(server.dataDir)) ?? running;
  }
  if (running.state === 'stopping' && (await hasEnded(running.pid, 30_000))) return undefined;
  let graceful = 2_000;
  try {
    const claim = await claimWhenFree(urlOf(running.port), server.dataDir);
    if ((port === 0 || port === running.port) && (await isAsWanted(server, running.port))) return { ...running, claim };
    await claim.release();
    graceful = 30_000;
    log.info({ pid: running.pid }, 'The PostgreSQL left running by an earlier start has other settings and is stopped.');
  } catch (error) {
    if (error instanceof Taken) throw error;
    log.warn({ pid: running.pid, err: error }, 'The PostgreSQL left running by an earlier start does not answer and is stopped.');
  }
  await stopPostmaster(running.pid, graceful);
  return undefined;
}

/** The claim on a server that was just started; it does not stay behind if it does not let us in. */
async function firstClaim(pid: number, url: string, dataDir: string): Promise<Claim> {
  try {
    return await claimWhenFree(url, dataDir);
  } catch (error) {
    if (error instanceof Taken) throw error;
    await stopPostmaster(pid);
    const said = error instanceof Error ? error.message : String(error);
    throw new Unavailable(`The embedded PostgreSQL on ${dataDir} started, but does not let us in: ${said}.`, { cause: error });
  }
}

/** Starts a server. A free port may be taken in between, and workers of a killed one may linger: both pass, so it tries again. */
async function start(server: Server, port: number, urlOf: (port: number) => string): Promise<Served> {
  for (let failures = 0; ; failures += 1) {
    const chosen = port === 0 ? await freePort() : port;
    try {
      const pid = await startPostmaster(server, chosen);
      return { pid, port: chosen, claim: await firstClaim(pid, urlOf(chosen), server.dataDir) };
    } catch (error) {
      const said = error instanceof Unavailable ? error.message : '';
      if (/postmaster\.pid.* already exists/.test(said))
        throw new Taken(`${server.dataDir} is in use: another Panglot is starting on it.`);
      const lingers = /shared memory block/.test(said);
      const taken = port === 0 && /could not create any TCP\/IP sockets/.test(said);
      if (!(lingers || taken) || failures === 5) throw error;
      await delay(restartDelay(failures));
    }
  }
}

/**
 * Starts the embedded PostgreSQL, or adopts the one that an earlier start left running, and keeps it running on the same port.
 * @throws Unavailable, Corrupt with a sentence for the operator.
 */
export async function startEmbeddedPostgres(options: EmbeddedPostgresOptions): Promise<EmbeddedPostgres> {
  const log = options.log ?? silent;
  const wantedPort = options.port ?? 0;
  const home = join(options.dataDir, 'postgres');
  await mkdir(home, { recursive: true, mode: 0o700 });
  const place = await realpath(home);
  const dataDir = join(place, 'data');
  const user = chooseUser(dataDir);
  if (user !== undefined) {
    await openTheWay(join(place, '..'), user);
    await chmod(place, 0o755);
  }
  const binaries = await findBinaries(place, user);
  const password = await prepareCluster(dataDir, binaries, user);
  const server: Server = { program: binaries.postgres, dataDir, logFile: join(place, 'postgres.log'), user };
  const urlOf = (port: number) => `postgres://${role}:${password}@127.0.0.1:${port}/${database}`;

  const found = await findRunning(dataDir);
  const adoptedOne = found && (await adopt(server, found, wantedPort, urlOf, log));
  const first: Served = adoptedOne ?? (await start(server, wantedPort, urlOf));
  const { port } = first;
  let current = first;
  let stopped: Promise<void> | undefined;
  const stopping = new AbortController();

  /** Brings the server back on its port, as often as it takes, until we stop. */
  async function recover(): Promise<void> {
    for (let failures = 0; !stopping.signal.aborted; failures += 1) {
      try {
        const pid = isAlive(current.pid) ? current.pid : await startPostmaster(server, port);
        current = { pid, port, claim: current.claim };
        if (stopping.signal.aborted) return;
        current = { pid, port, claim: await claimWhenFree(urlOf(port), dataDir) };
        log.info({ pid, port }, 'The embedded PostgreSQL serves again.');
        return;
      } catch (error) {
        log.error({ err: error }, 'The embedded PostgreSQL could not be brought back yet.');
        await delay(restartDelay(failures), undefined, { signal: stopping.signal }).catch(() => {});
      }
    }
  }

  async function watch(): Promise<void> {
    while (!stopping.signal.aborted) {
      await current.claim.lost;
      if (stopping.signal.aborted) return;
      log.error({ pid: current.pid, port }, 'The embedded PostgreSQL went away; it is started again on the same port.');
      await recover();
    }
  }
  const watching = watch();

  async function stop(): Promise<void> {
    stopping.abort();
    await current.claim.release();
    await watching;
    await current.claim.release();
    if (isAlive(current.pid)) await stopPostmaster(current.pid);
  }

  return {
    url: urlOf(port),
    port,
    adopted: adoptedOne !== undefined,
    get pid() {
      return current.pid;
    },
    stop: () => {
      stopped ??= stop();
      return stopped;
    },
  };
}
