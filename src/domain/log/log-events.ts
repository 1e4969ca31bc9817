// What the log says of itself, in the stream `panglot-log`.

import { z } from 'zod';

export const logEvents = {
  /** The log's name: every position token carries it, so that a token of another log, or of the time before a restore, is recognised. */
  LogIdentified: z.object({ logId: z.string().regex(/^[a-z0-9]{4,16}$/) }),
};
