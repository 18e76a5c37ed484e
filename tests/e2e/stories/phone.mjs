// On a phone of 360 pixels: what is worst, the alarm, and what to do.
import { done, go, sideways, visit } from '../lib/browser.mjs';
import { until } from '../lib/wait.mjs';
import { w } from '../lib/words.mjs';

export default async function phone(story) {
  const world = story.demo;
  const client = await world.as('operator');
  const alarm = await until('an alarm of a point', async () =>
    (await client.get('/api/v1/alarms')).alarms.find((a) => a.point?.startsWith('dust-2') || a.point?.startsWith('noise-1')), { within: 60000 });
  for (const lang of ['zh', 'en']) {
    const page = await visit(story, world, { as: 'operator', hash: '#/overview', width: 360, height: 740, lang, touch: true });
    await page.waitForSelector('a.tile');
    const paths = await page.$$eval('.navigation a', (all) => all.map((a) => a.getAttribute('href')));
    for (const hash of new Set(['#/overview', '#/alarms', `#/alarms/${alarm.id}`, '#/workplace/polishing-line', '#/workplace/boundary', '#/password', '#/assessments', '#/assessments?tab=posts',
      '#/assessments/new', '#/assessments/import', '#/statistics', '#/duties', '#/reports', ...paths])) {
      await go(page, hash);
      await page.waitForFunction(() => !document.querySelector('.loading'));
      const wide = await sideways(page);
      story.proves(`${lang} ${hash.replace(alarm.id, '…')}: nothing scrolls sideways`, !wide, wide);
    }
    if (lang === 'zh') {
      await go(page, '#/overview');
      const bar = await page.locator('.navigation').boundingBox();
      story.proves('the navigation is at the thumb', bar.y + bar.height >= 735 && bar.y > 600, bar);
      const small = await page.$$eval('button, a.button, .navigation a', (all) => all.filter((e) => e.offsetParent).map((e) => [e.innerText || e.ariaLabel, e.getBoundingClientRect()])
        .filter(([, r]) => r.height < 40 || r.width < 32).map(([name, r]) => `${name}: ${r.width}x${r.height}`));
      story.proves('what is touched is large enough', small.length === 0, small);
      await page.locator('.navigation a[href="#/alarms"]').tap();
      await page.waitForSelector('.alarm-row');
      await go(page, `#/alarms/${alarm.id}`);
      await page.waitForSelector('.history');
      await page.locator('.next .actions button', { hasText: w('action.comment') }).tap();
      await page.waitForSelector('dialog[open]');
      const box = await page.locator('dialog[open]').boundingBox();
      story.proves('the dialog fits the screen', box.x >= 0 && box.x + box.width <= 360 && box.height <= 740, box);
      story.proves('with the dialog nothing scrolls sideways', !(await sideways(page)));
      await page.keyboard.press('Escape');
      await done(page, 'comment', { note: '现场看过，手机记录' });
      await story.sees('a comment from the phone stands in the history', async () => (await page.innerText('.history')).includes('现场看过'));
    }
  }
}
