// Entity tags and the preconditions that name them (RFC 9110, 8.8.3 and 13.1). A tag is strong: the same tag is the same bytes. So a
// compressed answer has a tag of its own, the representation's with the coding behind it; what it names is the same representation.

import { hash } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import type { AllowedRevisions } from '../../commands/command.js';
import { parameterProblem } from './problem.js';

/** What a compressed answer's tag ends with. */
const codings = /-(?:gzip|br)"$/;

/** The tag of what derives from one stream alone. */
export const revisionTag = (revision: number): string => `"${revision}"`;

/** The tag of what derives from anything else: its own bytes. */
export const contentTag = (text: string): string => `"${hash('sha1', text, 'base64url')}"`;

/** The tag of the representation in a coding. */
export const codedTag = (tag: string, coding: string): string => `${tag.slice(0, -1)}-${coding}"`;

const tagAndComma = /\s*(W\/)?("[\x21\x23-\x7e\x80-\xff]*")\s*(?:,|$)/y;

/** The tags of a list; a header that is no list of tags has none. */
function tagsIn(header: string): readonly { readonly weak: boolean; readonly tag: string }[] {
  const tags: { weak: boolean; tag: string }[] = [];
  for (let at = 0; at < header.length; at = tagAndComma.lastIndex) {
    tagAndComma.lastIndex = at;
    const [, weak, tag] = tagAndComma.exec(header) ?? [];
    if (tag === undefined) return [];
    tags.push({ weak: weak !== undefined, tag });
  }
  return tags;
}

/**
 * The tag that `If-None-Match` names of a representation, in whichever coding, compared weakly (RFC 9110, 13.1.2): a 304 repeats it.
 * `null` if it names none. One that is malformed names none either: then the answer is only sent once more.
 */
export function noneMatch(headers: IncomingHttpHeaders, etag: string): string | null {
  const given = headers['if-none-match'];
  if (given === undefined) return null;
  if (given.trim() === '*') return etag;
  return tagsIn(given).find(({ tag }) => tag === etag || tag.replace(codings, '"') === etag)?.tag ?? null;
}

const revision = /^"(0|[1-9]\d{0,9})"$/;

const refused = (header: 'If-Match' | 'If-None-Match', detail: string) => parameterProblem('header', header, detail);

/**
 * The revisions that `If-Match` allows, compared strongly (RFC 9110, 13.1.1): a weak tag, or one of another form than ours, is never
 * that of what is there. @throws Problem if it is no list of tags
 */
function matching(given: string): AllowedRevisions {
  if (given.trim() === '*') return 'exists';
  const tags = tagsIn(given);
  if (tags.length === 0) throw refused('If-Match', 'must be * or entity tags in double quotes, such as "7"');
  return tags.flatMap(({ weak, tag }) => {
    const number = revision.exec(tag.replace(codings, '"'))?.[1];
    return weak || number === undefined ? [] : [Number(number)];
  });
}

const absent: AllowedRevisions = [-1];

/** What a command can be bound to: to nothing, to the revision of what it changes, or to that or that there is none yet. */
export type Conditions = 'none' | 'revision' | 'revision or none';

/**
 * The revisions of its resource that a command may be decided at; `undefined` for any. To pass over a precondition would be a lie, so one
 * that the command cannot be bound to is refused by name. @throws Problem
 */
export function expectedRevision(headers: IncomingHttpHeaders, conditions: Conditions): AllowedRevisions | undefined {
  const { 'if-match': match, 'if-none-match': none } = headers;
  if (match !== undefined && conditions === 'none')
    throw refused('If-Match', 'is for what has a revision: this changes nothing that the caller can have read one of');
  if (none !== undefined && conditions !== 'revision or none') throw refused('If-None-Match', 'is for reads, and for PUT');
  if (match !== undefined && none !== undefined) throw refused('If-None-Match', 'cannot be given together with If-Match');
  if (none !== undefined && none.trim() !== '*') throw refused('If-None-Match', 'must be * with PUT: there must be none yet');
  if (match !== undefined) return matching(match);
  return none === undefined ? undefined : absent;
}
