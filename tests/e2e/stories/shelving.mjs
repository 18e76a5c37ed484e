// Who is disturbed may shelve an alarm for a while; what must not be is refused in words.
import { act, done, go, visit } from '../lib/browser.mjs';
import { until } from '../lib/wait.mjs';
import { w } from '../lib/words.mjs';

export default async function shelving(story) {
  const world = story.demo;
  const client = await world.as('operator');
  const alarm = await until('an alarm that stands, at most exceed', async () =>
    (await client.get('/api/v1/alarms')).alarms.find((a) => ['warning', 'exceed'].includes(a.level) && a.state === 'UNACK'
      && ['gas-1.gas', 'pid-1.gas', 'h2s-1.gas'].includes(a.point)), { within: 60000 });
  const page = await visit(story, world, { as: 'operator', hash: `#/alarms/${alarm.id}` });
  await page.waitForSelector('.history');

  let dialog = await act(page, 'shelve', { minutes: 15 });
  story.proves('a shelf without a reason is not even asked for', (await dialog.innerText()).includes(w('action.need_note')));
  await dialog.locator('textarea').fill('换班，检修中');
  await dialog.locator('button[type=submit]').click();
  await story.sees('shelved for a quarter of an hour', async () => (await page.innerText('.worst-head')).includes(w('state.SHLVD')));
  const shelved = (await client.get(`/api/v1/alarms/${alarm.id}`)).alarm;
  const minutes = (Date.parse(shelved.shelved_until) - Date.now()) / 60000;
  story.proves('and its end is told', minutes > 13 && minutes <= 15 && (await page.innerText('.columns')).includes(w('alarm.shelved_until')), shelved.shelved_until);
  await go(page, '#/alarms?show=silenced');
  await story.sees('the list of what is silenced has it', async () => (await page.locator(`.alarm-row a[href="#/alarms/${alarm.id}"]`).count()) === 1);
  await go(page, `#/alarms/${alarm.id}`);
  await done(page, 'unshelve');
  await story.sees('taken off the shelf it asks again', async () => !(await page.innerText('.worst-head')).includes(w('state.SHLVD')));
  await story.sees('both stand in its history, with the reason', async () => {
    const text = await page.innerText('.history');
    return text.includes('换班，检修中') && text.includes(w('change.shelved')) && text.includes(w('change.unshelved'));
  });

  const refusal = async (what, action, body, status) => {
    const answer = await client.ask('POST', `/api/v1/alarms/${alarm.id}/${action}`, body);
    story.proves(`${what}: refused, in both languages`, answer.status === status && !!answer.json?.zh && !!answer.json?.en, `${answer.status} ${answer.text}`);
  };
  await refusal('longer than a shift', 'shelve', { minutes: 24 * 60, note: 'x' }, 422);
  await refusal('a verdict that is none', 'confirm', { verdict: 'perhaps' }, 422);
  await refusal('a member that is not known', 'ack', { revision: 1, by: 'somebody else' }, 422);

  // Two persons at one alarm: who judges must have seen what the other one did meanwhile.
  await page.locator('.next .actions button', { hasText: new RegExp(`^${w('action.confirm')}$`) }).first().click();
  dialog = page.locator('dialog[open]');
  await dialog.locator('input[value=real]').check();
  await (await world.as('admin')).post(`/api/v1/alarms/${alarm.id}/comment`, { note: '值班室已打电话' });
  await dialog.locator('button[type=submit]').click();
  await dialog.locator('.error-box').waitFor();
  story.proves('what has changed meanwhile is told in the dialog', /变|更新|改/.test(await dialog.locator('.error-box').innerText()),
    await dialog.locator('.error-box').innerText());
  await dialog.locator('button[type=submit]').click();
  await dialog.waitFor({ state: 'detached' });
  story.proves('the next attempt is about the alarm as it is now', (await client.get(`/api/v1/alarms/${alarm.id}`)).alarm.verdict === 'real');
  await client.post(`/api/v1/alarms/${alarm.id}/shelve`, { minutes: 15, note: 'x' });
  await refusal('a second shelf', 'shelve', { minutes: 15, note: 'x' }, 409);
  await client.post(`/api/v1/alarms/${alarm.id}/unshelve`);
  await refusal('the end of a shelf that there is not', 'unshelve', {}, 409);
  await refusal('a disposal while the condition holds', 'dispose', { note: 'done' }, 409);

  const danger = (await client.get('/api/v1/alarms?level=danger')).alarms.find((a) => a.level === 'danger');
  if (danger) {
    const answer = await client.ask('POST', `/api/v1/alarms/${danger.id}/shelve`, { minutes: 15, note: 'no' });
    story.proves('danger is never shelved, and the gateway says so', answer.status === 409 && /danger/i.test(answer.json.en), answer.text);
    await go(page, `#/alarms/${danger.id}`);
    await page.waitForSelector('.next');
    story.proves('nor does the page offer it', (await page.locator('.next .actions button', { hasText: w('action.shelve') }).count()) === 0);
  } else {
    story.tells('no alarm stands at danger now: its shelf is refused in the tests of the program');
  }
}
