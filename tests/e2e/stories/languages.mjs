// Chinese and English, switched at once and remembered.
import { go, visit } from '../lib/browser.mjs';
import { w } from '../lib/words.mjs';

export default async function languages(story) {
  const world = story.demo;
  const page = await visit(story, world, { as: 'operator', hash: '#/overview', theme: null });
  await page.waitForSelector('a.tile');
  story.proves('the gateway\'s language first: Chinese', (await page.getAttribute('html', 'lang')) === 'zh-CN' && (await page.innerText('h1')) === w('overview.title'));
  const alarm = (await (await world.as('operator')).get('/api/v1/alarms?state=all')).alarms[0];
  const hashes = ['#/overview', '#/alarms', '#/alarms?show=all', `#/alarms/${alarm.id}`, '#/workplace/cutting-hall', '#/workplace/boundary', '#/password', '#/assessments/new', '#/assessments/import',
    '#/assessments?tab=posts',
    ...await page.$$eval('.navigation a', (all) => all.map((a) => a.getAttribute('href')))];
  const look = async (language) => {
    for (const hash of [...new Set(hashes)]) {
      await go(page, hash);
      await page.waitForFunction(() => !document.querySelector('.loading'));
      const text = (await page.innerText('body')) + (await page.title()) + (await page.$$eval('[aria-label],[title],[placeholder]', (all) =>
        all.map((e) => `${e.getAttribute('aria-label') ?? ''} ${e.getAttribute('title') ?? ''} ${e.getAttribute('placeholder') ?? ''}`).join(' ')));
      const raw = /⟦[^⟧]*⟧/.exec(text);
      story.proves(`${language} ${hash.replace(alarm.id, '…')}: every word is there`, !raw && !/undefined|NaN|\[object/.test(text), raw?.[0] ?? /.{0,40}(undefined|NaN|\[object).{0,40}/s.exec(text)?.[0] ?? '');
    }
  };
  await look('zh');
  await go(page, '#/overview');
  await page.click('header button:has-text("English")');
  await story.sees('one click, and all is English', async () => (await page.innerText('h1')) === w('overview.title', {}, 'en'));
  story.proves('a reader program hears it in English', (await page.getAttribute('html', 'lang')) === 'en');
  await look('en');
  await page.reload();
  await page.waitForSelector('.frame h1');
  story.proves('it is remembered', (await page.getAttribute('html', 'lang')) === 'en');
  await page.context().clearCookies();
  await page.reload();
  await page.waitForSelector('input[name=password]');
  story.proves('at the sign-in too', (await page.innerText('h1')) === w('signin.title', {}, 'en'));
  await page.fill('input[name=user]', 'li-wei');
  await page.fill('input[name=password]', 'not the password');
  await page.click('button[type=submit]');
  await page.waitForSelector('.error-box');
  story.proves('refusals of the gateway come in English', /^[\x20-\x7e]+$/.test((await page.innerText('.error-box')).trim()), await page.innerText('.error-box'));
  await page.click('.alone-bar button:has-text("中文")');
  await story.sees('and back', async () => (await page.innerText('h1')) === w('signin.title'));
}
