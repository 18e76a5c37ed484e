// The administrator lets others in; each sees what his role may, and who is shut out is out at once.
import { navigation, signInBy, visit } from '../lib/browser.mjs';
import { Client } from '../lib/client.mjs';
import { passwordOf } from '../lib/world.mjs';
import { w } from '../lib/words.mjs';

const people = [
  { name: 'zhao-min', role: 'operator', enterprise: null },
  { name: 'wang-fang', role: 'enterprise', enterprise: 'acme-coatings' },
  { name: 'sun-bin', role: 'regulator', enterprise: null },
];
const watched = ['/overview', '/alarms'];

export default async function users(story) {
  const world = story.demo;
  const admin = await world.admin();
  for (const who of people) {
    const made = await admin.post('/api/v1/users', { ...who, password: passwordOf(who.name) });
    story.proves(`${who.name} is ${w(`role.${who.role}`, {}, 'en')}`, made.role === who.role && made.enterprise === who.enterprise, made);
  }
  const twice = await admin.ask('POST', '/api/v1/users', { ...people[0], password: passwordOf('zhao-min') });
  story.proves('a name is given once', twice.status === 409 || twice.status === 422, twice.text);
  const tenantless = await admin.ask('POST', '/api/v1/users', { name: 'nobody', role: 'enterprise', enterprise: null, password: passwordOf('nobody') });
  story.proves('whoever belongs to an enterprise must name it', tenantless.status === 422, tenantless.text);

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

  await admin.must('PATCH', '/api/v1/users/zhao-min', { disabled: true });
  const page = open['zhao-min'];
  await story.sees('who is disabled is out at once: the page asks to sign in', async () => (await page.locator('input[name=password]').count()) === 1, { within: 5000 });
  story.proves('and says why', (await page.innerText('main')).includes(w('signin.expired')));
  await page.fill('input[name=user]', 'zhao-min');
  await page.fill('input[name=password]', passwordOf('zhao-min'));
  await page.click('button[type=submit]');
  await page.waitForSelector('.error-box');
  story.proves('and he does not come in again', (await page.locator('.frame').count()) === 0, await page.innerText('main'));
  await admin.must('PATCH', '/api/v1/users/zhao-min', { disabled: false });
  await signInBy(page, 'zhao-min');
  story.proves('enabled again he does', true);
  await admin.must('DELETE', '/api/v1/users/zhao-min/sessions');
  await story.sees('ending his sessions ends them at once', async () => (await page.locator('input[name=password]').count()) === 1, { within: 5000 });

  const last = await admin.ask('PATCH', '/api/v1/users/chen-jie', { disabled: true });
  story.proves('the last administrator cannot be shut out', last.status >= 400, last.text);
  const entries = (await admin.get('/api/v1/audit?limit=200')).entries;
  story.proves('the audit has who did what to whom', entries.some((e) => e.user === 'chen-jie' && JSON.stringify(e).includes('zhao-min')) && entries.some((e) => e.action === 'sign_in' && e.user === 'sun-bin'),
    entries.slice(0, 6));
}
