// Names are what people typed: in whatever language, however long, and sometimes a piece of HTML.
import { leave, sideways, visit, go, done } from '../lib/browser.mjs';
import { until } from '../lib/wait.mjs';
import { passwordOf } from '../lib/world.mjs';

const script = '<img src=x onerror=globalThis.ran=1>';
const nasty = [
  `${script}"'&amp;</title><script>globalThis.ran=2</script>`,
  `"><svg onload=globalThis.ran=3>'-globalThis.ran=4-'`,
  `一个非常长的名称${'很长'.repeat(20)}${script}`,
  `no-space-anywhere-${'x'.repeat(120)}`,
  '{{7*7}} ${7*7} {user} javascript:globalThis.ran=5 \u200Fverkehrt',
];

function configuration(text) {
  let n = 0;
  return text.replace(/^(name|decided_by) = "[^"]*"/gm, (whole, key) => {
    const name = nasty[n++ % nasty.length];
    return Buffer.byteLength(name) > 200 ? whole : `${key} = ${JSON.stringify(name)}`;
  });
}

export default async function names(story) {
  for (const name of nasty) story.proves(`${Buffer.byteLength(name)} bytes fit a name`, Buffer.byteLength(name) <= 200);
  const world = story.world('names', { configuration });
  await world.startAll();
  const seen = [];
  /** Nothing ran, nothing became an element, and nothing is wider than the window. */
  const harmless = async (page, what) => {
    const found = await page.evaluate(() => ({
      ran: globalThis.ran ?? null,
      made: [...document.querySelectorAll('img:not(.plot-image), script:not([src]), svg[onload], iframe, [onerror], [href^="javascript:"]')].map((e) => e.outerHTML.slice(0, 100)),
    }));
    story.proves(`${what}: nothing ran`, found.ran === null && found.made.length === 0, found);
    const wide = await sideways(page);
    story.proves(`${what}: nothing scrolls sideways`, !wide, wide);
    seen.push(await page.innerText('body'));
  };

  // Here the token is typed in, and not taken from the address.
  const first = await visit(story, world);
  await first.waitForSelector('input[name=token]');
  const user = 'chen-jie';
  for (const [name, value] of Object.entries({ token: await world.token(), user, password: passwordOf(user), again: passwordOf(user) })) {
    await first.fill(`input[name=${name}]`, value);
  }
  await first.click('button[type=submit]');
  await first.waitForSelector('a.tile');
  story.proves('the typed token lets the first administrator in', true);
  await leave(first);

  const client = await world.admin();
  const alarm = await until('an alarm', async () => (await client.get('/api/v1/alarms')).alarms.find((a) => a.point && a.level !== 'none'), { within: 60000 });
  for (const width of [1280, 360]) {
    const page = await visit(story, world, { as: 'admin', hash: '#/overview', width, lang: width === 1280 ? 'zh' : 'en' });
    await page.waitForSelector('a.tile');
    const paths = await page.$$eval('.navigation a', (all) => all.map((a) => a.getAttribute('href')));
    for (const hash of new Set(['#/overview', '#/alarms', '#/alarms?show=all', `#/alarms/${alarm.id}`, `#/workplace/${alarm.workplace}`, `#/point/${alarm.point}`, '#/assessments', '#/assessments/new', '#/assessments/import',
      '#/statistics', '#/duties', '#/reports', ...paths])) {
      await go(page, hash);
      await page.waitForFunction(() => !document.querySelector('.loading'));
      await harmless(page, `${width} px ${hash.replace(alarm.id, '…')}`);
    }
    if (width === 1280) {
      await go(page, `#/alarms/${alarm.id}`);
      await page.waitForSelector('.history');
      await done(page, 'comment', { note: `${script} <b>fett</b>\n${'lang'.repeat(200)}` });
      await page.waitForFunction((text) => document.querySelector('.history')?.innerText.includes(text), script);
      await harmless(page, 'a note with a script in it');
    }
  }
  const text = seen.join('\n');
  for (const name of nasty) story.proves(`shown letter by letter: ${name.slice(0, 40)}…`, text.includes(name), text.slice(0, 500));
}
