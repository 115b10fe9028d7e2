// The web board in a browser: node tests/browser/board.mjs <folder with git-presence> [--pictures <folder>]
//
// Makes two clones of a scratch repository, serves the board of one, and looks at it with Debian's Chromium:
// live, without script, by keys alone, on a narrow screen, in the dark, and with the rules of axe. .ci/browser
// installs playwright-core and axe-core and calls it. With --pictures it writes those of docs/boards.md.

import { execFileSync, spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

const require = createRequire(`${process.env.NODE_PATH ?? process.cwd()}/`);
const { chromium } = require('playwright-core');
const axe = readFileSync(require.resolve('axe-core/axe.min.js'), 'utf8');

const programs = resolve(process.argv[2] ?? 'target/debug');
const at = process.argv.indexOf('--pictures');
const pictures = at > 0 ? resolve(process.argv[at + 1]) : null;
const WITHIN_MILLIS = 1000;
const HOSTILE = '<img src=x onerror=window.wasRun=1><script>window.wasRun=1</script>';

const scratch = mkdtempSync(join(tmpdir(), 'board-'));
const env = {
  ...process.env,
  PATH: `${programs}:${process.env.PATH}`,
  HOME: scratch,
  GIT_CONFIG_NOSYSTEM: '1',
};
let failures = 0;

const run = (dir, session, ...words) =>
  execFileSync('git', ['presence', ...words], {
    cwd: join(scratch, dir),
    env: { ...env, GIT_PRESENCE_SESSION: session },
    stdio: ['ignore', 'pipe', 'pipe'],
    encoding: 'utf8',
  });

const check = (holds, what, detail = '') => {
  console.log(`${holds ? 'ok  ' : 'FAIL'} ${what}${holds ? '' : `: ${detail}`}`);
  if (!holds) failures += 1;
};

const prepare = () => {
  const git = (...words) => execFileSync('git', words, { cwd: scratch, env, stdio: 'ignore' });
  git('init', '--bare', 'hub.git');
  for (const name of ['shop', 'other']) git('clone', '-q', 'hub.git', name);
  run('shop', 'mira', 'claim', 'path:src/cart/**', '-p', 'prices with tax');
  run('shop', 'mira', 'claim', '-x', 'stack:staging', '-p', 'migration 42');
  run('shop', 'mira', 'state', 'service:checkout', 'degraded', '-m', 'slow since noon');
  run('shop', 'mira', 'task', 'add', 'rename the table of orders');
  run('other', 'jonas', 'claim', 'path:src/cart/total.rs', '-p', HOSTILE);
  run('other', 'jonas', 'claim', `path:${'a-long-folder-name/'.repeat(8)}file.rs`, '-p', 'move it');
  run('other', 'jonas', 'tell', 'mira', '-m', 'may I have the cart after you?');
  run('shop', 'mira', 'sync');
};

const serve = () =>
  new Promise((done, fail) => {
    const child = spawn('git-presence', ['serve', '--json'], {
      cwd: join(scratch, 'shop'),
      env: { ...env, GIT_PRESENCE_SESSION: 'mira' },
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    child.on('error', fail);
    let said = '';
    child.stdout.on('data', (bytes) => {
      said += bytes;
      if (said.includes('\n')) done({ child, ...JSON.parse(said) });
    });
    child.on('exit', (code) => fail(new Error(`serve ended with ${code}`)));
  });

// Opens the board as a person does, and notes what the browser complains of.
const open = async (browser, url, options = {}) => {
  const context = await browser.newContext({ viewport: { width: 1100, height: 900 }, ...options });
  const page = await context.newPage();
  page.complaints = [];
  page.on('console', (said) => {
    if (said.type() === 'error') page.complaints.push(said.text());
  });
  page.on('pageerror', (error) => page.complaints.push(String(error)));
  page.on('dialog', (dialog) => page.complaints.push(dialog.message()));
  await page.goto(url);
  return page;
};

const isLive = (page) => page.waitForSelector('#live[data-state="live"]', { timeout: 5000 });

const faults = async (page) => {
  await page.evaluate(axe);
  const found = await page.evaluate(() => window.axe.run(document));
  const bad = found.violations.filter((one) => ['serious', 'critical'].includes(one.impact));
  return bad.map((one) => `${one.id} (${one.nodes.length}): ${one.nodes[0].html}`).join('; ');
};

const live = async (browser, { url }) => {
  const page = await open(browser, url);
  check(!page.url().includes('token'), 'the token is gone from the URL', page.url());
  await isLive(page);
  await page.evaluate(() => (window.isSameLoad = true));
  run('other', 'jonas', 'claim', 'node:k8s-1', '-p', 'driver upgrade');
  const seen = page.waitForSelector('#in-flight >> text=node:k8s-1', { timeout: 10000 });
  run('shop', 'mira', 'sync');
  const begun = performance.now();
  await seen;
  const millis = Math.round(performance.now() - begun);
  check(millis < WITHIN_MILLIS, `a claim of another clone appears within a second (${millis} ms)`, millis);
  check(await page.evaluate(() => window.isSameLoad), 'without a reload');
  await page.waitForFunction(() => document.getElementById('said').textContent.includes('node:k8s-1'));
  check(true, 'and is said to those who listen to the page');
  run('other', 'jonas', 'turn', 'take');
  run('other', 'jonas', 'tell', 'mira', '--urgent', '-m', 'the turn is mine for a minute');
  const both = Promise.all([
    page.waitForSelector('#turns >> text=turn:main', { timeout: 10000 }),
    page.waitForSelector('#messages >> text=the turn is mine', { timeout: 10000 }),
  ]);
  run('shop', 'mira', 'sync');
  const synced = performance.now();
  await both;
  const later = Math.round(performance.now() - synced);
  check(later < WITHIN_MILLIS, `so do its turn and its message (${later} ms)`, later);
  run('shop', 'mira', 'release', 'stack:staging');
  await page.waitForFunction(() => !document.getElementById('in-flight').textContent.includes('stack:staging'));
  check(true, 'a claim that was released goes');
  check(!(await page.evaluate(() => window.wasRun)), 'HTML in a purpose is text');
  const text = await page.textContent('#in-flight');
  check(text.includes(HOSTILE), 'and is shown as it was written', text);
  check((await page.title()).startsWith('(2!)'), 'the title counts conflicts', await page.title());
  check(page.complaints.length === 0, 'the browser complains of nothing', page.complaints.join('; '));
  await page.context().close();
};

const withoutScript = async (browser, { url }) => {
  const page = await open(browser, url, { javaScriptEnabled: false });
  const shown = await page.textContent('main');
  check(shown.includes('node:k8s-1'), 'without script the board is there', shown);
  run('shop', 'mira', 'claim', 'db:orders', '-p', 'vacuum');
  await page.waitForSelector('text=db:orders', { timeout: 25000 });
  check(true, 'and is loaded again by itself');
  await page.context().close();
};

const byKeys = async (browser, { url }) => {
  const page = await open(browser, url);
  await isLive(page);
  const focused = () =>
    page.evaluate(() => {
      const one = document.activeElement;
      const { outlineStyle, outlineWidth } = getComputedStyle(one);
      return { name: one.id || one.textContent.trim(), outline: `${outlineStyle} ${outlineWidth}` };
    });
  await page.keyboard.press('Tab');
  const first = await focused();
  check(first.name === 'Skip to the board', 'the first key leads to the link past the head', first.name);
  const box = await page.locator('.skip').boundingBox();
  check(box.x >= 0, 'which is seen then', JSON.stringify(box));
  await page.keyboard.press('Enter');
  check((await focused()).name === 'board', 'and from there to the board', (await focused()).name);
  const names = [];
  for (let keys = 0; keys < 2; keys += 1) {
    await page.keyboard.press('Tab');
    const { name, outline } = await focused();
    names.push(name);
    check(outline.startsWith('solid') && !outline.endsWith(' 0px'), `the focus is seen at ${name}`, outline);
  }
  check(names.join() === 'status.json,metrics', 'each link is reached', names.join());
  await page.focus('#board');
  run('shop', 'mira', 'claim', 'db:carts', '-p', 'index');
  await page.waitForSelector('#in-flight >> text=db:carts');
  check((await focused()).name === 'board', 'the focus stays when the board changes', (await focused()).name);
  await page.context().close();
};

const forAll = async (browser, { url }) => {
  for (const colorScheme of ['light', 'dark']) {
    for (const [width, height] of [[1100, 900], [375, 812], [320, 640]]) {
      const page = await open(browser, url, { colorScheme, viewport: { width, height } });
      await isLive(page);
      const where = `${colorScheme}, ${width} px`;
      const found = await faults(page);
      check(found === '', `${where}: axe finds no serious fault`, found);
      const wide = await page.evaluate(() => document.documentElement.scrollWidth);
      check(wide <= width, `${where}: nothing stands beside the screen`, `${wide} px`);
      const ground = await page.evaluate(() => getComputedStyle(document.body).backgroundColor);
      const isDark = ground.match(/\d+/g).slice(0, 3).every((part) => part < 64);
      check(isDark === (colorScheme === 'dark'), `${where}: the ground is ${colorScheme}`, ground);
      await page.context().close();
    }
  }
};

const draw = async (browser, { url }) => {
  run('other', 'jonas', 'claim', 'path:src/cart/total.rs', '-p', 'rounding of totals');
  run('other', 'jonas', 'release', `path:${'a-long-folder-name/'.repeat(8)}file.rs`);
  run('shop', 'mira', 'sync');
  for (const [name, colorScheme, width, height] of [
    ['board-browser.png', 'light', 1000, 760],
    ['board-phone.png', 'dark', 375, 760],
  ]) {
    const page = await open(browser, url, { colorScheme, viewport: { width, height } });
    await isLive(page);
    await page.waitForSelector('text=rounding of totals');
    await page.screenshot({ path: join(pictures, name) });
    await page.context().close();
  }
};

const goesAway = async (browser, { url, child }) => {
  const page = await open(browser, url);
  await isLive(page);
  child.removeAllListeners('exit');
  child.kill('SIGTERM');
  await page.waitForSelector('#live[data-state="lost"]', { timeout: 10000 });
  const text = await page.textContent('#live');
  check(text.includes('Not connected'), 'a page says when the server is gone', text);
  check((await page.textContent('#in-flight')).includes('db:orders'), 'and keeps what it has shown');
  await page.context().close();
};

prepare();
const server = await serve();
const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
  args: ['--no-sandbox', '--disable-gpu', '--disable-dev-shm-usage'],
});
try {
  for (const part of [live, withoutScript, byKeys, forAll, ...(pictures ? [draw] : []), goesAway]) {
    await part(browser, server);
  }
} catch (error) {
  check(false, 'the script ends', error.stack);
} finally {
  await browser.close();
  server.child.kill('SIGKILL');
  rmSync(scratch, { recursive: true, force: true });
}
process.exit(failures === 0 ? 0 : 1);
