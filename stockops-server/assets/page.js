// What both pages share: the key, messages, progress, and parts that are asked for anew.

import { Refused, follow, key, page, useKey } from './net.js';
import { enliven } from './chart.js';

export const at = (id) => document.getElementById(id);

export function alarm(words) {
  at('alert').replaceChildren();
  if (!words) return;
  const line = document.createElement('p');
  line.className = 'alert';
  line.textContent = words;
  at('alert').append(line);
}

// Run `work`; what it throws becomes a message, and one who begins something new is not disturbed by what was before.
export async function guarded(work) {
  alarm('');
  try {
    await work();
  } catch (error) {
    if (error.name === 'AbortError') return;
    alarm(error instanceof Refused ? error.message : 'Something in this page went wrong. Reload it, please.');
    if (!(error instanceof Refused)) console.error(error);
  }
}

const revealed = (root) => root.querySelectorAll('.with-script').forEach((part) => (part.hidden = false));

// Ask the server for the page again and take over the parts of these ids.
export async function renew(path, ids) {
  const fresh = await page(path);
  for (const id of ids) {
    const part = fresh.getElementById(id);
    if (!part) continue;
    revealed(part);
    at(id).replaceWith(document.adoptNode(part));
    enliven(at(id));
  }
}

const seconds = (left) => (left < 90 ? `${Math.round(left)} s` : `${Math.round(left / 60)} min`);
const plain = (word) => String(word).replaceAll('_', ' ');

const WAITING = { queued: 'Waiting for its turn.', running: 'It begins.' };

// What one event says of the progress: words, and a share of the whole where it is known.
function told({ event, data }) {
  const kind = data.kind ?? event;
  if (data.epoch && data.epochs) {
    const whole = data.batches ? data.epoch - 1 + data.batch / data.batches : data.epoch;
    const loss = data.val_loss ?? data.train_loss;
    const parts = [loss == null ? '' : `loss ${Number(loss).toPrecision(3)}`, data.seconds_left == null ? '' : `about ${seconds(data.seconds_left)} left`];
    // The first pass is the training itself; the others are networks that it is compared with, or the refit to the last day.
    const pass = data.pass > 1 ? ` (pass ${data.pass})` : '';
    return { stage: `Training${pass}: epoch ${data.epoch} of ${data.epochs}`, share: whole / data.epochs, detail: parts.filter(Boolean).join(', ') };
  }
  if (data.stage) return { stage: `Now: ${plain(data.stage)}.` };
  if (data.state in WAITING) return { stage: WAITING[data.state] };
  if (data.node && kind === 'started') return { stage: `The ${plain(data.node)} is at work.` };
  if (data.node && kind === 'retried') return { stage: `The ${plain(data.node)} tries again.`, detail: data.problem };
  return null;
}

export function progress(words) {
  at('progress').hidden = !words;
  at('bar').removeAttribute('value');
  at('detail').textContent = '';
  at('stage').textContent = words;
  if (words) at('progress').scrollIntoView({ block: 'nearest' });
}

// Show how the task goes, until it ends well; a task that failed is an error.
export async function watch(task, hear = () => {}, signal) {
  const state = await follow(task, (heard) => {
    const { stage, share, detail } = told(heard) ?? {};
    if (stage) at('stage').textContent = stage;
    if (share) at('bar').value = share;
    if (stage) at('detail').textContent = detail ?? '';
    hear(heard);
  }, signal);
  if (state.status === 'completed') return state;
  throw new Refused(0, `The work has no result: ${state.error ?? state.detail ?? 'no reason was given'}.`);
}

// `again` asks for what the key may open.
export function start(again) {
  revealed(document);
  enliven(document);
  at('key-field').value = key();
  at('key-form').addEventListener('submit', (event) => {
    event.preventDefault();
    useKey(at('key-field').value.trim());
    at('key').open = false;
    guarded(again);
  });
  if (key()) guarded(again);
}
