// A reader's filter on stream names or event types, by prefixes or a regular expression, and how often it wants to hear how far the
// node has looked.

import type { ReadReq } from '@eventstore/db-client/generated/streams_pb.js';

export interface EventFilter {
  readonly on: 'stream' | 'type';
  readonly matches: (text: string) => boolean;
  /** A checkpoint is due whenever this many events have been considered. */
  readonly checkpointEvery: number;
}

const DEFAULT_WINDOW = 32;

/** The filter of a read request. @throws SyntaxError if its expression is not a regular expression */
export function filterOf(options: ReadReq.Options): EventFilter | undefined {
  const filter = options.getFilter();
  if (filter === undefined) return undefined;
  const byStream = filter.getStreamIdentifier();
  const expression = byStream ?? filter.getEventType();
  if (expression === undefined) return undefined;
  const window = filter.hasMax() && filter.getMax() > 0 ? filter.getMax() : DEFAULT_WINDOW;
  return {
    on: byStream === undefined ? 'type' : 'stream',
    matches: matcher(expression.getRegex(), expression.getPrefixList()),
    checkpointEvery: window * Math.max(filter.getCheckpointintervalmultiplier(), 1),
  };
}

function matcher(regex: string, prefixes: readonly string[]): (text: string) => boolean {
  if (prefixes.length > 0) return (text) => prefixes.some((prefix) => text.startsWith(prefix));
  const expression = new RegExp(regex);
  return (text) => expression.test(text);
}
