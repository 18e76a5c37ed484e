// Without a mouse, from the sign-in to an acknowledged alarm.
import { visit } from '../lib/browser.mjs';
import { passwordOf } from '../lib/world.mjs';
import { until } from '../lib/wait.mjs';
import { w } from '../lib/words.mjs';

export default async function keyboard(story) {
  const world = story.demo;
  const client = await world.as('operator');
  const alarm = await until('an alarm that nobody has acknowledged', async () =>
    (await client.get('/api/v1/alarms')).alarms.find((a) => a.point?.startsWith('noise-1') && !a.acknowledged), { within: 60000 });
  const page = await visit(story, world);
  await page.waitForSelector('form');
  const focus = () => page.evaluate(() => {
    const e = document.activeElement;
    const style = getComputedStyle(e), after = getComputedStyle(e, '::after');
    return { name: (e.innerText || e.ariaLabel || e.name || e.tagName).trim(), tag: e.tagName, href: e.getAttribute('href'), id: e.id,
      seen: [style, after].some((s) => s.outlineStyle !== 'none' && parseFloat(s.outlineWidth) > 0) || style.boxShadow !== 'none' };
  });
  const unseen = [];
  /** Tab until it is there; what has the focus must be seen to have it. */
  const tabTo = async (what, fits, most = 60) => {
    for (let i = 0; i < most; ++i) {
      const now = await focus();
      if (now.tag !== 'BODY' && now.tag !== 'MAIN' && !now.seen) unseen.push(now.name);
      if (fits(now)) return;
      await page.keyboard.press('Tab');
    }
    throw new Error(`Tab does not reach ${what}`);
  };

  story.proves('the name has the focus at once', (await focus()).name === 'user', await focus());
  await page.keyboard.type('li-wei');
  await page.keyboard.press('Tab');
  await page.keyboard.type(passwordOf('li-wei'));
  await page.keyboard.press('Enter');
  await page.waitForSelector('a.tile');
  story.proves('Enter signs in', true);
  await page.reload();
  await page.waitForSelector('a.tile');
  await page.keyboard.press('Tab');
  story.proves('the first stop leads past the navigation', (await focus()).name === w('nav.skip'), await focus());
  await tabTo('the alarms', (f) => f.href === '#/alarms');
  await page.keyboard.press('Enter');
  await page.waitForSelector('.alarm-row');
  await tabTo('the search', (f) => f.tag === 'INPUT');
  await page.keyboard.type(alarm.id);
  await page.waitForFunction(() => document.querySelectorAll('.alarm-row').length === 1);
  story.proves('the search finds the alarm by its number', true);
  await tabTo('its details', (f) => f.href === `#/alarms/${alarm.id}`);
  await page.keyboard.press('Enter');
  await page.waitForSelector('.history');
  await tabTo('the next step', (f) => f.tag === 'BUTTON' && f.name === w('action.ack'));
  await page.keyboard.press('Enter');
  await page.waitForSelector('dialog[open]');
  story.proves('the dialog takes the focus', await page.evaluate(() => document.querySelector('dialog').contains(document.activeElement)));
  await page.keyboard.press('Escape');
  await page.waitForSelector('dialog[open]', { state: 'detached' });
  story.proves('Escape closes it, and the focus is where it was', (await focus()).name === w('action.ack'), await focus());
  await page.keyboard.press('Enter');
  await page.waitForSelector('dialog[open]');
  for (let i = 0; i < 12; ++i) {
    await page.keyboard.press('Tab');
    const inside = await page.evaluate(() => document.activeElement === document.body || document.querySelector('dialog').contains(document.activeElement));
    if (!inside) story.proves('Tab stays in the dialog', false, await focus());
  }
  story.proves('Tab stays in the dialog', true);
  await tabTo('its button', (f) => f.tag === 'BUTTON' && f.name === w('action.ack'));
  await page.keyboard.press('Enter');
  await page.waitForSelector('dialog[open]', { state: 'detached' });
  await story.sees('acknowledged, by the keyboard alone', async () => (await client.get(`/api/v1/alarms/${alarm.id}`)).alarm.acknowledged_by === 'li-wei');
  story.proves('the focus was to be seen at every stop', unseen.length === 0, [...new Set(unseen)]);
}
