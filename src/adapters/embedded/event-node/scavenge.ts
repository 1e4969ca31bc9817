// Takes from the disk what streams no longer keep: each complete segment that holds some of it is written anew without it, beside the old
// one, which it replaces in one step. Positions and revisions stay as they are; the last event of a stream is always kept, so that its
// revisions go on from there. At every moment the folder holds a whole log: a draft counts for nothing until it is renamed, and the higher
// generation counts from then on.

import { open, rename, rm } from 'node:fs/promises';
import { Corrupt, Unavailable } from '../../../domain/log/errors.js';
import { EVENT_HEADER, eventLengthAt, FRAME_HEADER, type FrameHeader, sealFrame } from './frame.js';
import { scanFrames, UNNOTICED_BLOCK } from './frame-scan.js';
import { indexFileOf, writeIndexFile } from './index-file.js';
import type { Journal } from './journal.js';
import type { IndexPart } from './log-index.js';
import { createRuns } from './runs.js';
import { cutsOf } from './scavenge-cuts.js';
import { DRAFT, openSegment, pathOf, SCAVENGED_HEADER, type Segment, scavengedHeaderOf, syncFolder } from './segment-file.js';
import type { SegmentMedium } from './segments.js';

export interface Scavenged {
  /** Events removed, and by how many bytes the log's files have become smaller. */
  readonly events: number;
  readonly bytes: number;
  /** Segments written anew. */
  readonly segments: number;
}

export interface Scavenger {
  /** @throws Unavailable if one is running, or the disk has no room; Corrupt if it comes upon damage. What was done until then stays done */
  run(): Promise<Scavenged>;
  /** Ends the one that is running at the next segment. */
  stop(): Promise<void>;
}

export interface ScavengeOptions {
  readonly folder: string;
  readonly journal: Journal;
  readonly medium: SegmentMedium;
}

/** A scavenger of this log. */
export function createScavenger({ folder, journal, medium }: ScavengeOptions): Scavenger {
  const { index } = journal;
  let running: Promise<Scavenged> | undefined;
  let stopping = false;

  async function scavenge(): Promise<Scavenged> {
    const cuts = await cutsOf(journal);
    const isRemoved = (stream: number, ordinal: number): boolean => ordinal < (cuts.get(stream) ?? 0);
    const removesFrom = (from: number, to: number): boolean => {
      for (let ordinal = from; ordinal < to; ordinal++) {
        const stream = index.streamNumberOf(ordinal);
        if (stream >= 0 && isRemoved(stream, ordinal)) return true;
      }
      return false;
    };
    const active = medium.segments.at(-1)?.base ?? 0;
    if (removesFrom(index.atOrBehind(active), index.visible)) await journal.endSegment();
    const total = { events: 0, bytes: 0, segments: 0 };
    for (const segment of medium.segments.slice(0, -1)) {
      if (stopping) break;
      const part = index.partAt(segment.base);
      if (part === undefined || !removesFrom(part.mark.ordinal, part.ordinalEnd)) continue;
      const next = medium.segments[medium.segments.indexOf(segment) + 1];
      const { events, bytes } = await rewrite(segment, next?.base ?? 0, part, isRemoved);
      total.events += events;
      total.bytes += bytes;
      total.segments += 1;
      await new Promise((resolve) => setImmediate(resolve));
    }
    await medium.removed();
    return total;
  }

  async function rewrite(
    old: Segment,
    end: number,
    part: IndexPart,
    isRemoved: (stream: number, ordinal: number) => boolean,
  ): Promise<{ readonly events: number; readonly bytes: number }> {
    const name = { base: old.base, generation: old.generation + 1 };
    const path = pathOf(folder, name, 'segment');
    const runs = createRuns();
    /** For each stream that loses something here, the last ordinal that goes. */
    const lost = new Map<number, number>();
    let events = 0;
    let written = SCAVENGED_HEADER;
    let kept: Buffer[] = [scavengedHeaderOf(name, end)];
    let ordinal = part.mark.ordinal;

    const visit = (bytes: Buffer, start: number, header: FrameHeader): void => {
      let at = start + FRAME_HEADER + header.nameLength;
      const first = at;
      let removed = 0;
      for (let i = 0; i < header.events; i++, at += EVENT_HEADER + eventLengthAt(bytes, at)) {
        const position = header.position + at - start;
        while (index.positionOf(ordinal) < position) ordinal += 1;
        const stream = index.streamNumberOf(ordinal);
        if (!isRemoved(stream, ordinal)) break;
        lost.set(stream, ordinal);
        removed += 1;
      }
      events += removed;
      if (removed === header.events) return;
      const frame = shortened(bytes.subarray(start, start + header.length), header, removed, at - first);
      const position = header.position + at - first;
      runs.add(position, header.position + header.length, written);
      kept.push(frame);
      written += frame.length;
    };

    try {
      const file = await open(path + DRAFT, 'w');
      try {
        const flush = async (): Promise<void> => {
          const buffers = kept;
          kept = [];
          if (buffers.length > 0) await file.writev(buffers);
        };
        const scanned = await scanFrames(old, visit, { pause: flush, blockBytes: UNNOTICED_BLOCK });
        if (scanned.offset < scanned.size) throw new Corrupt(`${old.path} is damaged at position ${scanned.position}.`);
        await flush();
        await file.sync();
      } finally {
        await file.close();
      }
      await writeIndexFile(folder, await indexFileOf(journal, part, { ...name, runs }, written, isRemoved));
    } catch (error) {
      await rm(path + DRAFT, { force: true });
      throw error instanceof Corrupt ? error : new Unavailable(`${old.path} could not be written anew: ${String(error)}.`);
    }
    await rename(path + DRAFT, path);
    await syncFolder(folder);
    const { size } = await old.file.stat();
    const segment = await openSegment(folder, name);
    segment.runs = runs;
    // From here to the end nothing else runs: no reader sees one of the two without the other.
    medium.replace(segment);
    for (const [stream, last] of lost) index.forget(stream, index.revisionOf(last) + 1);
    return { events, bytes: size - written };
  }

  return {
    async run() {
      if (running !== undefined) throw new Unavailable('A scavenge is running already.');
      if (journal.failure !== undefined) throw new Unavailable(journal.failure);
      running = scavenge();
      try {
        return await running;
      } finally {
        running = undefined;
      }
    },
    async stop() {
      stopping = true;
      await running?.catch(() => undefined);
    },
  };
}

/** A copy of a frame without its first events, which is as good a frame: it begins later by as many bytes as it has become shorter. */
function shortened(frame: Buffer, header: FrameHeader, events: number, bytes: number): Buffer {
  if (events === 0) return Buffer.from(frame);
  const first = FRAME_HEADER + header.nameLength;
  const length = header.length - bytes;
  const copy = Buffer.allocUnsafe(length);
  frame.copy(copy, first, first + bytes);
  sealFrame(
    copy,
    {
      ...header,
      length,
      position: header.position + bytes,
      revision: header.revision + events,
      events: header.events - events,
    },
    frame.subarray(FRAME_HEADER, first),
  );
  return copy;
}
