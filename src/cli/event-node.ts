// `panglot event-node`: runs the embedded event node alone, until it is told to stop. Copying its log elsewhere is a command below it.

import { readFileSync } from 'node:fs';
import { Command, InvalidArgumentError } from 'commander';
import type { EventNode, EventNodeOptions } from '../adapters/embedded/event-node/event-node.js';
import { InfrastructureError } from '../domain/log/errors.js';
import { askedToStop } from './asked-to-stop.js';
import { copyCommand } from './event-node-copy.js';
import { repairCommand } from './event-node-repair.js';

interface Flags {
  readonly data?: string;
  readonly host: string;
  readonly port: number;
  readonly tlsCert?: string;
  readonly tlsKey?: string;
  readonly user?: string;
  readonly passwordFile?: string;
}

/** What was asked for cannot be had, in a sentence. */
class FlagsRefused extends Error {}

function portOf(text: string): number {
  const value = Number(text);
  if (!/^\d{1,5}$/.test(text) || value > 65_535)
    throw new InvalidArgumentError('It should be a whole number from 0 (any) to 65535.');
  return value;
}

function contentOf(file: string): Buffer {
  try {
    return readFileSync(file);
  } catch (error) {
    throw new FlagsRefused(`${file} cannot be read: ${error instanceof Error ? error.message : String(error)}.`);
  }
}

function optionsOf({ data, host, port, tlsCert, tlsKey, user, passwordFile }: Flags): EventNodeOptions {
  if ((tlsCert === undefined) !== (tlsKey === undefined)) throw new FlagsRefused('--tls-cert and --tls-key go together.');
  if ((user === undefined) !== (passwordFile === undefined)) throw new FlagsRefused('--user and --password-file go together.');
  const password =
    passwordFile === undefined
      ? undefined
      : contentOf(passwordFile)
          .toString('utf8')
          .replace(/\r?\n$/, '');
  if (password === '') throw new FlagsRefused(`${passwordFile} is empty: it should hold the password.`);
  return {
    ...(data === undefined ? {} : { dataDir: data }),
    ...(tlsCert === undefined || tlsKey === undefined ? {} : { tls: { certificate: contentOf(tlsCert), key: contentOf(tlsKey) } }),
    ...(user === undefined || password === undefined ? {} : { credentials: { user, password } }),
    host,
    port,
    log: (line) => process.stderr.write(`${line}\n`),
  };
}

const isLoopback = (host: string): boolean => host === 'localhost' || host === '::1' || /^127\./.test(host);

function* warnings({ host, tls, credentials }: EventNodeOptions): Generator<string> {
  if (!isLoopback(host ?? '') && (tls === undefined || credentials === undefined))
    yield `Whoever reaches ${host} can read, write and delete everything: give the node a certificate (--tls-cert, --tls-key) and a user (--user, --password-file).`;
  if (credentials !== undefined && tls === undefined)
    yield 'Without TLS the password crosses the network as it is, and the official client does not send it at all.';
}

function banner(node: EventNode, { dataDir, tls }: EventNodeOptions): string {
  const http = `${tls === undefined ? 'http' : 'https'}://${node.host.includes(':') ? `[${node.host}]` : node.host}:${node.port}`;
  const log = dataDir === undefined ? 'in memory: it ends with the node' : dataDir;
  const rows = [
    ['Connect', node.url],
    ['Health', `${http}/health/live`],
    ['Log', log],
  ];
  return `\nThe event node is running. Ctrl-C stops it.\n\n${rows.map(([name = '', value]) => `  ${name.padEnd(9)}${value}`).join('\n')}\n\n`;
}

async function serve(flags: Flags): Promise<void> {
  const stopAsked = askedToStop();
  // The node is loaded when there is to be one: the other commands do without.
  const { createEventNode } = await import('../adapters/embedded/event-node/event-node.js');
  try {
    const options = optionsOf(flags);
    const node = await createEventNode({ ...options, readAhead: true });
    for (const warning of warnings(options)) process.stderr.write(`Warning: ${warning}\n`);
    process.stdout.write(banner(node, options));
    await stopAsked;
    await node.close();
    process.stdout.write('The event node has stopped.\n');
    process.exit(0);
  } catch (error) {
    // A certificate that is none, say, is Node's error, and a sentence as well.
    process.stderr.write(`The event node did not start: ${error instanceof Error ? error.message : String(error)}\n`);
    if (!(error instanceof InfrastructureError || error instanceof FlagsRefused))
      process.stderr.write('Its options may be wrong.\n');
    process.exit(1);
  }
}

/** The command `event-node`. */
export function eventNodeCommand(version: string): Command {
  return new Command('event-node')
    .description('run the embedded event node alone: one machine’s EventStoreDB, for development, tests and small installations')
    .enablePositionalOptions()
    .option('--data <folder>', 'where the log lies, made if need be; without it, the log is in memory')
    .option('--port <n>', 'the port, for gRPC and for health over HTTP; 0: any', portOf, 2113)
    .option('--host <host>', 'the address to listen on', '127.0.0.1')
    .option('--tls-cert <file>', 'a certificate (PEM): connections are encrypted')
    .option('--tls-key <file>', 'its key (PEM)')
    .option('--user <name>', 'the one user; without it, everybody may do everything')
    .option('--password-file <file>', 'a file that holds the user’s password')
    .action(serve)
    .addCommand(copyCommand(version))
    .addCommand(repairCommand());
}
