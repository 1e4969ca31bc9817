// Brings the start page to life: the health of the platform, asked again and again while the page is seen, and how long it has run.

import './copy.js';

const health = document.getElementById('health');
const healthText = document.getElementById('health-text');
const checks = document.getElementById('checks');
const since = document.getElementById('since');

/** Words change only if they have to: a screen reader reads every change. */
function say(state, text) {
  if (health.dataset.state !== state) health.dataset.state = state;
  if (healthText.textContent !== text) healthText.textContent = text;
}

function row({ name, status, detail }) {
  const item = document.createElement('li');
  item.dataset.state = status;
  const dot = document.createElement('span');
  dot.className = 'dot';
  dot.setAttribute('aria-hidden', 'true');
  const text = document.createElement('span');
  text.textContent = `${name.replaceAll('-', ' ')} is ${status.toLowerCase()}${detail === null ? '' : `: ${detail}`}`;
  item.append(dot, text);
  return item;
}

async function ask() {
  try {
    const answer = await fetch('/readyz', { headers: { accept: 'application/json' }, cache: 'no-store' });
    const { status, checks: outcomes } = await answer.json();
    say(status, status === 'READY' ? 'Ready: everything is up' : 'Not ready: something is away');
    checks.replaceChildren(...outcomes.map(row));
  } catch {
    say('GONE', 'It does not answer');
    checks.replaceChildren();
  }
}

const units = [
  ['day', 86400],
  ['hour', 3600],
  ['minute', 60],
  ['second', 1],
];

function age() {
  const seconds = Math.max(1, Math.round((Date.now() - Date.parse(since.dateTime)) / 1000));
  const [unit, size] = units.find(([, size]) => seconds >= size);
  const count = Math.floor(seconds / size);
  since.textContent = `${count} ${unit}${count === 1 ? '' : 's'} ago`;
  since.title = new Date(since.dateTime).toLocaleString();
}

function look() {
  if (document.hidden) return;
  age();
  void ask();
}

look();
setInterval(look, 10_000);
document.addEventListener('visibilitychange', look);
