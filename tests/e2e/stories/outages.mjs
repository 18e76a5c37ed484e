// What fails is said, since when, and never looks like "normal"; when it is back, the page is too.
import { levelOf, tile, visit } from '../lib/browser.mjs';
import { until } from '../lib/wait.mjs';
import { w } from '../lib/words.mjs';

/** What the browser itself writes about a line that is down. */
const lineDown = [/WebSocket connection to .* failed/, /ERR_CONNECTION_REFUSED/, /ERR_CONNECTION_RESET/, /ERR_EMPTY_RESPONSE/, /ERR_SOCKET_NOT_CONNECTED/];

export default async function outages(story) {
  const world = story.demo;
  const page = await visit(story, world, { as: 'operator', hash: '#/overview', allow: lineDown });
  await page.waitForSelector('a.tile');
  await page.evaluate(() => { window.neverLoadedAgain = true; });
  const levels = () => page.$$eval('a.tile[href^="#/workplace/"]', (all) => Object.fromEntries(all.map((a) =>
    [a.getAttribute('href').split('/').at(-1), /level-(\w+)/.exec(a.querySelector('.level').className)[1]])));

  // The broker.
  const mainText = () => page.innerText('main');
  story.proves('the broker is there, and nothing is said of it', !(await mainText()).includes(w('alarms.part.broker')), await mainText());
  await world.stop('broker', 'SIGKILL');
  let since = Date.now();
  await story.sees('the broker is gone: the operator\'s overview says so', async () => (await mainText()).includes(w('alarms.part.broker')), { within: 15000 });
  story.tells(`after ${((Date.now() - since) / 1000).toFixed(1)} s`);
  story.proves('the figures go on', (await page.innerText('.connection')).includes(w('live.live')));
  await world.startBroker();
  since = Date.now();
  await story.sees('the broker is back: no word of it any more', async () => !(await mainText()).includes(w('alarms.part.broker')), { within: 40000 });
  story.tells(`after ${((Date.now() - since) / 1000).toFixed(1)} s`);

  // All instruments at once.
  await world.stop('simulator', 'SIGKILL');
  since = Date.now();
  const silent = await story.sees('the instruments are silent: no workplace is normal', async () => {
    const now = await levels();
    return Object.values(now).every((level) => level !== 'normal') && now;
  }, { within: 20000 });
  story.tells(`after ${((Date.now() - since) / 1000).toFixed(1)} s: ${JSON.stringify(silent)}`);
  await story.sees('and each says how many of its points give nothing', async () =>
    (await page.locator('a.tile[href^="#/workplace/"] .tile-facts .hatched').count()) === Object.keys(silent).length);
  const other = await visit(story, world, { as: 'operator', hash: '#/workplace/boundary', allow: lineDown });
  await story.sees('each point of a workplace says why it has no figure', async () => {
    const rows = await other.locator('.point-row').allInnerTexts();
    return rows.length > 3 && rows.every((row) => row.includes(w('flag.B')) || row.includes(w('flag.none')));
  });
  story.proves('and none of them is green', (await other.locator('.point-row .level-normal').count()) === 0);
  await world.startSimulator();
  await story.sees('the instruments are back: figures again', async () => {
    const rows = await other.locator('.point-row').allInnerTexts();
    return rows.length > 3 && rows.filter((row) => !row.includes(w('flag.B'))).length > rows.length / 2;
  }, { within: 40000 });

  // The gateway itself.
  await world.stop('gateway', 'SIGKILL');
  since = Date.now();
  await story.sees('the gateway is dead: the page says that its figures are old, and since when', async () => {
    const text = await page.innerText('.outdated');
    return text.includes(w('live.stale_long').split('{')[0]) && /\d\d:\d\d:\d\d/.test(text);
  }, { within: 8000 });
  story.tells(`after ${((Date.now() - since) / 1000).toFixed(1)} s: ${await page.innerText('.outdated')}`);
  story.proves('no tile is green', Object.values(await levels()).every((level) => level !== 'normal'), await levels());
  story.proves('figures are grey', await page.evaluate(() => [...document.querySelectorAll('.live-data, .figure')].every((e) => getComputedStyle(e).filter.includes('grayscale'))));
  const told = /(\d\d):(\d\d):(\d\d)/.exec(await page.innerText('.outdated'));
  const toldSince = ((Number(told[1]) * 60 + Number(told[2])) * 60 + Number(told[3])) * 1000;
  const died = (since + 8 * 3600000) % 86400000;
  story.proves('the time that it tells is the time of the death', Math.abs(toldSince - died) < 5000, `${told[0]} / ${new Date(since).toISOString()}`);
  await world.startGateway();
  since = Date.now();
  await story.sees('the gateway is back: live again, by itself', async () =>
    (await page.locator('.outdated').count()) === 0 && (await page.innerText('.connection')).includes(w('live.live')), { within: 30000 });
  story.tells(`${((Date.now() - since) / 1000).toFixed(1)} s after it answers`);
  story.proves('without being loaded again, and with the same session', await page.evaluate(() => window.neverLoadedAgain === true) && (await page.locator('.frame').count()) === 1);
  await story.sees('and the figures are the new ones', async () => {
    const text = await other.locator('.point-row').allInnerTexts();
    return text.length > 3 && text.some((row) => /刚刚|[1-9] 秒前/.test(row));
  });
  await until('the tile of the cutting hall', () => levelOf(tile(page, 'cutting-hall')));
}
