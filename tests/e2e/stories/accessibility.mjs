// Every screen through axe: no serious and no critical finding, in both themes, wide and narrow.
import { axe, go, leave, visit } from '../lib/browser.mjs';
import { until } from '../lib/wait.mjs';
import { w } from '../lib/words.mjs';

export default async function accessibility(story) {
  const world = story.demo;
  const client = await world.as('admin');
  const alarm = await until('an alarm', async () => (await client.get('/api/v1/alarms')).alarms.find((a) => a.point && a.level !== 'none'), { within: 60000 });
  for (const [lang, theme, width] of [['zh', 'light', 1280], ['en', 'dark', 360]]) {
    const clean = async (page, what) => {
      const found = await axe(page);
      story.proves(`${what}, ${theme}, ${width} px: clean`, found.length === 0, found.join('\n      '));
    };
    const stranger = await visit(story, world, { lang, theme, width });
    await stranger.waitForSelector('form');
    await clean(stranger, 'sign-in');
    await leave(stranger);
    const page = await visit(story, world, { as: 'admin', hash: '#/overview', lang, theme, width });
    await page.waitForSelector('a.tile');
    const paths = (await page.$$eval('.navigation a', (all) => all.map((a) => a.getAttribute('href'))));
    for (const hash of new Set(['#/overview', '#/alarms', `#/alarms/${alarm.id}`, `#/workplace/${alarm.workplace}`, `#/point/${alarm.point}`, '#/password', '#/assessments', '#/assessments?tab=posts',
      '#/assessments/new', '#/assessments/import', '#/statistics', '#/duties', '#/reports', ...paths])) {
      await go(page, hash);
      await page.waitForFunction(() => !document.querySelector('.loading'));
      await clean(page, hash.replace(alarm.id, '…'));
    }
    await go(page, `#/alarms/${alarm.id}`);
    await page.locator('.next .actions button', { hasText: w('action.comment', {}, lang) }).click();
    await page.waitForSelector('dialog[open]');
    await clean(page, 'a dialog');
    await page.keyboard.press('Escape');
    await page.click('.menu > button');
    await clean(page, 'the user\'s menu');
  }
}
