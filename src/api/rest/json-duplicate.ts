// Finds a member that a JSON object has twice. RFC 8259 (4) leaves open what that means, and every reader takes another one of the two: of a
// request that is about money none may be guessed. For texts that JSON.parse has taken, so nothing is checked that it has checked.

const quote = 0x22;
const backslash = 0x5c;

/** Past the string that begins here. */
function pastString(text: string, start: number): number {
  let end = text.indexOf('"', start + 1);
  for (;;) {
    let slashes = 0;
    while (text.charCodeAt(end - 1 - slashes) === backslash) slashes += 1;
    if (slashes % 2 === 0) return end + 1;
    end = text.indexOf('"', end + 1);
  }
}

const space = /[ \t\n\r]*/y;

/** Where the next thing is that is no space. */
function pastSpace(text: string, start: number): number {
  space.lastIndex = start;
  space.test(text);
  return space.lastIndex;
}

/** How many names of members the text has: strings before a colon. */
function namesIn(text: string): number {
  let names = 0;
  for (let at = text.indexOf('"'); at >= 0; ) {
    const past = pastString(text, at);
    const next = text.charCodeAt(past);
    if (next === 0x3a || (next <= 0x20 && text[pastSpace(text, past)] === ':')) names += 1;
    at = text.indexOf('"', past);
  }
  return names;
}

/** How many members the value has, over all its objects. Without recursion, because a body may be deep. */
function membersIn(value: unknown): number {
  let members = 0;
  const open: unknown[] = [value];
  for (let one = open.pop(); one !== undefined || open.length > 0; one = open.pop()) {
    if (typeof one !== 'object' || one === null) continue;
    const inner = Object.values(one);
    if (!Array.isArray(one)) members += inner.length;
    for (const member of inner) if (typeof member === 'object' && member !== null) open.push(member);
  }
  return members;
}

interface Level {
  /** The names so far; `null` in an array. */
  readonly names: Set<string> | null;
  step: string | number;
}

/** The path of the first member whose object has had one of its name before. */
function find(text: string): readonly (string | number)[] | null {
  const levels: Level[] = [];
  for (let at = 0; at < text.length; at += 1) {
    const level = levels.at(-1);
    const char = text[at];
    if (char === '{') levels.push({ names: new Set(), step: '' });
    else if (char === '[') levels.push({ names: null, step: 0 });
    else if (char === '}' || char === ']') levels.pop();
    else if (char === ',' && level !== undefined && typeof level.step === 'number') level.step += 1;
    else if (text.charCodeAt(at) === quote) {
      const past = pastString(text, at);
      if (level?.names && text[pastSpace(text, past)] === ':') {
        const name = String(JSON.parse(text.slice(at, past)));
        level.step = name;
        if (level.names.has(name)) return levels.map(({ step }) => step);
        level.names.add(name);
      }
      at = past - 1;
    }
  }
  return null;
}

/** The path of a member that is given twice in the text of this value; `null` if there is none. To count costs little, to look more. */
export const duplicateMember = (text: string, value: unknown): readonly (string | number)[] | null =>
  typeof value === 'object' && value !== null && namesIn(text) !== membersIn(value) ? find(text) : null;
