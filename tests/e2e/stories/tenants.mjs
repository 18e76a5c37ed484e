// An enterprise tries to see what belongs to another one: by the page's addresses, by the API, and in the live frames.
import { Client } from '../lib/client.mjs';
import { go, leave, visit } from '../lib/browser.mjs';
import { until } from '../lib/wait.mjs';
import { w } from '../lib/words.mjs';

/** What may stand in no byte: ids, names and places of the others. */
const foreign = ['huaxin', 'cutting-hall', 'polishing-line', 'boundary', 'dust-1', 'dust-2', 'noise-1', 'io-1', 'weather-1', 'voc-1',
  'hall-a', 'hall-b', 'serial-server', 'voc-station', 'hall-horn', '华信', '切割', '抛光', '园区管委会', '厂界', '总粉尘', '南区'];

export default async function tenants(story) {
  const world = story.demo;
  const operator = await world.as('operator');
  const mine = await world.as('enterprise:acme-coatings');
  const site = await operator.get('/api/v1/points');
  const own = new Set(site.workplaces.filter((place) => place.enterprise === 'acme-coatings').map((place) => place.id));
  const ownPoints = new Set(site.points.filter((p) => own.has(p.workplace)).map((p) => p.index));
  const ownDevices = new Set(site.devices.filter((d) => own.has(d.workplace)).map((d) => d.index));
  const theirs = await until('an alarm of somebody else', async () =>
    (await operator.get('/api/v1/alarms?state=all')).alarms.find((a) => a.enterprise === 'huaxin-stone'), { within: 60000 });
  const before = JSON.stringify((await operator.get(`/api/v1/alarms/${theirs.id}`)).history.filter((h) => h.by));
  story.proves('the operator sees it', theirs.workplace !== undefined);

  // The page: every address of what is another's, and all bytes that it got meanwhile.
  const page = await visit(story, world, { as: 'enterprise:acme-coatings', raw: true });
  await page.waitForSelector('a.tile');
  for (const hash of [`#/alarms/${theirs.id}`, '#/workplace/cutting-hall', '#/workplace/boundary', '#/point/dust-1.pm_a', '#/alarms?show=all&enterprise=huaxin-stone',
    '#/config', '#/users', '#/devices', '#/exposures?workplace=cutting-hall', '#/ledger',
    '#/assessments', '#/assessments?tab=posts', '#/assessments?workplace=cutting-hall&enterprise=huaxin-stone', '#/assessments/new', '#/statistics', '#/duties', '#/duties?enterprise=huaxin-stone', '#/reports']) {
    await go(page, hash);
    await page.waitForFunction(() => !document.querySelector('.loading'));
    const text = (await page.innerText('main')) + (await page.title());
    const found = foreign.find((word) => text.replaceAll(theirs.id, '').includes(word) && !hash.includes(word));
    story.proves(`${hash}: nothing of it is shown`, !found, found ?? '');
    if (hash.startsWith('#/alarms/')) story.proves('and it says that there is nothing, or nothing for him', text.includes(w('alarm.not_found')), text);
  }
  await until('ten frames', async () => (await Promise.all(page.received)).filter((each) => each.startsWith('frame')).length >= 10);
  const frames = (await Promise.all(page.received)).filter((each) => each.startsWith('frame')).map((each) => JSON.parse(each.slice(6)));
  story.proves('frames: no index of a foreign point', frames.every((f) => f.values.every(([i]) => ownPoints.has(i))));
  story.proves('frames: no time of a foreign device', frames.every((f) => f.times.every(([i]) => ownDevices.has(i))));
  story.proves('frames: no foreign alarm', frames.every((f) => f.alarms.every((a) => a.enterprise === 'acme-coatings')), frames.flatMap((f) => f.alarms).map((a) => a.enterprise));
  story.proves('frames: nothing of the gateway\'s own state', frames.every((f) => f.status === null || f.status === undefined));
  // Of the page's own files nothing: its dictionaries know words like "boundary".
  const bytes = (await Promise.all(page.received)).filter((each) => each.startsWith('frame') || each.includes('/api/'));
  for (const word of foreign) {
    const found = bytes.find((each) => each.slice(each.indexOf('\n')).includes(word));
    if (found) story.proves(`no byte says "${word}"`, false, found.slice(0, 400));
  }
  story.proves(`${bytes.length} answers and frames (${bytes.reduce((n, each) => n + each.length, 0)} bytes): no foreign id or name in any`, bytes.length > 10);
  await leave(page);

  // The API: what the operator gets, and what he gets who has no right to it.
  const from = new Date(Date.now() - 3600000).toISOString(), to = new Date().toISOString();
  const span = `from=${from}&to=${to}`;
  const tries = [
    ['GET', '/api/v1/points/dust-1.pm_a'], ['GET', `/api/v1/points/dust-1.pm_a/readings?${span}`],
    ['GET', `/api/v1/points/dust-1.pm_a/readings?${span}&format=csv`], ['GET', '/api/v1/alarms?enterprise=huaxin-stone'],
    ['GET', '/api/v1/alarms?state=all&workplace=cutting-hall'], ['GET', '/api/v1/alarms?state=all&point=dust-1.pm_a'],
    ['GET', `/api/v1/alarms/${theirs.id}`], ['GET', '/api/v1/exposures?workplace=cutting-hall'],
    ['GET', '/api/v1/exposures?enterprise=huaxin-stone'], ['GET', '/api/v1/exposures?point=dust-1.pm_a'],
    ['GET', '/api/v1/exceedances?enterprise=huaxin-stone'], ['GET', '/api/v1/gaps?workplace=cutting-hall'],
    ['GET', '/api/v1/devices/dust-1/registers?table=input&first=0&count=2'], ['GET', '/api/v1/config'], ['GET', '/api/v1/users'],
    ['GET', '/api/v1/assessments?enterprise=huaxin-stone'], ['GET', '/api/v1/assessments?workplace=cutting-hall'], ['GET', '/api/v1/posts?enterprise=huaxin-stone'],
    ['GET', '/api/v1/statistics?enterprise=huaxin-stone'], ['GET', '/api/v1/statistics/group?enterprise=huaxin-stone&group=cutting-hall&agent=dust:49:total'],
    ['GET', '/api/v1/statistics/plot?enterprise=huaxin-stone&group=cutting-hall&agent=dust:49:total'], ['GET', '/api/v1/duties?enterprise=huaxin-stone'],
    ['GET', '/api/v1/reports/huaxin-stone'], ['GET', '/api/v1/reports/huaxin-stone?format=csv'], ['GET', '/api/v1/reports'],
    ['GET', '/api/v1/audit'], ['GET', '/api/v1/status'], ['POST', '/api/v1/ledger/verify', { enterprise: 'huaxin-stone' }],
    ...['ack', 'confirm', 'dispose', 'shelve', 'unshelve', 'out_of_service', 'in_service', 'reset', 'comment'].map((action) =>
      ['POST', `/api/v1/alarms/${theirs.id}/${action}`, { note: 'mine now', ...(action === 'confirm' && { verdict: 'false_alarm' }), ...(action === 'shelve' && { minutes: 60 }) }]),
    ['POST', '/api/v1/points/dust-1.pm_a/out_of_service', { note: 'off' }], ['POST', '/api/v1/points/dust-1.pm_a/comment', { note: 'seen' }],
    ['POST', '/api/v1/users', { name: 'mallory', role: 'admin', enterprise: null, password: 'a long enough password' }],
    ['PATCH', '/api/v1/users/li-wei', { disabled: true }],
    // ways around: another spelling, a parameter twice, a path that climbs
    ['GET', '/api/v1/points/dust-1%2Epm_a'], ['GET', '/api/v1/points/gas-1.gas/../dust-1.pm_a'], ['GET', '/api/v1/points/gas-1.gas%2F..%2Fdust-1.pm_a'],
    ['GET', '/api/v1/alarms?enterprise=acme-coatings&enterprise=huaxin-stone'], ['GET', '/api/v1/exposures?enterprise=acme-coatings&workplace=cutting-hall'],
  ];
  for (const [method, path, body] of tries) {
    const answer = await mine.ask(method, path, body);
    const shown = foreign.find((word) => answer.text.includes(word));
    story.proves(`${method} ${path.replace(span, '…')}: ${answer.status}`, answer.status >= 400 && answer.status < 500 && !shown, `${answer.status} ${answer.text.slice(0, 300)}`);
  }
  for (const path of ['/api/v1/alarms?state=all&limit=1000', '/api/v1/overview', '/api/v1/points', '/api/v1/devices', '/api/v1/exposures', '/api/v1/exceedances', '/api/v1/ledger', `/api/v1/gaps?${span}`, '/api/v1/assessments', '/api/v1/posts',
    '/api/v1/statistics', '/api/v1/duties', '/api/v1/reports/acme-coatings?format=csv']) {
    const answer = await mine.ask('GET', path);
    const shown = foreign.find((word) => answer.text.includes(word));
    story.proves(`GET ${path.replace(span, '…')}: his own only`, answer.status === 200 && !shown, `${answer.status} ${shown}: ${answer.text.slice(Math.max(0, answer.text.indexOf(shown) - 100), answer.text.indexOf(shown) + 200)}`);
  }
  const verified = await mine.ask('POST', '/api/v1/ledger/verify', {});
  story.proves('his check of the ledger names no other chain', verified.status === 200 && !foreign.some((word) => verified.text.includes(word)), verified.text);
  // What is another's and what is not there answer alike: not even that it exists is told.
  for (const [there, nowhere] of [['/api/v1/points/dust-1.pm_a', '/api/v1/points/no-such.point'], [`/api/v1/alarms/${theirs.id}`, '/api/v1/alarms/gw-01-999999'],
    ['/api/v1/exposures?workplace=cutting-hall', '/api/v1/exposures?workplace=nowhere'], ['/api/v1/exceedances?enterprise=huaxin-stone', '/api/v1/exceedances?enterprise=nobody']]) {
    const [one, two] = [await mine.ask('GET', there), await mine.ask('GET', nowhere)];
    story.proves(`${there}: as if it were not there`, one.status === two.status && one.text === two.text, `${one.text} / ${two.text}`);
  }
  const after = JSON.stringify((await operator.get(`/api/v1/alarms/${theirs.id}`)).history.filter((h) => h.by));
  story.proves('nothing of it has touched the alarm', !after.includes('of-acme-coatings') && after.length >= before.length, after);

  // The live line: not without a session, and not from another site.
  const upgrade = { Connection: 'Upgrade', Upgrade: 'websocket', 'Sec-WebSocket-Version': '13', 'Sec-WebSocket-Key': 'dGhlIHNhbXBsZSBub25jZQ==' };
  const stranger = await new Client(world.base).ask('GET', '/api/v1/live', undefined, { ...upgrade, Origin: world.base });
  story.proves('the live line is closed to strangers', stranger.status === 401, stranger.text);
  const elsewhere = await mine.ask('GET', '/api/v1/live', undefined, { ...upgrade, Origin: 'http://evil.example' });
  story.proves('and to other sites', elsewhere.status === 403, elsewhere.text);
  const regulator = await (await world.as('regulator')).ask('GET', '/api/v1/live', undefined, { ...upgrade, Origin: world.base });
  story.proves('and to the regulator', regulator.status === 403, regulator.text);
  const forged = await mine.ask('POST', `/api/v1/alarms/${theirs.id}/ack`, {}, { 'X-CSRF-Token': 'guessed' });
  story.proves('without the page\'s token nothing is done', forged.status === 403 && forged.json.code === 'csrf', forged.text);
}
