import { describe, expect, it } from 'vitest';
import { html, inline, paragraphs } from '../../../src/api/pages/html.js';
import { documentOf } from '../../../src/api/pages/page.js';
import { startPage } from '../../../src/api/pages/start-page.js';

const nasty = `"><script>alert('1')</script>&`;

describe('HTML', () => {
  it('is not broken out of, in text and in attributes', () =>
    expect(html`<a title="${nasty}">${nasty}</a>`.html).toBe(
      '<a title="&quot;&gt;&lt;script&gt;alert(&#39;1&#39;)&lt;/script&gt;&amp;">&quot;&gt;&lt;script&gt;alert(&#39;1&#39;)&lt;/script&gt;&amp;</a>',
    ));

  it('is put into HTML as it is, in lists too, and nothing leaves nothing', () =>
    expect(html`<ul>${['<', 2].map((item) => html`<li>${item}</li>`)}${null}</ul>`.html).toBe('<ul><li>&lt;</li><li>2</li></ul>'));

  it('has code and strong words where a text marks them, escaped all the same', () => {
    expect(inline('a `<b>` and **c & d**').html).toBe('a <code>&lt;b&gt;</code> and <strong>c &amp; d</strong>');
    expect(paragraphs('one\n\ntwo').html).toBe('<p>one</p><p>two</p>');
  });

  it('shows what a caller or a setting says without becoming it', () => {
    const parts = [{ name: nasty, where: nasty, embedded: true }];
    const page = startPage({ version: nasty, logId: nasty, url: `http://${nasty}`, startedAt: new Date(0), parts });
    expect(documentOf(page).html).not.toContain('<script>alert');
    expect(documentOf(page).html).not.toContain(nasty);
  });
});
