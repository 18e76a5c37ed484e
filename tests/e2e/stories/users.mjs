// The administrator lets others in; each sees what his role may, and who is shut out is out at once.
import { navigation, signInBy, visit } from '../lib/browser.mjs';
import { Client } from '../lib/client.mjs';
import { passwordOf } from '../lib/world.mjs';
import { w, words } from '../lib/words.mjs';

const people = [
  { name: 'zhao-min', role: 'operator', enterprise: null },
  { name: 'wang-fang', role: 'enterprise', enterprise: 'acme-coatings' },
  { name: 'sun-bin', role: 'regulator', enterprise: null },
];
const watched = ['/overview', '/alarms'];

export default async function users(story) {
  const world = story.demo;
  const admin = await world.admin();
  const office = await visit(story, world, { as: 'admin', hash: '#/users' });
  const dialog = office.locator('dialog[open]');
  const add = async ({ name, role, enterprise }, password = passwordOf(name), again = password) => {
    await office.getByRole('button', { name: w('users.add'), exact: true }).click();
    await dialog.locator('[name=name]').fill(name);
    await dialog.locator('[name=role]').selectOption(role);
    if (enterprise) await dialog.locator('[name=enterprise]').selectOption(enterprise);
    await dialog.locator('[name=password]').fill(password);
    await dialog.locator('[name=again]').fill(again);
    await dialog.locator('button[type=submit]').click();
  };
  const row = (name) => office.locator('li.user', { has: office.locator('h2', { hasText: name }) });
  for (const who of people) {
    await add(who);
    await dialog.waitFor({ state: 'detached' });
    await row(who.name).waitFor();
    story.proves(`the administrator adds ${who.name}, ${w(`role.${who.role}`, {}, 'en')}`, (await row(who.name).innerText()).includes(w(`role.${who.role}`)));
  }
  story.proves('with the name of his enterprise', (await row('wang-fang').innerText()).includes('艾克美涂料'), await row('wang-fang').innerText());
  await add({ name: 'zhao-min', role: 'admin' });
  await dialog.locator('.error-box, .error').first().waitFor();
  story.proves('a name is given once, and that is told', /[\u4e00-\u9fff]/.test(await dialog.locator('.error-box, .error').first().innerText()), await dialog.innerText());
  await office.keyboard.press('Escape');
  await add({ name: 'Not A Name', role: 'operator' });
  await dialog.locator('.field.wrong .error').first().waitFor();
  story.proves('what is no name is told at its field', (await dialog.locator('.field.wrong input').getAttribute('name')) === 'name', await dialog.innerText());
  await office.keyboard.press('Escape');
  const tenantless = await admin.ask('POST', '/api/v1/users', { name: 'nobody', role: 'enterprise', enterprise: null, password: passwordOf('nobody') });
  story.proves('whoever belongs to an enterprise must name it', tenantless.status === 422, tenantless.text);
  const homeless = await admin.ask('POST', '/api/v1/users', { name: 'nobody', role: 'enterprise', enterprise: 'no-such', password: passwordOf('nobody') });
  story.proves('one of the site', homeless.status === 422, homeless.text);

  const open = {};
  for (const who of people) {
    const page = await visit(story, world);
    await signInBy(page, who.name);
    open[who.name] = page;
    const seen = await navigation(page);
    story.tells(`${who.role} sees ${seen.join(' ')}`);
    const watches = who.role !== 'regulator';
    story.proves(`${who.role}: ${watches ? 'overview and alarms' : 'neither overview nor alarms'}`, watched.every((path) => seen.includes(path) === watches), seen);
    story.proves(`${who.role}: no users${who.role === 'operator' ? '' : ', no configuration'}`, !seen.includes('/users') && (who.role === 'operator' || !seen.includes('/config')), seen);
    await page.evaluate(() => { location.hash = '#/users'; });
    await story.sees(`${who.role}: the address of the users leads home`, () => !page.url().endsWith('#/users'));
    const client = new Client(world.base);
    await client.signIn(who.name, passwordOf(who.name));
    for (const path of ['/api/v1/users', '/api/v1/audit']) {
      const answer = await client.ask('GET', path);
      story.proves(`${who.role}: ${path} is refused`, answer.status === 403, answer.text);
    }
    if (!watches) {
      for (const path of ['/api/v1/alarms', '/api/v1/points/gas-1.gas', '/api/v1/devices', '/api/v1/status', '/api/v1/config']) {
        const answer = await client.ask('GET', path);
        story.proves(`${who.role}: ${path} is refused`, answer.status === 403, answer.text);
      }
    }
  }

  const tiles = await open['wang-fang'].$$eval('a.tile', (all) => all.map((a) => a.getAttribute('href')));
  story.proves('the enterprise sees its own three workplaces', tiles.length === 3 && tiles.every((each) => /spray-booth|solvent-store|sewage-pit/.test(each)), tiles);

  const press = async (name, what) => {
    await row(name).getByRole('button', { name: new RegExp(`^${w(`users.${what}`)}`) }).click();
    await dialog.locator('button[type=submit]').click();
    await dialog.waitFor({ state: 'detached' });
  };
  const page = open['zhao-min'];
  await press('zhao-min', 'disable');
  await story.sees('who is disabled is out at once: the page asks to sign in', async () => (await page.locator('input[name=password]').count()) === 1, { within: 5000 });
  story.proves('and says why', (await page.innerText('main')).includes(w('signin.expired')));
  await page.fill('input[name=user]', 'zhao-min');
  await page.fill('input[name=password]', passwordOf('zhao-min'));
  await page.click('button[type=submit]');
  await page.waitForSelector('.error-box');
  story.proves('and he does not come in again', (await page.locator('.frame').count()) === 0, await page.innerText('main'));
  story.proves('the list says so', (await row('zhao-min').innerText()).includes(w('users.disabled')));
  await press('zhao-min', 'enable');
  await signInBy(page, 'zhao-min');
  story.proves('enabled again he does', true);
  await office.reload();
  await row('zhao-min').waitFor();
  await press('zhao-min', 'end');
  await story.sees('ending his sessions ends them at once', async () => (await page.locator('input[name=password]').count()) === 1, { within: 5000 });

  const last = await admin.ask('PATCH', '/api/v1/users/chen-jie', { disabled: true });
  story.proves('the last administrator cannot be shut out', last.status >= 400, last.text);
  await office.getByRole('tab', { name: w('users.audit') }).click();
  await story.sees('the log tells who did what to whom', async () => {
    const text = await office.innerText('table');
    return ['chen-jie', 'zhao-min', 'sun-bin'].every((name) => text.includes(name)) && text.includes(w('audit.sign_in'));
  });
  const codes = (await admin.get('/api/v1/audit?limit=200')).entries.map((e) => e.action);
  const silent = [...new Set(codes)].filter((code) => words.zh[`audit.${code}`] === undefined || words.en[`audit.${code}`] === undefined);
  story.proves('every action in words', silent.length === 0, silent);
}
