// Debian's Chromium, and a page as somebody opens it.
import { mkdirSync, writeFileSync } from 'node:fs';
import { axeSource, chromium } from './modules.mjs';
import { passwordOf } from './world.mjs';
import { until } from './wait.mjs';
import { w } from './words.mjs';

const executablePath = '/usr/bin/chromium';
const args = ['--headless=new', '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run',
  '--disable-background-networking', '--disable-component-update', '--disable-sync', '--disable-dev-shm-usage'];

/** An empty profile each time: playwright-core makes one for a browser, and removes it. */
export const launch = () => chromium.launch({ executablePath, args, headless: true });

/** A browser's line for an answer of 400 to 499, which a page cannot help. */
const answered4xx = /^Failed to load resource: the server responded with a status of 4\d\d/;

/**
 * A new browser profile of somebody. `as`: a role of world.as(), who is signed in already; `allow`: what may stand in the
 * console besides; `raw`: keeps every byte that the gateway sent.
 */
export async function visit(story, world, {
  as = null, hash = '', lang = null, theme = 'light', width = 1280, height = 800, allow = [], raw = false, open = true,
  touch = false,
} = {}) {
  const context = await story.browser.newContext({
    viewport: { width, height }, baseURL: world.base, reducedMotion: 'reduce', hasTouch: touch, acceptDownloads: true,
  });
  if (as) {
    const client = await world.as(as);
    const [name, ...value] = client.cookie.split('=');
    await context.addCookies([{ name, value: value.join('='), url: world.base, httpOnly: true, sameSite: 'Strict' }]);
  }
  if (lang || theme) {
    await context.addInitScript(([l, t]) => {
      if (!location.protocol.startsWith('http')) return;
      if (l && !localStorage['hazgate.language']) localStorage['hazgate.language'] = l;
      if (t && !localStorage['hazgate.theme']) localStorage['hazgate.theme'] = t;
    }, [lang, theme]);
  }
  const page = await context.newPage();
  page.setDefaultTimeout(20000);
  page.world = world;
  page.problems = [];
  page.received = [];
  const note = (text) => {
    if (!answered4xx.test(text) && !allow.some((each) => each.test(text))) page.problems.push(text);
  };
  page.on('console', (message) => {
    if (['error', 'warning'].includes(message.type())) note(message.text());
  });
  page.on('pageerror', (error) => page.problems.push(`uncaught: ${error.stack ?? error.message}`));
  page.on('requestfailed', (request) => {
    const why = request.failure()?.errorText ?? '';
    if (why !== 'net::ERR_ABORTED') note(`${request.url()}: ${why}`);  // left before it came
  });
  page.on('request', (request) => {
    if (!request.url().startsWith(world.base) && !/^(data|blob|about):/.test(request.url())) page.problems.push(`left the gateway: ${request.url()}`);
  });
  if (raw) {
    page.on('response', (answer) => {
      page.received.push(answer.body().then((body) => `${answer.url()} ${answer.status()}\n${body}`).catch(() => ''));
    });
    page.on('websocket', (socket) => socket.on('framereceived', ({ payload }) => page.received.push(`frame\n${payload}`)));
  }
  story.pages.push(page);
  if (open) await page.goto(`/${hash}`);
  return page;
}

export async function leave(page) {
  await page.context().close();
}

/** Another screen, without loading the page again; it is there when its heading is. */
export async function go(page, hash) {
  await page.evaluate((to) => { location.hash = to; }, hash);
  await page.waitForSelector('.frame h1');
}

export async function signInBy(page, user, password = passwordOf(user)) {
  await page.fill('input[name=user]', user);
  await page.fill('input[name=password]', password);
  await page.click('button[type=submit]');
  await page.waitForSelector('.frame h1');
}

/** The tile of a workplace on the overview. */
export const tile = (page, workplace) => page.locator(`a.tile[href="#/workplace/${workplace}"]`);

/** The level that a tile, a row or a heading shows, by its badge. */
export const levelOf = async (locator) => {
  const name = await locator.locator('.level').first().getAttribute('class');
  return /level-(\w+)/.exec(name)[1];
};

/** The navigation's addresses, in their order. */
export async function navigation(page) {
  await page.waitForSelector('.navigation a');
  return page.$$eval('.navigation a', (links) => links.map((a) => a.getAttribute('href').slice(1)));
}

/** On an alarm's screen: opens the dialog of an action, fills it in, and sends it. */
export async function act(page, action, { note, verdict, minutes } = {}) {
  await page.locator('.next .actions button, .worst-next .actions button, .alarm-do button')
    .filter({ hasText: new RegExp(`^${w(`action.${action}`)}$`) }).first().click();
  const dialog = page.locator('dialog[open]');
  await dialog.waitFor();
  if (verdict) await dialog.locator(`input[value=${verdict}]`).check();
  if (minutes) await dialog.locator('select[name=minutes]').selectOption(String(minutes));
  if (note) await dialog.locator('textarea').fill(note);
  await dialog.locator('button[type=submit]').click();
  return dialog;
}

/** The same, and it was done: the dialog has gone. */
export async function done(page, action, form) {
  const dialog = await act(page, action, form);
  await until(`"${action}" is done`, async () => {
    if (await dialog.locator('.error-box, .error').count()) {
      throw Object.assign(new Error(`refused: ${await dialog.locator('.error-box, .error').first().innerText()}`), { fatal: true });
    }
    return (await dialog.count()) === 0;
  });
}

/** Findings of axe that are serious or critical, each in a line. */
export async function axe(page) {
  await page.evaluate(axeSource);  // past the page's content security policy
  const { violations } = await page.evaluate(() => globalThis.axe.run(document, { resultTypes: ['violations'] }));
  return violations.filter((v) => ['serious', 'critical'].includes(v.impact)).map((v) =>
    `${v.id}: ${v.nodes.slice(0, 3).map((n) => `${n.target} ${n.failureSummary.replace(/\s+/g, ' ').slice(0, 200)}`).join(' | ')}`);
}

/** What is wider than the window, or nothing. */
export const sideways = (page) => page.evaluate(() => {
  const root = document.scrollingElement;
  if (root.scrollWidth <= root.clientWidth) return '';
  const scrolls = (e) => e && (getComputedStyle(e).overflowX !== 'visible' || scrolls(e.parentElement));
  const wide = [...document.querySelectorAll('main *, header *, nav *')].filter((e) => e.getBoundingClientRect().right > root.clientWidth + 1 && !scrolls(e))
    .slice(0, 3).map((e) => e.outerHTML.slice(0, 150));
  return `${root.scrollWidth} of ${root.clientWidth} px: ${wide.join(', ')}`;
});

export async function keep(page, folder, name) {
  mkdirSync(folder, { recursive: true });
  await page.screenshot({ path: `${folder}/${name}.png` }).catch(() => {});
  const text = await page.evaluate(() => `${location.href}\n\n${document.body.innerText}`).catch((e) => String(e));
  writeFileSync(`${folder}/${name}.txt`, `${text}\n\nconsole:\n${page.problems.join('\n')}\n`);
}
