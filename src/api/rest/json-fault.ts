// Finds where a text stops being JSON (RFC 8259), because the engine's own message often does not say. Used only for texts that
// JSON.parse has refused; it builds nothing.

const space = /[ \t\n\r]*/y;
const number = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y;
const literal = /true|false|null/y;
const escapeSequence = /\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4})/y;

function end(pattern: RegExp, text: string, at: number): number {
  pattern.lastIndex = at;
  return pattern.test(text) ? pattern.lastIndex : at;
}

/** Past the string that begins here; `closed` is false where it breaks off, and the index is then the fault. */
function skipString(text: string, start: number): { at: number; closed: boolean } {
  let at = start + 1;
  while (at < text.length) {
    const char = text.charCodeAt(at);
    if (char === 0x22) return { at: at + 1, closed: true };
    if (char < 0x20) return { at, closed: false };
    if (char !== 0x5c) at += 1;
    else {
      const past = end(escapeSequence, text, at);
      if (past === at) return { at, closed: false };
      at = past;
    }
  }
  return { at, closed: false };
}

type Expected = 'value' | 'first value' | 'first key' | 'key' | 'colon' | 'comma' | 'end';

/** The index of the first character that cannot stand where it stands; the text's length if it only breaks off. */
export function jsonFault(text: string): number {
  const open: ('{' | '[')[] = [];
  const afterValue = (): Expected => (open.length === 0 ? 'end' : 'comma');
  let expected: Expected = 'value';
  let at = end(space, text, 0);
  for (; at < text.length; at = end(space, text, at)) {
    const char = text[at];
    const closes = expected === 'comma' || expected === (open.at(-1) === '{' ? 'first key' : 'first value');
    if (closes && char === (open.at(-1) === '{' ? '}' : ']')) {
      open.pop();
      expected = afterValue();
      at += 1;
    } else if (expected === 'comma' && char === ',') {
      expected = open.at(-1) === '{' ? 'key' : 'value';
      at += 1;
    } else if (expected === 'colon' && char === ':') {
      expected = 'value';
      at += 1;
    } else if ((expected === 'key' || expected === 'first key') && char === '"') {
      const skipped = skipString(text, at);
      if (!skipped.closed) return skipped.at;
      at = skipped.at;
      expected = 'colon';
    } else if (expected === 'value' || expected === 'first value') {
      if (char === '{' || char === '[') {
        open.push(char);
        expected = char === '{' ? 'first key' : 'first value';
        at += 1;
        continue;
      }
      const skipped =
        char === '"' ? skipString(text, at) : { at: Math.max(end(number, text, at), end(literal, text, at)), closed: true };
      if (!skipped.closed || skipped.at === at) return skipped.at;
      at = skipped.at;
      expected = afterValue();
    } else return at;
  }
  return at;
}

/** The same as line and column, both from 1. */
export function placeOfFault(text: string): { readonly line: number; readonly column: number } {
  const at = jsonFault(text);
  const before = text.slice(0, at);
  return { line: before.split('\n').length, column: at - before.lastIndexOf('\n') };
}
