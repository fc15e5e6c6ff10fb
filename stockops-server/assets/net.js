// How the pages talk to their server. The key goes into a header and never into an address.

const KEY = 'stockops-key';

export const key = () => sessionStorage.getItem(KEY) ?? '';

export function useKey(text) {
  if (text) sessionStorage.setItem(KEY, text);
  else sessionStorage.removeItem(KEY);
}

const pause = (seconds) => new Promise((resolve) => setTimeout(resolve, 1000 * seconds));

export class Refused extends Error {
  constructor(status, words, wait) {
    super(words);
    this.status = status;
    this.wait = wait;
  }
}

async function ask(method, path, options = {}) {
  const headers = { ...options.headers };
  if (key()) headers.Authorization = `Bearer ${key()}`;
  const { body, signal } = options;
  let answer;
  try {
    answer = await fetch(path, { method, headers, body, signal, credentials: 'omit', redirect: 'error' });
  } catch (error) {
    if (signal?.aborted) throw error;
    throw new Refused(0, 'The server does not answer. Is it still running?');
  }
  if (answer.ok) return answer;
  const wait = Number(answer.headers.get('Retry-After')) || 0;
  throw new Refused(answer.status, refusal(answer.status, await answer.text(), wait), wait);
}

// What an error of the server says, as one sentence for a person.
function refusal(status, text, wait) {
  const later = wait ? ` Try again in ${wait} s.` : '';
  if (status === 401 || status === 403) return `The server wants a key for this. Give it above, under Key. (${detail(text)})`;
  return `${detail(text)}${later}` || `The server answered ${status}.`;
}

function detail(text) {
  try {
    const { detail } = JSON.parse(text);
    if (typeof detail === 'string') return detail;
    if (Array.isArray(detail)) return detail.map((one) => one.msg ?? JSON.stringify(one)).join('; ');
    return JSON.stringify(detail);
  } catch {
    return text.slice(0, 200);
  }
}

// Call a route: `body` is a file as it is, or a value that becomes JSON.
export async function call(method, path, body) {
  const raw = body === undefined || body instanceof Blob;
  const options = raw ? { body } : { body: JSON.stringify(body), headers: { 'Content-Type': 'application/json' } };
  const answer = await ask(method, path, options);
  return answer.status === 204 ? {} : answer.json();
}

export async function page(path) {
  const answer = await ask('GET', path, { headers: { Accept: 'text/html' } });
  return new DOMParser().parseFromString(await answer.text(), 'text/html');
}

// One frame of a stream of events; a frame without data is none.
function frame(lines) {
  const fields = { event: 'message', data: [] };
  for (const line of lines.split('\n')) {
    const [, name, value] = /^([a-z]+):? ?(.*)$/.exec(line) ?? [];
    if (name === 'data') fields.data.push(value);
    else if (name) fields[name] = value;
  }
  if (!fields.data.length) return null;
  let data = fields.data.join('\n');
  try {
    data = JSON.parse(data);
  } catch { /* words are data too */ }
  // An entry of a task has what happened in its body.
  return { id: fields.id, event: fields.event, data: data.body ?? data };
}

// EventSource cannot send a key, so the stream is read by hand.
async function listen(path, last, hear, signal) {
  const headers = { Accept: 'text/event-stream' };
  if (last) headers['Last-Event-ID'] = last;
  const answer = await ask('GET', path, { headers, signal });
  const reader = answer.body.pipeThrough(new TextDecoderStream()).getReader();
  let rest = '';
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return;
    const parts = (rest + value).replace(/\r\n?/g, '\n').split('\n\n');
    rest = parts.pop();
    parts.map(frame).filter(Boolean).forEach(hear);
  }
}

const OVER = ['completed', 'failed'];

// Follow a task to its end: its events go to `hear`, and its last status comes back. A stream that breaks is taken up
// where it broke; what counts in the end is the status.
export async function follow(task, hear, signal) {
  const id = encodeURIComponent(task);
  let last = '';
  for (let quiet = 0, lost = 0; lost < 8; quiet++) {
    try {
      await listen(`/events/${id}`, last, (heard) => {
        last = heard.id ?? last;
        quiet = 0;
        hear(heard);
      }, signal);
    } catch (error) {
      if (signal?.aborted || [401, 403].includes(error.status)) throw error;
    }
    try {
      const state = await call('GET', `/status/${id}`);
      if (OVER.includes(state.status)) return state;
      lost = 0;
    } catch (error) {
      if ([401, 403, 404].includes(error.status)) throw error;
      lost++;
    }
    await pause(Math.min(2 ** quiet / 4, 5));
  }
  throw new Refused(0, 'The server no longer tells how the work goes. Reload the page to look again.');
}
