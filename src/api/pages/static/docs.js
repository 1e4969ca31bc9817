// Finds operations by words, opens what is linked to, and marks where the reader is.

import './copy.js';

const filter = document.getElementById('filter');
const none = document.getElementById('none');
const described = [...document.querySelectorAll('[data-words]')];

filter.addEventListener('input', () => {
  const words = filter.value.toLowerCase().split(/\s+/).filter(Boolean);
  let found = 0;
  for (const element of described) {
    const hidden = !words.every((word) => element.dataset.words.includes(word));
    element.hidden = hidden;
    if (!hidden && element.localName === 'article') found += 1;
  }
  for (const group of document.querySelectorAll('.group, aside nav section'))
    group.hidden = words.length > 0 && group.querySelector('[data-words]:not([hidden])') === null;
  none.textContent = found === 0 ? 'No operation has these words.' : '';
});

const links = new Map([...document.querySelectorAll('aside li a')].map((link) => [link.hash.slice(1), link]));
const seen = new IntersectionObserver(
  (entries) => {
    for (const { target, isIntersecting } of entries)
      if (isIntersecting) {
        for (const link of links.values()) link.removeAttribute('aria-current');
        links.get(target.id)?.setAttribute('aria-current', 'true');
      }
  },
  { rootMargin: '0px 0px -80% 0px' },
);
for (const article of document.querySelectorAll('article.operation')) seen.observe(article);
