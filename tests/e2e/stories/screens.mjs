// The other screens, with what the demonstration has measured.
import { go, visit } from '../lib/browser.mjs';

export default async function screens(story) {
  const page = await visit(story, story.demo, { as: 'admin', hash: '#/overview' });
  await page.waitForSelector('a.tile');
  for (const hash of await page.$$eval('.navigation a', (all) => all.map((a) => a.getAttribute('href')))) {
    await go(page, hash);
    story.proves(`${hash} opens`, (await page.locator('.error-box').count()) === 0);
  }
}
