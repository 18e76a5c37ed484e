// The other screens, with what the demonstration has measured.
import { readFileSync } from 'node:fs';
import { go, leave, visit } from '../lib/browser.mjs';
import { until } from '../lib/wait.mjs';
import { w } from '../lib/words.mjs';

/** A chart is drawn where its canvas is not of one colour. */
const drawn = (page, selector) => page.$$eval(selector, (all) => all.length > 0 && all.every((canvas) => {
  const { data } = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height);
  const seen = new Set();
  for (let i = 0; i < data.length && seen.size < 4; i += 4) seen.add(`${data[i]} ${data[i + 1]} ${data[i + 2]} ${data[i + 3]}`);
  return seen.size >= 3;
}));

/** Whether something of a theme's colour is painted there. */
const paints = (page, selector, token) => page.$$eval(selector, (all, name) => {
  const wanted = getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();
  const [r, g, b] = [1, 3, 5].map((at) => parseInt(wanted.slice(at, at + 2), 16));
  return all.some((canvas) => {
    const { data } = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height);
    for (let i = 0; i < data.length; i += 4) if (data[i] === r && data[i + 1] === g && data[i + 2] === b && data[i + 3] === 255) return true;
    return false;
  });
}, token);

async function download(page, press) {
  const [file] = await Promise.all([page.waitForEvent('download'), press()]);
  return { name: file.suggestedFilename(), text: readFileSync(await file.path(), 'utf8') };
}

export default async function screens(story) {
  const world = story.demo;
  const client = await world.as('operator');
  // 502 is asked for below: registers that a device does not give.
  const page = await visit(story, world, { as: 'admin', hash: '#/overview', allow: [/status of 502/] });
  await page.waitForSelector('a.tile');

  // A point.
  await go(page, '#/point/dust-1.pm_a?range=1h');
  await page.waitForSelector('.u-over');
  await story.sees('a point: its curve is drawn', () => drawn(page, '.trend canvas'));
  const words = () => page.locator('.chart-words p').first().innerText();
  const first = await words();
  await story.sees('the same in words, and it goes on by itself', async () => (await words()) !== first && /mg\/m³/.test(await words()));
  story.proves('its limits by name', /SITE|本单位|自定|3 倍|PC-TWA/.test(await page.innerText('.trend')) && (await page.innerText('main')).includes('PC-TWA'), await page.innerText('.trend'));
  const csv = await download(page, () => page.locator('.trend a[download]').click());
  const rows = csv.text.trim().split('\r\n');
  story.proves(`its CSV ${csv.name} has ${rows.length - 1} rows`, rows[0] === 'from,least,mean,greatest,unit,counted,others,worst_flag' && rows.length > 100 && rows.some((row) => /,mg\/m3,[1-9]/.test(row)), rows.slice(0, 3));
  story.proves('its set points stand in a table', (await page.locator('main table').last().innerText()).includes('mg/m³'));
  const box = await page.locator('.u-over').boundingBox();
  await page.mouse.move(box.x + box.width * 0.4, box.y + 50);
  await page.mouse.down();
  await page.mouse.move(box.x + box.width * 0.8, box.y + 60, { steps: 4 });
  await page.mouse.up();
  await story.sees('dragging zooms, and the address has it', () => /range=custom/.test(page.url()));
  await page.locator('.chart-box').focus();
  await page.keyboard.press('Escape');
  await story.sees('Escape leads back', () => !/custom/.test(page.url()));

  // Noise.
  await go(page, '#/noise');
  await page.waitForSelector('.noise-row');
  story.proves('noise: its level now', /dB\(A\)/.test(await page.innerText('.noise-row')));
  const shift = (await client.get('/api/v1/points/noise-1.la')).exposures[0];
  if (shift) await story.sees('and what the shift comes to', async () => (await page.innerText('.noise-row')).includes(shift.day));
  else story.tells('no shift runs at this hour of the site');

  // The VOC station.
  await go(page, '#/voc/voc-1');
  await page.waitForSelector('.voc-head');
  await story.sees('VOC: 116 compounds, all with a figure', async () => /116\s*\/\s*116/.test(await page.innerText('.voc-head')));
  await story.sees('sorted by mass, with their day as a line', async () => (await page.locator('main [role=tabpanel] svg, main [role=tabpanel] canvas').count()) > 3);
  story.proves('a rose of the wind among its tabs: there is a weather device', (await page.getByRole('tab').count()) === 4);
  for (const tab of await page.getByRole('tab').all()) {
    await tab.click();
    await page.waitForFunction(() => !document.querySelector('[role=tabpanel] .loading'), null, { timeout: 40000 });
    story.proves(`its tab "${await tab.innerText()}" opens`, (await page.locator('[role=tabpanel] .error-box').count()) === 0 && (await page.locator('[role=tabpanel]').innerText()).length > 50);
    if ((await tab.innerText()) === w('voc.tab.history')) await story.sees('with its families drawn, the uppermost last', () => paints(page, '[role=tabpanel] section:first-child canvas', 'series-3'));
    if ((await tab.innerText()) === w('voc.tab.wind')) await story.sees('with a wedge where the wind comes from', async () => (await page.locator('.rose .wedge').count()) > 0);
  }

  // Exposures.
  const exposures = (await client.get('/api/v1/exposures')).exposures;
  await go(page, '#/exposures');
  await page.waitForSelector('.counts-line');
  if (exposures.length) {
    const today = exposures[0].day;
    await go(page, `#/exposures?from=${today}&to=${today}`);
    await story.sees(`exposures: ${exposures.length} shifts in words`, async () => (await page.locator('table.exposures tbody tr').count()) > 0);
    const saved = await download(page, () => page.getByRole('button', { name: 'CSV' }).click());
    story.proves(`their CSV ${saved.name}`, saved.text.startsWith('\ufeffenterprise,workplace,point') && saved.text.split('\r\n').length > 2, saved.text.slice(0, 200));
    await page.locator('table.exposures button[aria-expanded]').first().click();
    story.proves('with all figures behind one click', (await page.locator('.details-row').count()) === 1);
  } else {
    story.proves('exposures: no shift yet, and that is said', (await page.innerText('main')).includes(w('exposures.none')));
  }

  // Devices and registers.
  await go(page, '#/devices');
  const list = await until('the devices', async () => {
    const text = await page.innerText('main');
    return ['dust-1', 'gas-1', 'voc-1', 'weather-1', 'hall-a', 'hall-b', 'serial-server'].every((id) => text.includes(id)) && text;
  });
  story.proves('devices: every bus and device, with its profile and who answers', list.includes('trolex-tx8005') && list.includes(w('devices.answers')) && !/undefined|NaN/.test(list), list);
  const form = page.locator('.card:has(select[name=device])');
  await form.locator('[name=device]').selectOption('voc-1');
  await form.locator('[name=table]').selectOption('input');
  await form.locator('[name=first]').fill('0');
  await form.locator('button[type=submit]').click();
  await story.sees('registers: what eight words may mean, in every order of bytes', async () => {
    const text = await page.innerText('.registers');
    return ['0x', 'float32', 'ABCD', 'CDAB', 'uint16'].every((word) => text.includes(word));
  });
  await form.locator('[name=first]').fill('60000');
  await form.locator('button[type=submit]').click();
  await story.sees('what the device does not give is told in words', async () => (await form.locator('.error-box').innerText()).length > 5);

  // The ledger.
  await go(page, '#/ledger');
  await page.waitForSelector('.chain-line');
  await page.getByRole('button', { name: w('ledger.verify_now') }).click();
  await story.sees('the ledger is sound', async () => (await page.innerText('.sound')).includes(w('ledger.sound')), { within: 40000 });
  story.proves('with the report of the check', (await page.innerText('pre.report >> nth=0')).includes('fengxian/'), await page.innerText('pre.report >> nth=0'));
  await story.sees('its records in words', async () => (await page.locator('.record').count()) > 0);

  // The configuration.
  await go(page, '#/config');
  await page.waitForSelector('table.source');
  story.proves('the configuration as it runs, without a mistake', (await page.innerText('table.source')).includes('[gateway]') && (await page.innerText('main')).includes(w('config.same')) && (await page.innerText('main')).includes(w('config.sound')),
    (await page.innerText('main')).slice(0, 500));
}
