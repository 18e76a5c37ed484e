// The first administrator comes in by the one-time token, once.
import { existsSync } from 'node:fs';
import { Client } from '../lib/client.mjs';
import { leave, navigation, signInBy, visit } from '../lib/browser.mjs';
import { passwordOf } from '../lib/world.mjs';
import { w } from '../lib/words.mjs';

export default async function firstSignIn(story) {
  const world = story.demo;
  const token = await world.token();
  const page = await visit(story, world, { hash: '#/overview' });
  await page.waitForSelector('input[name=token]');
  story.proves('whoever comes first is asked for the one-time token', (await page.innerText('h1')) === w('setup.title'));
  const fill = async (values) => {
    for (const [name, value] of Object.entries(values)) await page.fill(`input[name=${name}]`, value);
    await page.click('button[type=submit]');
  };
  const user = 'chen-jie', password = passwordOf(user);
  await fill({ token: 'not-the-token', user, password, again: password });
  await page.waitForSelector('.error-box');
  story.proves('a wrong token is refused in words', /口令/.test(await page.innerText('.error-box')), await page.innerText('.error-box'));
  await fill({ token, user, password: 'short', again: 'other' });
  story.proves('two different passwords are told at the field', (await page.innerText('form')).includes(w('password.mismatch')));
  await fill({ token, user, password: 'short', again: 'short' });
  await page.waitForSelector('.field.wrong');
  story.proves('a short password is told at its field', /10/.test(await page.innerText('.field.wrong .error')), await page.innerText('.field.wrong .error'));

  await page.goto('about:blank');
  await page.goto(`/#/setup?token=${token}`);
  await page.waitForSelector('input[name=token]');
  story.proves('the token of the printed address stands in the form', (await page.inputValue('input[name=token]')) === token);
  story.proves('and no longer in the address', !page.url().includes(token), page.url());
  await fill({ user, password, again: password });
  await page.waitForSelector('.frame .tile');
  story.proves('the new administrator is signed in and sees the overview', page.url().endsWith('#/overview'), page.url());
  story.proves('with his name', (await page.innerText('.menu > button')).includes(user));

  story.proves('the token is gone from the disk', !existsSync(`${world.folder}/data/one-time-token`));
  const second = await new Client(world.base).ask('POST', '/api/v1/setup', { token, user: 'mallory', password: passwordOf('mallory') });
  story.proves('and does not count a second time', second.status === 403 && second.json.code === 'wrong_token', second.text);
  const late = await visit(story, world, { hash: `#/setup?token=${token}` });
  await late.waitForSelector('input[name=password]');
  story.proves('who opens the printed address later is asked to sign in', (await late.innerText('h1')) === w('signin.title'));
  await late.fill('input[name=user]', user);
  await late.fill('input[name=password]', 'a wrong password');
  await late.click('button[type=submit]');
  await late.waitForSelector('.error-box');
  story.proves('a wrong password is refused in words', /不正确/.test(await late.innerText('.error-box')), await late.innerText('.error-box'));
  await signInBy(late, user);
  story.proves('the right one opens the page', (await navigation(late)).includes('/overview'));
  await late.click('.menu > button');
  await late.click(`.menu-panel button:has-text("${w('nav.sign_out')}") >> nth=0`);
  await late.waitForSelector('input[name=password]');
  const cookies = await late.context().cookies();
  story.proves('signed out, nothing is left of the session', !cookies.some((c) => c.name === 'hazgate' && c.value), cookies);
  await page.reload();
  await page.waitForSelector('.frame .tile');
  story.proves('the other window is signed in still', true);
  const cookie = (await page.context().cookies()).find((c) => c.name === 'hazgate');
  story.proves('no script can read the session: HttpOnly, SameSite=Strict', cookie.httpOnly && cookie.sameSite === 'Strict', cookie);
  await leave(page);
}
