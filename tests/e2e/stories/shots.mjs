// Pictures of every screen, in both languages, light and dark, wide and on a phone.
import { mkdirSync } from 'node:fs';
import { go, leave, sideways, visit } from '../lib/browser.mjs';
import { build } from '../lib/modules.mjs';
import { w } from '../lib/words.mjs';

export default async function shots(story) {
  const world = story.demo;
  const folder = `${build}/shots`;
  mkdirSync(folder, { recursive: true });
  const client = await world.as('operator');
  const alarm = (await client.get('/api/v1/alarms')).alarms.sort((a, b) => b.revision - a.revision).find((a) => a.point);
  const screens = [
    ['overview', '#/overview'], ['alarms', '#/alarms'], ['archive', '#/alarms?show=all'], ['alarm', `#/alarms/${alarm.id}`], ['workplace', `#/workplace/${alarm.workplace}`],
    ['station', '#/workplace/boundary'], ['point', '#/point/dust-1.pm_a?range=1h'], ['noise', '#/noise'], ['voc', '#/voc/voc-1'], ['voc-history', '#/voc/voc-1?tab=history'],
    ['voc-ozone', '#/voc/voc-1?tab=ozone'], ['voc-wind', '#/voc/voc-1?tab=wind'], ['exposures', '#/exposures'], ['assessments', '#/assessments'], ['posts', '#/assessments?tab=posts'],
    ['assessment-new', '#/assessments/new'], ['assessment-import', '#/assessments/import'], ['statistics', '#/statistics'], ['duties', '#/duties'], ['reports', '#/reports'], ['devices', '#/devices'], ['ledger', '#/ledger'], ['users', '#/users'],
    ['audit', '#/users?tab=audit'], ['config', '#/config'], ['password', '#/password'],
  ];
  const record = (await client.get('/api/v1/assessments')).assessments[0];
  if (record) screens.push(['assessment', `#/assessments/${record.id}`], ['assessment-correct', `#/assessments/${record.id}/correct`]);
  const group = (await client.get('/api/v1/statistics')).groups.sort((a, b) => b.n - a.n)[0];
  if (group) screens.push(['group', `#/statistics?${new URLSearchParams({ enterprise: group.enterprise, group: group.group, agent: group.agent, source: group.source })}`]);
  let count = 0;
  for (const lang of ['zh', 'en']) for (const theme of ['light', 'dark']) for (const width of [1280, 360]) {
    const as = `${lang}-${theme}-${width}`;
    const height = width === 360 ? 740 : 860;
    const take = async (page, name) => {
      await page.screenshot({ path: `${folder}/${name}-${as}.png` });
      const wide = await sideways(page);
      story.proves(`${name} ${as}`, !wide && !(await page.innerText('body')).includes('⟦'), wide);
      ++count;
    };
    const stranger = await visit(story, world, { lang, theme, width, height });
    await stranger.waitForSelector('form');
    await take(stranger, 'sign-in');
    await leave(stranger);
    const page = await visit(story, world, { as: 'admin', hash: '#/overview', lang, theme, width, height });
    await page.waitForSelector('a.tile');
    for (const [name, hash] of screens) {
      await go(page, hash);
      await page.waitForFunction(() => !document.querySelector('.loading, .spark-wait'), null, { timeout: 40000 });
      await take(page, name);
    }
    await go(page, `#/alarms/${alarm.id}`);
    await page.locator('.next .actions button', { hasText: w('action.comment', {}, lang) }).click();
    await page.waitForSelector('dialog[open]');
    await take(page, 'dialog');
    await page.keyboard.press('Escape');
    await leave(page);
  }
  story.lines = [`    ${count} pictures in build/e2e/shots`];
}
