// HTML as text that cannot be broken out of: whatever is put into a template is escaped, unless it is HTML itself.

/** A piece of HTML that is safe to send. */
export interface Html {
  readonly html: string;
}

type Content = Html | string | number | null | readonly Content[];

const entities: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' };

const escaped = (text: string): string => text.replaceAll(/[&<>"']/g, (char) => entities[char] ?? char);

function render(content: Content): string {
  if (content === null) return '';
  if (typeof content === 'string') return escaped(content);
  if (typeof content === 'number') return String(content);
  return 'html' in content ? content.html : content.map(render).join('');
}

/** A template of HTML; values are escaped, in text and in quoted attributes alike. */
export const html = (parts: TemplateStringsArray, ...values: readonly Content[]): Html => ({
  html: parts.reduce((text, part, index) => text + render(values[index - 1] ?? null) + part),
});

const marks = /`([^`]+)`|\*\*([^*]+)\*\*/g;

/** One line of the little Markdown that our texts use: `code` and **strong**. */
export function inline(text: string): Html {
  const pieces: Content[] = [];
  let at = 0;
  for (const match of text.matchAll(marks)) {
    const [whole, code, strong] = match;
    pieces.push(text.slice(at, match.index));
    pieces.push(code === undefined ? html`<strong>${strong ?? ''}</strong>` : html`<code>${code}</code>`);
    at = match.index + whole.length;
  }
  return html`${pieces}${text.slice(at)}`;
}

/** The same in paragraphs, parted by empty lines. */
export const paragraphs = (text: string): Html => html`${text.split('\n\n').map((one) => html`<p>${inline(one)}</p>`)}`;
