// What can be done about a log that is damaged: find where, say what would be lost, and cut it there, with all that is cut kept aside.
// Nothing is repaired unless it is asked for: a backup may hold what is lost here.

import { constants } from 'node:fs';
import { copyFile, mkdir, open, readdir, rename, rm } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { lockFolder } from './folder-lock.js';
import { FRAME_HEADER, type FrameHeader, frameAt, isIntact } from './frame.js';
import { scanFrames } from './frame-scan.js';
import { listSegments, openSegment, pathOf, readFully, type Segment, type SegmentName, syncFolder } from './segment-file.js';

export interface Damage {
  /** In a sentence. */
  readonly what: string;
  /** The log can be read up to here. */
  readonly position: number;
  /** Intact events behind it, which a cut would lose as well: how many, of which streams (some of them), in how many bytes. */
  readonly events: number;
  readonly streams: ReadonlySet<string>;
  readonly bytes: number;
  /** The segment that is damaged; `undefined` where one is missing. */
  readonly segment: SegmentName | undefined;
  /** Where in its file. */
  readonly offset: number;
  /** The segments behind. */
  readonly behind: readonly SegmentName[];
}

/**
 * Looks through the whole log of a node that is not running.
 * @returns `undefined` if there is no damage; a write that was cut short at the very end is none: the node cuts it by itself
 * @throws Unavailable if the node is running
 */
export async function findDamage(folder: string): Promise<Damage | undefined> {
  const lock = await lockFolder(folder, 0);
  const opened: Segment[] = [];
  try {
    const names = await listSegments(folder);
    let position = 0;
    for (const [i, name] of names.entries()) {
      const behind = names.slice(i + 1);
      if (name.base !== position) {
        const what = `The log's part from position ${position} to ${name.base} is missing.`;
        return { what, position, segment: undefined, offset: 0, behind: names.slice(i), ...(await lostIn(folder, names.slice(i))) };
      }
      const segment = await openSegment(folder, name);
      opened.push(segment);
      const scanned = await scanFrames(segment, () => undefined);
      const isTornAtMost = behind.length === 0 && name.generation === 0 && !(await acknowledgedBehind(segment, scanned));
      if (scanned.offset < scanned.size && !isTornAtMost) {
        const rest = await intactFrames(segment, scanned.offset + 1);
        const lost = await lostIn(folder, behind, rest, scanned.size - scanned.offset);
        const what = `${segment.path} cannot be read at position ${scanned.position}.`;
        return { what, position: scanned.position, segment: name, offset: scanned.offset, behind, ...lost };
      }
      position = segment.end ?? scanned.position;
    }
    return undefined;
  } finally {
    await Promise.all(opened.map((segment) => segment.file.close()));
    await lock.release();
  }
}

/**
 * Cuts the log where the damage begins. What is cut is moved to a folder beside the log.
 * @returns that folder
 * @throws Unavailable if the node is running
 */
export async function cutDamage(folder: string, damage: Damage): Promise<string> {
  const { position, segment, offset, behind } = damage;
  const lock = await lockFolder(folder, 0);
  try {
    const aside = join(folder, `cut-at-${position}`);
    await mkdir(aside, { recursive: true });
    // From the end on: whenever this is interrupted, what is left is a log with the same damage.
    for (const name of behind.toReversed()) {
      const path = pathOf(folder, name, 'segment');
      await rm(pathOf(folder, name, 'idx'), { force: true });
      await rename(path, join(aside, basename(path)));
    }
    if (segment !== undefined) {
      const path = pathOf(folder, segment, 'segment');
      const copy = join(aside, basename(path));
      if (!(await readdir(aside)).includes(basename(path))) await copyFile(path, copy, constants.COPYFILE_FICLONE);
      await synced(copy);
      await rm(pathOf(folder, segment, 'idx'), { force: true });
      const file = await open(path, 'r+');
      try {
        await file.truncate(offset);
        await file.sync();
      } finally {
        await file.close();
      }
    }
    await syncFolder(aside);
    await syncFolder(folder);
    return aside;
  } finally {
    await lock.release();
  }
}

async function synced(path: string): Promise<void> {
  const file = await open(path, 'r');
  try {
    await file.sync();
  } finally {
    await file.close();
  }
}

interface Found {
  readonly header: FrameHeader;
  readonly stream: string;
}

/** The intact frames from this offset of a file on, wherever they begin. */
async function intactFrames({ file, header }: Segment, from: number): Promise<Found[]> {
  const { size } = await file.stat();
  const bytes = await readFully(file, Math.max(from, header), Math.max(size - Math.max(from, header), 0));
  const found: Found[] = [];
  for (let at = 0; at + FRAME_HEADER <= bytes.length; ) {
    const frame = frameAt(bytes, at, bytes.length, 0, Number.MAX_SAFE_INTEGER);
    if (frame === undefined || frame.nameLength > frame.length || !isIntact(bytes, at, frame.length)) at += 1;
    else {
      found.push({ header: frame, stream: bytes.toString('utf8', at + FRAME_HEADER, at + FRAME_HEADER + frame.nameLength) });
      at += frame.length;
    }
  }
  return found;
}

/** Whether a frame behind the place where the scan ended was written when that place was durable already. */
async function acknowledgedBehind(
  segment: Segment,
  { position, offset, size }: { readonly position: number; readonly offset: number; readonly size: number },
): Promise<boolean> {
  if (offset === size) return false;
  return (await intactFrames(segment, offset + 1)).some(({ header }) => header.durable > position);
}

async function lostIn(
  folder: string,
  behind: readonly SegmentName[],
  rest: readonly Found[] = [],
  restBytes = 0,
): Promise<Pick<Damage, 'events' | 'streams' | 'bytes'>> {
  const streams = new Set(rest.map(({ stream }) => stream));
  let events = rest.reduce((sum, { header }) => sum + header.events, 0);
  let bytes = restBytes;
  for (const name of behind) {
    const segment = await openSegment(folder, name);
    try {
      bytes += (await segment.file.stat()).size - segment.header;
      for (const { header, stream } of await intactFrames(segment, segment.header)) {
        events += header.events;
        streams.add(stream);
      }
    } finally {
      await segment.file.close();
    }
  }
  return { events, streams, bytes };
}
