// Page two: train, check, promote, roll back, cancel, and logs.

import { call } from './net.js';
import { at, guarded, progress, renew, start, watch } from './page.js';

const ticker = () => at('ticker').value.trim().toUpperCase();
const address = () => (ticker() ? `/app/monitor?${new URLSearchParams({ ticker: ticker() })}` : '/app/monitor');
const again = () => renew(address(), ['result', 'alert']);

function body({ version, body }) {
  if (version) return { version: Number(version) };
  return body === 'ticker' ? { ticker: ticker() } : undefined;
}

// A button says what it calls; what takes long is waited for, and then the page is asked for again.
async function act(button) {
  const { call: route, ask, done } = button.dataset;
  if (ask && !confirm(ask)) return;
  const [method, path] = route.split(' ');
  at('done').textContent = '';
  button.disabled = true;
  progress(`${button.textContent}.`);
  try {
    const answer = await call(method, path, body(button.dataset));
    if (answer.task_id && answer.status !== 'completed') {
      await again();
      await watch(answer.task_id);
    }
    await again();
    at('done').textContent = done ?? `${button.textContent}: done.`;
    if (!button.isConnected) at('done').focus();
  } finally {
    progress('');
    button.disabled = false;
  }
}

async function logs() {
  const { logs, filename } = await call('GET', `/system/logs?${new URLSearchParams({ lines: at('lines').value })}`);
  at('log').textContent = Array.isArray(logs) ? logs.join('\n') : logs || `${filename ?? 'The log'} is empty.`;
  at('log').hidden = false;
  at('log').scrollTop = at('log').scrollHeight;
}

document.addEventListener('click', (event) => {
  const button = event.target.closest('[data-call]');
  if (button) guarded(() => act(button));
});
at('logs').addEventListener('submit', (event) => {
  event.preventDefault();
  guarded(logs);
});
start(again);
