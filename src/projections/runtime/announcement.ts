// What a transaction tells other processes when it moves checkpoints: who is where now. It only wakes; what counts is in the tables.

import { z } from 'zod';

/** The channel of NOTIFY. */
export const checkpointChannel = 'panglot_checkpoint';

const schema = z.object({ names: z.array(z.string()), position: z.string().regex(/^\d{1,19}$/) });

/** The payload: well under the 8,000 bytes that NOTIFY carries, for some hundred names. */
export const announcement = (names: readonly string[], position: bigint): string =>
  JSON.stringify({ names, position: String(position) });

/** Reads a payload; `null` if it is not one of ours. */
export function readAnnouncement(payload: string): { readonly names: readonly string[]; readonly position: bigint } | null {
  try {
    const { names, position } = schema.parse(JSON.parse(payload));
    return { names, position: BigInt(position) };
  } catch {
    return null;
  }
}
