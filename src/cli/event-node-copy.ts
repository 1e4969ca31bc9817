// `panglot event-node copy`: copies a log into a real EventStoreDB, or into another node. What a copy is, is in adapters/eventstore/copy/.

import { Command, InvalidArgumentError } from 'commander';
import { v5 as deriveId } from 'uuid';
import type { CopyReport } from '../adapters/eventstore/copy/copy-log.js';
import { InfrastructureError } from '../domain/log/errors.js';
import { copyProgress } from './event-node-copy-progress.js';

interface Flags {
  readonly from?: string;
  readonly data?: string;
  readonly to: string;
  readonly json: boolean;
}

/** Makes the id of the copy's new name from the id of the name that it is a copy under: however often it is run, it is one event. */
const COPIES = '2f4cf2d8-56c4-4a2f-9b36-4f6a1fb8a1de';

function urlOf(text: string): string {
  if (!/^esdb(\+discover)?:\/\/./.test(text)) throw new InvalidArgumentError('It should be a connection string, esdb://...');
  return text;
}

/** Exit codes: 0 copied and verified, 1 not, 130 interrupted. */
async function copy({ from, data, to, json }: Flags, version: string): Promise<void> {
  const interruption = new AbortController();
  // Once: a second Ctrl-C ends the process, and the next run goes on all the same.
  const interrupt = () => interruption.abort();
  process.once('SIGINT', interrupt);
  process.once('SIGTERM', interrupt);
  const progress = copyProgress(process.stderr);
  const log = (line: string): boolean => process.stderr.write(`${line}\n`);
  try {
    if ((from === undefined) === (data === undefined)) return fail('Say where from: either --from or --data.');
    // Both ends of a copy are large: the other commands do without.
    const { logVerbosity, setLogVerbosity } = await import('@grpc/grpc-js');
    const { createEventNode } = await import('../adapters/embedded/event-node/event-node.js');
    const { copyLog } = await import('../adapters/eventstore/copy/copy-log.js');
    const { logNamed, logStream } = await import('../adapters/eventstore/log-identity.js');
    setLogVerbosity(logVerbosity.NONE);
    const node = data === undefined ? undefined : await createEventNode({ dataDir: data, log });
    try {
      const report = await copyLog({
        from: node?.url ?? from ?? '',
        to,
        mark: {
          stream: logStream,
          idOf: ({ id }) => deriveId(id, COPIES),
          make: (id) => logNamed(id, version),
        },
        onProgress: progress.show,
        signal: interruption.signal,
      });
      progress.end();
      process.stdout.write(json ? `${JSON.stringify(report, null, 2)}\n` : reportText(report));
      if (report.verified === undefined) process.exitCode = 130;
      else if (report.verified.differences.length > 0) process.exitCode = 1;
    } finally {
      await node?.close();
    }
  } catch (error) {
    progress.end();
    if (!(error instanceof InfrastructureError || error instanceof TypeError)) throw error;
    fail(`The log was not copied: ${error.message}`);
  } finally {
    process.off('SIGINT', interrupt);
    process.off('SIGTERM', interrupt);
  }
}

function fail(sentence: string): void {
  process.stderr.write(`${sentence}\n`);
  process.exitCode = 1;
}

function reportText({ present, copied, metadata, tombstones, system, marked, verified }: CopyReport): string {
  const lines = [
    `${copied} events were copied${present > 0 ? `, ${present} were there already` : ''}; metadata of ${metadata} streams, ${tombstones} tombstones.`,
  ];
  if (system > 0) lines.push(`${system} events of the server's own streams (their names begin with $) were left behind.`);
  if (verified === undefined) {
    lines.push('Interrupted. Run it again: it goes on from here.');
    return `${lines.join('\n')}\n`;
  }
  lines.push('Positions and the times of writing are the target’s own; no copy can keep them.');
  if (marked)
    lines.push('The copy has a log id of its own: read models have to be rebuilt, and position tokens of the source end.');
  const { source, target, differences } = verified;
  lines.push(
    `Source: ${source.events} events, sha256 ${source.digest}`,
    `Target: ${target.events} events, sha256 ${target.digest}`,
  );
  lines.push(
    differences.length === 0 ? 'Both have been read and compared: they are equal.' : 'THEY ARE NOT EQUAL:',
    ...differences,
  );
  return `${lines.join('\n')}\n`;
}

/** The command `copy`, to be put under `event-node`; the copy's log says that this version has named it. */
export function copyCommand(version: string): Command {
  return new Command('copy')
    .description('copy a log into a real EventStoreDB: can be interrupted and run again, and is verified in the end')
    .option('--from <url>', 'the source, a running node or an EventStoreDB: esdb://...', urlOf)
    .option('--data <folder>', 'or the folder of a node that does not run')
    .requiredOption('--to <url>', 'the target, which holds nothing else: esdb://...', urlOf)
    .option('--json', 'the report as JSON', false)
    .action((flags: Flags) => copy(flags, version));
}
