// The two pages in the real Chromium: whole flows, both themes, a phone, the keyboard alone, no scripts, no request
// elsewhere, accessibility by axe-core, weight and first paint.
//
// usage: node pages.mjs BASE_URL [KEY]      KEY: of the administrator, where the server has one
// env:   PAGES_TICKER  whose bars the server has (AMZN)     PAGES_OUT  folder of the screenshots (./screenshots)
import assert from 'node:assert/strict';
import { mkdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { chromium } from 'playwright-core';

const [base, key = ''] = process.argv.slice(2);
const ticker = process.env.PAGES_TICKER ?? 'AMZN';
const out = process.env.PAGES_OUT ?? 'screenshots';
const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const LONG = 240_000;
mkdirSync(out, { recursive: true });

const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
  args: ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync'],
});

// A tab of its own, with all that went wrong in it. `expected` are statuses that a flow asks for.
async function tab(options = {}, expected = []) {
  const context = await browser.newContext({ viewport: { width: 1100, height: 900 }, ...options });
  const page = await context.newPage();
  const wrong = [];
  page.on('console', (message) => {
    const asked = expected.some((status) => message.text().includes(`status of ${status}`));
    if (['error', 'warning'].includes(message.type()) && !asked) wrong.push(message.text());
  });
  page.on('pageerror', (error) => wrong.push(String(error)));
  page.on('request', (request) => {
    if (!request.url().startsWith(base) && !request.url().startsWith('blob:')) wrong.push(`a request elsewhere: ${request.url()}`);
    if (key && request.url().includes(key)) wrong.push(`a key in an address: ${request.url()}`);
  });
  await page.addInitScript(() => {
    document.addEventListener('securitypolicyviolation', (event) => console.error(`policy: ${event.violatedDirective} ${event.blockedURI}`));
  });
  return { page, wrong, context };
}

async function unlock(page) {
  if (!key) return;
  await page.getByText('Key', { exact: true }).click();
  await page.fill('#key-field', key);
  await page.getByRole('button', { name: 'Use it' }).click();
  await page.waitForFunction(() => sessionStorage.length === 1 && localStorage.length === 0 && !document.cookie);
}

// axe through the protocol of the debugger: the page's own policy lets no script of others in.
async function accessible(page, where) {
  await page.evaluate(axe);
  const { violations } = await page.evaluate(() => axe.run(document, { resultTypes: ['violations'] }));
  const found = violations.map((one) => `${one.id}: ${one.nodes.map((node) => node.target.join(' ')).slice(0, 4).join(' | ')}`);
  assert.deepEqual(found, [], `axe on ${where}`);
}

const shot = (page, name) => page.screenshot({ path: `${out}/${name}.png`, fullPage: true });
const alertText = (page) => page.locator('#alert').innerText();

async function forecast(page, symbol = ticker) {
  await page.fill('#ticker', symbol);
  await page.getByRole('button', { name: 'Forecast' }).click();
  await page.waitForFunction((symbol) => document.getElementById('progress').hidden && (document.getElementById('result-head')?.textContent === symbol || document.querySelector('#alert p')), symbol, { timeout: LONG });
  assert.equal(await alertText(page), '');
}

// Play a task: `path` answers once that it has begun, each of `streams` is one stream of its events, and the last status comes
// after `end` was called. What each stream said that it knew is `known`.
async function play(page, path, streams, last) {
  const seen = { known: [], ended: false, end: () => (seen.ended = true) };
  const json = (route, status, body) => route.fulfill({ status, contentType: 'application/json', body: JSON.stringify(body) });
  let asked = 0;
  let number = 0;
  await page.route(`**${path}`, (route) => (asked++ ? route.continue() : json(route, 202, { status: 'running', detail: 'it begins', ticker, task_id: 'played~1' })));
  await page.route('**/events/played~1', (route) => {
    seen.known.push(route.request().headers()['last-event-id']);
    const entry = ([kind, body]) => `: beat\n\nid: ${++number}\nevent: ${kind}\ndata: ${JSON.stringify({ at: '2024-05-01T20:00:00Z', kind, body })}\n\n`;
    return route.fulfill({ status: 200, contentType: 'text/event-stream', body: (streams.shift() ?? []).map(entry).join('') });
  });
  await page.route('**/status/played~1', (route) => json(route, 200, seen.ended && !streams.length ? last : { status: 'running', elapsed_seconds: 1 }));
  return seen;
}

const flows = {
  async 'page one is light and quick'() {
    const { page, wrong, context } = await tab({ extraHTTPHeaders: key ? { Authorization: `Bearer ${key}` } : {} });
    await page.goto(`${base}/app?ticker=${ticker}`);
    const client = await context.newCDPSession(page);
    await client.send('Network.enable');
    let bytes = 0;
    client.on('Network.loadingFinished', ({ encodedDataLength }) => (bytes += encodedDataLength));
    const paints = [];
    for (let times = 0; times < 5; times++) {
      await client.send('Network.clearBrowserCache');
      bytes = 0;
      await page.goto(`${base}/app?ticker=${ticker}`, { waitUntil: 'load' });
      await page.waitForTimeout(300);
      paints.push(await page.evaluate(() => performance.getEntriesByName('first-contentful-paint')[0].startTime));
    }
    console.log(`  page one: ${(bytes / 1000).toFixed(1)} KB transferred, first paint ${paints.map((paint) => paint.toFixed(0)).join(', ')} ms`);
    assert.ok(bytes < 150_000, `${bytes} bytes`);
    // The aim is 300 ms, and what was measured is printed; other programs run beside this one, and only a broken page takes so long.
    assert.ok(Math.min(...paints) < 1000, `first paint after ${paints.join(', ')} ms`);
    assert.deepEqual(wrong, []);
  },

  async 'a forecast, with its training, ends in an answer'() {
    const { page, wrong } = await tab();
    await page.goto(`${base}/app`);
    await accessible(page, 'the empty page');
    await shot(page, 'one-empty');
    await unlock(page);
    await page.fill('#ticker', ticker.toLowerCase());
    await page.getByRole('button', { name: 'Forecast' }).click();
    // Looked for at each frame: on a fast machine it is there for a moment.
    await page.waitForFunction(() => !document.querySelector('#progress').hidden);
    await page.waitForTimeout(500);
    await shot(page, 'one-progress');
    await page.waitForFunction(() => document.activeElement?.id === 'result-head', null, { timeout: LONG });
    assert.equal(await page.locator('#result-head').innerText(), ticker);
    assert.ok(await page.locator('#progress').isHidden());
    assert.ok(page.url().endsWith(`/app?ticker=${ticker}`));
    const cards = await page.locator('.card dt').allInnerTexts();
    assert.deepEqual(cards, ['Latest price', 'Recommendation', 'Confidence', 'Next day', 'Highest price', 'Lowest price', 'Risk', 'Drift']);
    const words = await page.locator('main').innerText();
    for (const wanted of ['tomorrow equals today', 'Last update', 'Answered from the cache']) assert.ok(words.includes(wanted), wanted);
    assert.deepEqual(await page.locator('figure svg > text.small').filter({ hasText: / %$/ }).allTextContents().then((all) => all.slice(0, 3)), ['80 %', '90 %', '95 %']);
    await accessible(page, 'a forecast');
    await shot(page, 'one-forecast');
    assert.deepEqual(wrong, []);
  },

  async 'hover, crosshair, keys and zoom'() {
    const { page, wrong } = await tab();
    await page.goto(`${base}/app`);
    await unlock(page);
    await forecast(page);
    const svg = page.locator('figure svg').first();
    await svg.scrollIntoViewIfNeeded();
    const box = await svg.boundingBox();
    await page.mouse.move(box.x + box.width * 0.8, box.y + box.height * 0.5);
    const tip = page.locator('.tip').first();
    assert.match(await tip.innerText(), /forecast close [\d,.]+\nhigh [\d,.]+, low [\d,.]+\n80 %: /);
    await page.screenshot({ path: `${out}/one-hover.png` });
    const inside = await tip.boundingBox();
    assert.ok(inside.x >= box.x && inside.x + inside.width <= box.x + box.width + 1, 'the words stay inside of the chart');
    await svg.focus();
    await page.keyboard.press('End');
    await page.keyboard.press('ArrowLeft');
    assert.match(await page.locator('figure [role=status]').first().textContent(), /^\d{4}-\d\d-\d\d, forecast close/);
    const whole = await svg.getAttribute('viewBox');
    await page.keyboard.press('+');
    const zoomed = (await svg.getAttribute('viewBox')).split(' ').map(Number);
    assert.ok(zoomed[2] < whole.split(' ')[2] * 0.7 && zoomed[0] > 0, String(zoomed));
    await page.keyboard.press('0');
    assert.equal(await svg.getAttribute('viewBox'), whole);
    await page.getByRole('button', { name: 'Show candles and volume' }).click();
    await page.locator('#candles svg').waitFor();
    await page.locator('#candles').scrollIntoViewIfNeeded();
    await page.screenshot({ path: `${out}/one-candles.png` });
    assert.deepEqual(wrong, []);
  },

  async 'a report, and a question that keeps its thread'() {
    const { page, wrong } = await tab();
    await page.goto(`${base}/app`);
    await unlock(page);
    await forecast(page);
    const asked = [];
    page.on('request', (request) => request.url().endsWith('/analyze') && asked.push(request.postDataJSON()));
    await page.getByRole('button', { name: 'Ask the analysts' }).click();
    await page.waitForFunction(() => document.activeElement?.id === 'report-head', null, { timeout: LONG });
    assert.ok(await page.locator('#draft').isHidden());
    const text = page.locator('#report-text');
    assert.match(await text.innerText(), new RegExp(`${ticker}.*confidence`));
    assert.equal(await text.locator('script, img, a, iframe').count(), 0);
    assert.ok((await text.locator('table').count()) > 0);
    assert.match(await page.locator('#card-confidence .value').innerText(), /Low|Medium|High/);
    await accessible(page, 'a report');
    await shot(page, 'one-report');
    const thread = await text.getAttribute('data-thread');
    assert.match(thread, /^[0-9a-f]{24}$/);
    assert.equal(asked[0].thread_id, thread);
    await page.fill('#words', 'Why is nothing said of direction?');
    await page.getByRole('button', { name: 'Ask the analysts' }).click();
    await page.waitForFunction(() => document.querySelector('#report-text')?.textContent.includes('Why is nothing said of direction?'), null, { timeout: LONG });
    assert.equal(await text.getByText('Why is nothing said of direction?').count(), 1, 'the question stands once');
    const question = asked.findLast((one) => one.question);
    assert.equal(question.thread_id, thread);
    assert.equal(await text.getAttribute('data-thread'), thread);
    await shot(page, 'one-question');
    assert.deepEqual(wrong, []);
  },

  // The next flows play the server's side of a task, so that they need neither a training nor a language model.
  async 'a stream that breaks is taken up where it broke'() {
    const { page, wrong } = await tab();
    await page.goto(`${base}/app`);
    await unlock(page);
    const seen = await play(page, '/predict-child', [
      [['epoch', { pass: 1, epoch: 1, epochs: 4, val_loss: 0.5, seconds_left: 9.1 }], ['batch', { pass: 1, epoch: 2, epochs: 4, batch: 1, batches: 2 }]],
      [['epoch', { pass: 1, epoch: 3, epochs: 4, val_loss: 0.25, seconds_left: 3 }]],
    ], { status: 'completed', result: {}, completed_at: '2024-05-01T20:00:00Z' });
    await page.fill('#ticker', ticker);
    await page.keyboard.press('Enter');
    await page.getByText('Training: epoch 3 of 4').waitFor();
    assert.equal(await page.locator('#detail').innerText(), 'loss 0.250, about 3 s left');
    assert.equal(await page.locator('#bar').getAttribute('value'), '0.75');
    seen.end();
    await page.waitForFunction(() => document.activeElement?.id === 'result-head', null, { timeout: LONG });
    assert.deepEqual(seen.known.slice(0, 3), [undefined, '2', '3']);
    assert.deepEqual(wrong, []);
  },

  async 'a training that fails says why, and the page goes on'() {
    const { page, wrong } = await tab();
    await page.goto(`${base}/app`);
    await unlock(page);
    const seen = await play(page, '/predict-child', [[['state', { state: 'queued' }]]], { status: 'failed', error: '12 bars, and 78 are needed', failed_at: '2024-05-01T20:00:00Z' });
    await page.fill('#ticker', ticker);
    await page.keyboard.press('Enter');
    await page.getByText('Waiting for its turn.').waitFor();
    seen.end();
    await page.locator('#alert p').waitFor();
    assert.match(await alertText(page), /12 bars, and 78 are needed/);
    assert.ok(await page.locator('#progress').isHidden());
    await page.unrouteAll();
    await forecast(page);
    assert.deepEqual(wrong, []);
  },

  async 'text on its way is marked as unchecked, and no text becomes markup'() {
    const { page, wrong } = await tab();
    await page.goto(`${base}/app`);
    await unlock(page);
    await forecast(page);
    const nasty = '<img src=x onerror=alert(1)><script>alert(2)</script> [a](javascript:alert(3)) ![b](http://127.0.0.1:1/c.png)';
    const token = (attempt, text) => ['token', { node: 'report_generator', turn: 1, attempt, kind: 'token', unchecked: true, text }];
    const report = `# ${ticker}: ${nasty}\n\n| a | b |\n| --- | ---: |\n| ${nasty.replaceAll('|', '')} | \\*1\\* |\n\n- **bold** ${nasty}\n\n${nasty}`;
    const seen = await play(page, '/analyze', [[token(1, 'void '), token(2, nasty), token(2, ' and on')]], {
      status: 'completed', completed_at: '2024-05-01T20:00:00Z', result: { ticker, final_report: report, recommendation: 'NEUTRAL', action: 'Hold', confidence: 'Low', warnings: [nasty] },
    });
    await page.getByRole('button', { name: 'Ask the analysts' }).click();
    await page.getByText('and on').waitFor();
    assert.equal(await page.locator('#tokens').textContent(), `${nasty} and on`);
    assert.match(await page.locator('#draft').innerText(), /Not checked yet/);
    await shot(page, 'one-draft');
    seen.end();
    await page.waitForFunction(() => document.activeElement?.id === 'report-head', null, { timeout: LONG });
    assert.ok(await page.locator('#draft').isHidden());
    const text = page.locator('#report-text');
    assert.equal(await text.locator('img, script, a').count(), 0);
    assert.deepEqual([await text.locator('strong').innerText(), await text.locator('td').last().innerText()], ['bold', '*1*']);
    assert.match(await text.locator('h3').innerText(), /<img src=x onerror=alert\(1\)>/);
    assert.deepEqual(wrong, []);
  },

  async 'what fails says so'() {
    const { page, wrong } = await tab({}, [400, 404, 422, 502, 503]);
    await page.goto(`${base}/app`);
    await unlock(page);
    await page.fill('#ticker', 'NOPE');
    await page.keyboard.press('Enter');
    await page.locator('#alert p').waitFor({ timeout: LONG });
    assert.match(await alertText(page), /NOPE/);
    assert.ok(await page.locator('#progress').isHidden());
    await shot(page, 'one-error');
    await page.setInputFiles('#file', { name: 'junk.csv', mimeType: 'text/csv', buffer: Buffer.from('junk') });
    await page.waitForFunction(() => document.querySelector('#alert p')?.textContent.includes('junk'), null, { timeout: LONG });
    assert.deepEqual(wrong, []);
  },

  async 'a file of bars is taken, with its findings'() {
    const { page, wrong } = await tab();
    await page.goto(`${base}/app`);
    await unlock(page);
    // Coins trade on every day, so that no holiday has to be left out.
    await page.fill('#ticker', 'MINE-USD');
    const rows = Array.from({ length: 300 }, (_, day) => {
      const date = new Date(Date.UTC(2024, 0, 1) + 86_400_000 * day).toISOString().slice(0, 10);
      const close = 100 + 5 * Math.sin(day / 9);
      return [date, close - 0.5, close + 1, close - 1, close, 1000 + day].join(',');
    });
    const csv = ['Date,Open,High,Low,Close,Volume', ...rows].join('\n');
    const data = await page.evaluateHandle((csv) => {
      const transfer = new DataTransfer();
      transfer.items.add(new File([csv], 'mine.csv', { type: 'text/csv' }));
      return transfer;
    }, csv);
    await page.dispatchEvent('#drop', 'drop', { dataTransfer: data });
    await page.locator('#findings p, #alert p').first().waitFor({ timeout: LONG });
    assert.equal(await alertText(page), '');
    assert.match(await page.locator('#findings').innerText(), /mine\.csv: 300 sessions of MINE-USD were taken/);
    await page.waitForFunction(() => document.getElementById('result-head')?.textContent === 'MINE-USD', null, { timeout: LONG });
    await shot(page, 'one-file');
    assert.deepEqual(wrong, []);
  },

  async 'without scripts the forecast is there'() {
    const { page, wrong } = await tab({ javaScriptEnabled: false, extraHTTPHeaders: key ? { Authorization: `Bearer ${key}` } : {} });
    await page.goto(`${base}/app`);
    await page.fill('#ticker', ticker);
    await page.keyboard.press('Enter');
    await page.waitForURL(/ticker=/);
    assert.equal(await page.locator('#result-head').innerText(), ticker);
    const svg = page.locator('figure svg').first();
    assert.equal(await svg.getAttribute('role'), 'img');
    assert.match(await svg.locator('> title').textContent(), new RegExp(ticker));
    assert.match(await svg.locator('> desc').textContent(), /interval/);
    assert.equal(await page.locator('#result .table').first().locator('tbody tr').count(), 5);
    assert.equal(await page.locator('button:visible').filter({ hasText: 'Ask the analysts' }).count(), 0);
    await page.getByRole('button', { name: 'Show candles and volume' }).click();
    await page.locator('#candles svg').waitFor();
    await shot(page, 'one-without-scripts');
    await page.goto(`${base}/app/monitor?ticker=${ticker}`);
    assert.match(await page.locator('main').innerText(), /Drift/);
    assert.deepEqual(wrong, []);
  },

  async 'dark, and on a phone'() {
    for (const [name, options] of Object.entries({
      dark: { colorScheme: 'dark' },
      phone: { viewport: { width: 360, height: 740 }, isMobile: true, hasTouch: true, deviceScaleFactor: 2 },
      'phone-dark': { viewport: { width: 360, height: 740 }, isMobile: true, hasTouch: true, colorScheme: 'dark' },
    })) {
      const { page, wrong } = await tab(options);
      await page.goto(`${base}/app`);
      await unlock(page);
      await forecast(page);
      assert.ok((await page.evaluate(() => document.documentElement.scrollWidth)) <= page.viewportSize().width, `page one is wider than the ${name}`);
      await accessible(page, `page one, ${name}`);
      await shot(page, `one-${name}`);
      await page.goto(`${base}/app/monitor?ticker=${ticker}`);
      await page.waitForTimeout(500);
      assert.ok((await page.evaluate(() => document.documentElement.scrollWidth)) <= page.viewportSize().width, `page two is wider than the ${name}`);
      await accessible(page, `page two, ${name}`);
      await shot(page, `two-${name}`);
      assert.deepEqual(wrong, []);
    }
  },

  async 'with the keyboard alone'() {
    const { page, wrong } = await tab();
    await page.goto(`${base}/app`);
    await unlock(page);
    await page.goto(`${base}/app`);
    const reach = async (wanted) => {
      for (let steps = 0; steps < 60; steps++) {
        await page.keyboard.press('Tab');
        if (await page.evaluate((wanted) => document.activeElement.matches(wanted), wanted)) return;
      }
      assert.fail(`Tab never comes to ${wanted}`);
    };
    await page.keyboard.press('Tab');
    assert.equal(await page.evaluate(() => document.activeElement.textContent), 'To the content');
    await reach('#ticker');
    await page.keyboard.type(ticker.toLowerCase());
    await page.keyboard.press('Enter');
    await page.waitForFunction(() => document.activeElement?.id === 'result-head', null, { timeout: LONG });
    await reach('figure svg');
    await page.keyboard.press('ArrowRight');
    assert.match(await page.locator('figure [role=status]').first().textContent(), /close/);
    await reach('summary');
    await page.keyboard.press('Enter');
    assert.ok(await page.locator('details[open] table').first().isVisible());
    await reach('#words');
    assert.deepEqual(wrong, []);
  },

  async 'page two: checks, models, jobs and logs'() {
    const { page, wrong } = await tab({}, [401, 409]);
    page.on('dialog', (dialog) => dialog.accept());
    await page.goto(`${base}/app/monitor`);
    await accessible(page, 'page two, empty');
    if (key) {
      await page.getByRole('button', { name: 'Show the newest' }).click();
      await page.locator('#alert p').waitFor();
      assert.match(await alertText(page), /key/);
      await unlock(page);
    }
    await page.fill('#ticker', ticker);
    await page.getByRole('button', { name: 'Show', exact: true }).click();
    await page.waitForURL(/ticker=/);
    await page.locator('#models-head').waitFor();
    await page.getByRole('button', { name: `Check ${ticker}` }).click();
    await page.waitForFunction(() => document.getElementById('done').textContent.includes('was checked') || document.querySelector('#alert p'), null, { timeout: LONG });
    assert.equal(await alertText(page), '');
    assert.ok((await page.locator('#result .table').count()) >= 1);
    await accessible(page, 'page two');
    await shot(page, 'two');
    await page.getByRole('button', { name: `Train ${ticker}` }).click();
    // Looked for at each frame: on a fast machine it is there for a moment.
    await page.waitForFunction(() => !document.querySelector('#progress').hidden);
    await page.waitForFunction(() => document.getElementById('progress').hidden, null, { timeout: LONG });
    assert.equal(await alertText(page), '');
    const promote = page.getByRole('button', { name: /^Promote/ }).first();
    if (await promote.count()) {
      const version = (await promote.innerText()).split(' ')[1];
      await promote.click();
      await page.waitForFunction(() => document.getElementById('done').textContent || document.querySelector('#alert p'), null, { timeout: LONG });
      assert.equal(await page.locator('#done').innerText(), `Version ${version} forecasts now.`);
      await page.getByRole('button', { name: 'Roll back' }).click();
      await page.waitForFunction(() => document.getElementById('done').textContent.includes('again'), null, { timeout: LONG });
    } else console.log('  there was no second version to promote');
    if (key) {
      await page.getByRole('button', { name: 'Show the newest' }).click();
      await page.locator('#log').waitFor({ timeout: LONG });
      assert.notEqual(await page.locator('#log').innerText(), '');
      assert.equal(await page.locator('#log *').count(), 0);
    }
    await shot(page, 'two-after');
    assert.deepEqual(wrong, []);
  },
};

let failed = 0;
for (const [name, flow] of Object.entries(flows)) {
  if (process.env.PAGES_ONLY && !name.includes(process.env.PAGES_ONLY)) continue;
  try {
    await flow();
    console.log(`ok   ${name}`);
  } catch (error) {
    failed++;
    console.log(`FAIL ${name}\n     ${String(error.stack ?? error).split('\n').slice(0, 12).join('\n     ')}`);
  }
  for (const context of browser.contexts()) await context.close();
}
await browser.close();
process.exit(failed ? 1 : 0);
