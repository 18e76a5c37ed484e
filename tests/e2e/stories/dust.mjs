// Dust at the cutting hall, from the first sign to the disposal, as the person in charge lives through it.
import { done, go, levelOf, tile, visit } from '../lib/browser.mjs';
import { until } from '../lib/wait.mjs';
import { w } from '../lib/words.mjs';

const rank = ['normal', 'partial', 'unknown', 'notice', 'warning', 'exceed', 'danger'];

export default async function dust(story) {
  const world = story.demo;
  const page = await visit(story, world, { as: 'operator', hash: '#/overview' });
  const hall = tile(page, 'cutting-hall');
  await hall.waitFor();
  await page.evaluate(() => { window.neverLoadedAgain = true; });

  const seen = [];
  await until('dust at the cutting hall is above its level', async () => {
    const level = await levelOf(hall);
    if (seen.at(-1) !== level) seen.push(level);
    return level === 'exceed';
  }, { within: 60000 });
  const ranks = seen.map((level) => rank.indexOf(level));
  story.proves(`the tile of the cutting hall rose by itself: ${seen.join(' → ')}`,
    seen.length > 1 && ranks.every((r, i) => i === 0 || r > ranks[i - 1]), seen);
  story.proves('without the page being loaded again', await page.evaluate(() => window.neverLoadedAgain === true));
  story.proves('and says what, how much, and how long ago', /总粉尘|粉尘/.test(await hall.innerText()) && /mg\/m³/.test(await hall.innerText()), await hall.innerText());

  const client = await world.as('operator');
  const horn = async () => (await client.get('/api/v1/points/io-1.relay_1')).reading?.value;
  await story.sees('the horn of the hall sounds (read back from its relay)', async () => (await horn()) === 1);
  const alarm = await until('the alarm of the dust', async () =>
    (await client.get('/api/v1/alarms?point=dust-1.pm_a')).alarms.find((a) => a.point === 'dust-1.pm_a' && !a.ended));

  await hall.click();
  await page.locator('.alarm-row .stretched').first().click();
  await page.waitForSelector('.history');
  await story.sees('its screen is reached by two clicks', () => page.url().includes(`#/alarms/${alarm.id}`));
  await done(page, 'ack', { note: '去现场查看' });
  await story.sees('acknowledged: the horn falls silent', async () => (await horn()) === 0);
  await done(page, 'confirm', { verdict: 'real', note: '切割机除尘罩脱落' });
  await story.sees('confirmed as real', async () => (await page.innerText('.columns')).includes(w('verdict.real')));
  await story.sees('it returns by itself', async () => (await levelOf(page.locator('.worst-head'))) === 'none', { within: 60000 });
  const refused = await client.ask('POST', `/api/v1/alarms/${alarm.id}/dispose`, {});
  story.proves('without words of what was done it cannot be disposed', refused.status === 422 && !!refused.json.zh && !!refused.json.en, refused.text);
  await done(page, 'dispose', { note: '重新安装除尘罩，复测 0.05 mg/m³' });

  await story.sees('it has ended', async () => (await page.innerText('.worst-head')).includes(w('alarms.ended')));
  const stamps = await page.locator('.worst .stamps .stamp').allInnerTexts();
  story.proves('four stamps with their times', stamps.length === 4
    && ['detected', 'warned', 'confirmed', 'disposed'].every((name, i) => stamps[i].includes(w(`stamp.${name}`)) && /\d\d:\d\d:\d\d/.test(stamps[i])), stamps);
  story.proves('and who confirmed and disposed', stamps[3].includes(client.user) && (stamps[2].includes(client.user) || stamps[2].includes(w('stamp.auto.valid_data'))), stamps);
  const history = await story.sees('the history tells every step and every word', async () => {
    const text = await page.innerText('.history');
    return ['raised', 'rose', 'acknowledged', 'confirmed', 'returned', 'disposed'].every((what) => text.includes(w(`change.${what}`)))
      && ['去现场查看', '切割机除尘罩脱落', '重新安装除尘罩'].every((words) => text.includes(words)) && text;
  });
  story.proves('under his name', history.split(client.user).length - 1 >= 3, history);
  await go(page, '#/alarms?show=all');
  await story.sees('the archive has it', async () => (await page.locator(`.alarm-row a[href="#/alarms/${alarm.id}"]`).count()) === 1);

  const topic = new RegExp(`^hazgate/1/fengxian/huaxin-stone/cutting-hall/alarm/${alarm.id} (.+)$`, 'gm');
  await story.sees('a subscriber of the broker heard the same steps, by the same person', () => {
    const heard = [...world.log('subscriber').matchAll(topic)].map((m) => JSON.parse(m[1])).map((m) => (m.alarm ?? m).change).filter(Boolean);
    return ['raised', 'acknowledged', 'confirmed', 'returned', 'disposed'].every((what) => heard.some((c) => c.what === what))
      && heard.filter((c) => c.by === client.user).length >= 3;
  });
}
