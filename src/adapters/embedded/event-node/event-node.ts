// The embedded event node: a small durable server for one machine that speaks EventStoreDB's gRPC protocol. Not a database product: what it
// does not support it refuses.

import type { Credentials } from './gate.js';
import { followMetadata } from './metadata-streams.js';
import { openFolder, openInMemory } from './open-log.js';
import type { TlsFiles } from './port.js';
import type { Scavenged } from './scavenge.js';
import { listen } from './server.js';

export interface EventNodeOptions {
  /** The folder that holds the log, made if need be; without it, the log is in memory and ends with the node. */
  readonly dataDir?: string;
  /** Default: 127.0.0.1. Beyond this machine it wants TLS and credentials. */
  readonly host?: string;
  /** Default 0: any free port. */
  readonly port?: number;
  /** Without it, connections are not encrypted. */
  readonly tls?: TlsFiles;
  /** The one user. Without it everybody may do everything. The official client sends credentials over TLS only. */
  readonly credentials?: Credentials;
  /** How long to wait, in milliseconds, for another node to leave the folder; default: not at all. */
  readonly waitForFolderMs?: number;
  /** Bytes after which the log goes on in a new file; default 256 MiB. */
  readonly segmentBytes?: number;
  /** A log of up to this many bytes is read whole at every start, which finds all damage; default 64 MiB. */
  readonly readWholeBytes?: number;
  /** Whether a thread of its own reads what has to be read of a larger log at a start; default: no. It wants compiled sources. */
  readonly readAhead?: boolean;
  /** Is told what an operator should know: a torn tail that was cut, a disk that failed. */
  readonly log?: (line: string) => void;
}

export interface EventNode {
  readonly host: string;
  readonly port: number;
  /** A connection string for the client, without credentials. */
  readonly url: string;
  /** Removes from the disk what streams no longer keep, while the node serves. @throws Unavailable if it cannot, or one is running */
  scavenge(): Promise<Scavenged>;
  /** Answers what is under way, ends all calls, and closes the log. */
  close(): Promise<void>;
}

const SEGMENT_BYTES = 256 * 1024 * 1024;
const READ_WHOLE_BYTES = 64 * 1024 * 1024;

/**
 * Opens the log and serves it.
 * @throws Unavailable if the folder or the port is in use; Corrupt if a part of the log that was acknowledged cannot be read
 */
export async function createEventNode(options: EventNodeOptions): Promise<EventNode> {
  const { dataDir, host = '127.0.0.1', port: wantedPort = 0, log = () => undefined } = options;
  const { segmentBytes = SEGMENT_BYTES, readWholeBytes = READ_WHOLE_BYTES } = options;
  const openLog =
    dataDir === undefined
      ? openInMemory({ segmentBytes, readWholeBytes, log })
      : await openFolder(dataDir, options.waitForFolderMs ?? 0, {
          segmentBytes,
          readWholeBytes,
          readAhead: options.readAhead,
          log,
        });
  const { journal } = openLog;
  followMetadata(journal);
  try {
    const server = await listen(journal, {
      host,
      port: wantedPort,
      tls: options.tls,
      credentials: options.credentials,
      scavenge: () => openLog.scavenge(),
      log,
    });
    return {
      host,
      port: server.port,
      url: `esdb://${host.includes(':') ? `[${host}]` : host}:${server.port}?tls=${options.tls !== undefined}`,
      scavenge: () => openLog.scavenge(),
      async close() {
        await server.close();
        await openLog.close();
      },
    };
  } catch (error) {
    await openLog.close();
    throw error;
  }
}
