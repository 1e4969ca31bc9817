// The rare forms in which a reader may want its events: ids as two numbers, and links resolved to what they point to. The common form is
// the stored bytes themselves.

import shared from '@eventstore/db-client/generated/shared_pb.js';
import streams, { type ReadReq } from '@eventstore/db-client/generated/streams_pb.js';
import type { Journal } from './journal.js';
import { eventsOf } from './sequence.js';
import { readStored } from './stored-event.js';

export type Rendering = (stored: Buffer) => Buffer | Promise<Buffer>;

const LINK = '$>';

/** How this reader wants its events; `undefined` if as they are stored. */
export function renderingOf(options: ReadReq.Options, journal: Journal): Rendering | undefined {
  const structured = options.getUuidOption()?.hasStructured() ?? false;
  const resolve = options.getResolveLinks();
  if (!structured && !resolve) return undefined;
  return async (stored) => {
    const link = resolve && readStored(stored).type === LINK;
    const target = link ? await targetOf(stored, journal) : undefined;
    if (!structured && !link) return stored;
    const response = streams.ReadResp.deserializeBinary(stored);
    const read = response.getEvent();
    if (read === undefined) return stored;
    if (link) {
      // What a link leads to may be gone, or never have been: then there is the link alone.
      read.setLink(read.getEvent());
      if (target === undefined) read.clearEvent();
      else read.setEvent(streams.ReadResp.deserializeBinary(target).getEvent()?.getEvent());
    }
    if (structured)
      for (const record of [read.getEvent(), read.getLink()]) record?.setId(structuredId(record.getId()?.getString()));
    return Buffer.from(response.serializeBinary());
  };
}

/** The event that a link names as `revision@stream`, if its stream still shows it. */
async function targetOf(link: Buffer, journal: Journal): Promise<Buffer | undefined> {
  const text = readStored(link).data.toString('utf8');
  const at = text.indexOf('@');
  const revision = at < 1 ? Number.NaN : Number(text.slice(0, at));
  const stream = eventsOf(journal.index, text.slice(at + 1));
  if (!Number.isInteger(revision) || stream.isOver() || revision < stream.start() || revision >= stream.end()) return undefined;
  const ordinal = stream.ordinalAt(revision);
  if (ordinal < 0) return undefined;
  const [target] = await journal.load([ordinal]);
  return target !== undefined && (stream.keeps?.(target) ?? true) ? target : undefined;
}

function structuredId(id = ''): shared.UUID {
  const hex = id.replaceAll('-', '');
  const half = (digits: string): string => BigInt.asIntN(64, BigInt(`0x${digits}`)).toString();
  const structured = new shared.UUID.Structured();
  structured.setMostSignificantBits(half(hex.slice(0, 16)));
  structured.setLeastSignificantBits(half(hex.slice(16)));
  const uuid = new shared.UUID();
  uuid.setStructured(structured);
  return uuid;
}
