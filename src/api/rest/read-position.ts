// Reading one's own write: a read waits for the position that it asks for, and then says plainly what it has reached.

import type { IncomingHttpHeaders } from 'node:http';
import { formatPosition, parsePosition } from '../../domain/log/position.js';
import { preferredWait } from './headers.js';
import { Problem, parameterProblem } from './problem.js';
import type { Services } from './services.js';

type Needs = Pick<Services, 'progress' | 'head' | 'logId' | 'minPositionWait'>;

/** Of what has not seen anything yet: nothing lies before the log's first position. */
const shown = (reached: bigint): bigint => (reached < 0n ? 0n : reached);

export interface MinPosition {
  readonly place: 'header' | 'query';
  readonly parameter: string;
  readonly token: string;
}

/** The position asked for, in the header or in the query; `null` without one. @throws Problem if it is in both */
export function minPositionOf(headers: IncomingHttpHeaders, inQuery: string | undefined): MinPosition | null {
  const inHeader = headers['panglot-min-position'];
  if (inHeader === undefined) return inQuery === undefined ? null : { place: 'query', parameter: 'minPosition', token: inQuery };
  if (inQuery !== undefined) throw parameterProblem('query', 'minPosition', 'is given in the Panglot-Min-Position header as well');
  return { place: 'header', parameter: 'Panglot-Min-Position', token: String(inHeader) };
}

const behind = (reached: bigint, logId: string, model: string) => {
  const position = formatPosition(logId, shown(reached));
  return new Problem('read-model-behind', `The read model ${model} has reached ${position}, and not yet what was asked for.`, {
    position,
    headers: { 'Retry-After': '1', 'Panglot-Position': position },
  });
};

/** The milliseconds that a read may wait. @throws Problem */
export const patience = (headers: IncomingHttpHeaders, { minPositionWait }: Needs): number => {
  const seconds = preferredWait(headers);
  return seconds === null ? minPositionWait : seconds * 1000;
};

/**
 * Waits until the read model has reached the position asked for.
 * @throws Problem 400 `position-invalid` for what is no position of this log up to now; 503 `read-model-behind` when the time is over
 */
export async function awaitMinPosition(needs: Needs, model: string, wanted: MinPosition, timeoutMs: number): Promise<void> {
  const { progress, head, logId } = needs;
  const { place, parameter, token } = wanted;
  const invalid = (detail: string) => parameterProblem(place, parameter, detail, 'position-invalid');
  const position = parsePosition(token);
  if (position === null) throw invalid('is not a position');
  if (position.logId !== logId) throw invalid('is a position of another log');
  if (progress.reached(model) >= position.commit) return;
  const end = await head();
  if (end === null || position.commit > end) throw invalid('lies in the future of this log');
  if (await progress.waitFor(model, position.commit, timeoutMs)) return;
  throw behind(progress.reached(model), logId, model);
}

/** What a read found, and the position up to which it has certainly seen everything. */
export interface Seen<Found> {
  readonly found: Found;
  readonly reached: bigint;
  /** The same as a token. */
  readonly position: string;
}

/** Runs a query. The position is taken before it, so that it never promises too much. */
export async function see<Found>(needs: Needs, model: string, query: () => Promise<Found>): Promise<Seen<Found>> {
  const reached = needs.progress.reached(model);
  return { found: await query(), reached, position: formatPosition(needs.logId, shown(reached)) };
}

/**
 * Looks again for what was not found, once the read model has passed the log's head: only then is "not found" true.
 * @throws Problem 503 `read-model-behind` when the time is over first
 */
export async function seeUpToDate<Found>(
  needs: Needs,
  model: string,
  missed: Seen<Found>,
  query: () => Promise<Found>,
  timeoutMs: number,
): Promise<Seen<Found>> {
  const end = await needs.head();
  if (end === null || missed.reached >= end) return missed;
  if (!(await needs.progress.waitFor(model, end, timeoutMs))) throw behind(needs.progress.reached(model), needs.logId, model);
  return see(needs, model, query);
}
