// Page one: forecast, bars of one's own, report and questions about it.

import { call } from './net.js';
import { render } from './markdown.js';
import { at, guarded, progress, renew, start, watch } from './page.js';

const ticker = () => at('ticker').value.trim().toUpperCase();
const address = (symbol, more = {}) => `/app?${new URLSearchParams({ ticker: symbol, ...more })}`;

let stop = null;

// What begins ends what was under way; it ends in an answer or in an error, never in silence.
async function work(words, doing) {
  stop?.abort();
  const mine = (stop = new AbortController());
  await guarded(async () => {
    progress(words);
    try {
      await doing(mine.signal);
    } finally {
      if (stop === mine) {
        stop = null;
        progress('');
        at('cancel').hidden = true;
        draft('');
      }
    }
  });
}

// Wait for the task, with a button that ends it.
async function until(task, signal, hear) {
  at('cancel').hidden = false;
  at('cancel').onclick = () => guarded(() => call('DELETE', `/jobs/${encodeURIComponent(task)}`));
  return watch(task, hear, signal);
}

// Ask until it is answered: a model that has to be trained first is waited for.
async function answered(path, body, signal, hear) {
  for (let tries = 0; ; tries++) {
    const answer = await call('POST', path, body);
    signal.throwIfAborted();
    if (!answer.task_id) return answer.result ?? answer;
    at('stage').textContent = answer.detail ?? 'At work.';
    const state = await until(answer.task_id, signal, hear);
    if (state.result?.final_report) return state.result;
    if (tries === 3) throw new Error('trained, and still no answer');
  }
}

// Take over what the server knows of the ticker. A report is about one ticker: another one brings its own, or none.
async function show(symbol, more) {
  const other = at('report-text').dataset.ticker !== symbol;
  await renew(address(symbol, more), ['alert', 'result', 'more', ...(other ? ['report-text'] : [])]);
  const head = at('result-head');
  at('report').hidden = !head;
  at('report-text').dataset.ticker = symbol;
  document.title = `${symbol} - stockops`;
  return head;
}

function forecast(symbol) {
  return work(`Asking for the forecast of ${symbol}.`, async (signal) => {
    await answered('/predict-child', { ticker: symbol }, signal);
    history.pushState(null, '', address(symbol));
    (await show(symbol))?.focus();
  });
}

// Text that nobody has checked yet.
function draft(text) {
  at('tokens').textContent = text;
  at('draft').hidden = !text;
}

// Tokens belong to a node and an attempt; those of an attempt that is void are dropped.
function drafts() {
  let writer = '';
  return ({ data }) => {
    const mine = `${data.node}/${data.turn}/${data.attempt}`;
    if (data.kind === 'retried') draft('');
    if (typeof data.text !== 'string' || (data.kind && data.kind !== 'token')) return;
    draft((mine === writer ? at('tokens').textContent : '') + data.text);
    writer = mine;
    at('tokens').scrollTop = at('tokens').scrollHeight;
  };
}

function report(symbol, question) {
  return work(`The analysts begin with ${symbol}.`, async (signal) => {
    const thread = at('report-text').dataset.thread || conversation();
    const body = { ticker: symbol, thread_id: thread, as_task: true, ...(question ? { question } : {}) };
    write(await answered('/analyze', body, signal, drafts()), thread);
    at('words').value = '';
    at('report-head').focus();
  });
}

// A name for a conversation that nobody else has.
const conversation = () => Array.from(crypto.getRandomValues(new Uint8Array(12)), (byte) => byte.toString(16).padStart(2, '0')).join('');

function line(name, text, className = '') {
  const made = document.createElement(name);
  made.textContent = text;
  made.className = className;
  return made;
}

// The checked report in place of all that was there.
function write(written, thread) {
  const parts = [line('p', `${written.ticker}, checked. Ask on below: the analysts remember this conversation.`, 'faint')];
  // Most reports have the question and its answer in their text.
  const missing = (words) => words && !written.final_report.includes(words);
  if (missing(written.question)) parts.push(line('h3', written.question));
  if (missing(written.answer)) parts.push(line('p', written.answer));
  parts.push(render(written.final_report), ...(written.warnings ?? []).map((words) => line('p', words, 'faint')));
  at('report-text').replaceChildren(...parts);
  at('report-text').dataset.thread = thread;
  card('recommendation', title(written.recommendation), `${written.action ?? ''}, by the analysts`.replace(/^, /, ''));
  card('confidence', written.confidence, 'from skill and interval');
}

const title = (word) => word.charAt(0) + word.slice(1).toLowerCase();

function card(id, value, words) {
  const [shown, said] = at(`card-${id}`)?.querySelectorAll('dd') ?? [];
  if (shown) shown.textContent = value;
  if (said) said.textContent = words;
}

// Send a file of bars and say how it was understood.
function upload(file) {
  return work(`Reading ${file.name}.`, async () => {
    const symbol = ticker() || file.name.split(/[._-]/)[0].toUpperCase();
    at('ticker').value = symbol;
    const answer = await call('POST', `/bars/${encodeURIComponent(symbol)}?${new URLSearchParams({ name: file.name })}`, file);
    at('findings').replaceChildren(...understood(answer, file.name, symbol));
    at('report-text').dataset.ticker = '';
    await show(symbol);
  });
}

function understood(answer, name, symbol) {
  const kept = answer.rows_kept ?? answer.kept ?? answer.rows;
  const parts = [line('p', `${name}: ${kept ?? 'all'} sessions of ${symbol} were taken.`)];
  const list = document.createElement('ul');
  list.append(...(answer.findings ?? []).map((found) => line('li', found.message ?? found.words ?? found.text ?? (typeof found === 'string' ? found : JSON.stringify(found)))));
  return list.children.length ? [...parts, list] : parts;
}

function dropping() {
  const over = (is) => (event) => {
    event.preventDefault();
    at('drop').classList.toggle('over', is);
  };
  // The whole window takes a file, so that one that misses the field does not replace the page.
  addEventListener('dragover', over(true));
  addEventListener('dragleave', over(false));
  addEventListener('drop', (event) => {
    over(false)(event);
    const [file] = event.dataTransfer.files;
    if (file) upload(file);
  });
  at('file').addEventListener('change', () => at('file').files[0] && upload(at('file').files[0]));
}

function listen() {
  at('ask').addEventListener('submit', (event) => {
    event.preventDefault();
    forecast(ticker());
  });
  at('question').addEventListener('submit', (event) => {
    event.preventDefault();
    report(at('result-head')?.textContent ?? ticker(), at('words').value.trim());
  });
  // Candles are asked for within the page.
  document.addEventListener('submit', (event) => {
    if (!event.target.matches('.more')) return;
    event.preventDefault();
    guarded(async () => {
      await show(event.target.ticker.value, { candles: 'yes' });
      at('candles')?.querySelector('svg').focus();
    });
  });
  addEventListener('popstate', () => location.reload());
}

const known = ticker();
start(() => known && show(known));
at('report-text').dataset.ticker = known;
listen();
dropping();
