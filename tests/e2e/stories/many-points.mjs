// A whole park: 5,000 points at 50 workplaces. The page stays usable, and what changes arrives.
import { mkdirSync, writeFileSync } from 'node:fs';
import { go, visit } from '../lib/browser.mjs';
import { build, root } from '../lib/modules.mjs';
import { until } from '../lib/wait.mjs';

const devices = 50, measures = 100;

function profile() {
  const head = 'profile = "wide"\nmaker = "generic"\nmodel = "100 measures"\nmanual = "made for this test"\nmax_registers = 120\n';
  return head + Array.from({ length: measures }, (_, i) =>
    `\n[[measure]]\nid = "m${i}"\nregister = "input ${i * 2}"\ntype = "float32"\nword_order = "ABCD"\nunit = "mg/m3"\nagent = "none"\nmin = 0\n`).join('');
}

function configuration(text) {
  const part = (from, to) => text.slice(text.indexOf(from), to ? text.indexOf(to) : undefined);
  const enterprises = 10;
  let made = part('[gateway]', '# --- where');
  for (let i = 0; i < 4; ++i) made += `\n[[area]]\nid = "area-${i}"\nname = "第 ${i + 1} 片区"\n`;
  for (let i = 0; i < enterprises; ++i) made += `\n[[enterprise]]\nid = "enterprise-${i}"\nname = "第 ${i + 1} 企业"\narea = "area-${i % 4}"\n`;
  made += '\n[[shift]]\nid = "day"\n';
  for (let i = 0; i < devices; ++i) made += `\n[[workplace]]\nid = "place-${i}"\nname = "第 ${i + 1} 车间"\nenterprise = "enterprise-${i % enterprises}"\nshift = "day"\n`;
  made += '\n[[bus]]\nid = "wide"\ntransport = "tcp"\nhost = "127.0.0.1"\nport = 15020\ntimeout = "2s"\nmax_in_flight = 4\n';
  for (let i = 0; i < devices; ++i) made += `\n[[device]]\nid = "d${i}"\nbus = "wide"\nunit = ${i + 1}\nprofile = "wide"\nperiod = "2s"\nworkplace = "place-${i}"\n`;
  for (let i = 0; i < devices; ++i) made += `\n[[limit]]\npoint = "d${i}.m0"\nlevel = "exceed"\nvalue = 5\nunit = "mg/m3"\non_delay = "0s"\noff_delay = "2s"\n`;
  return `${made}\n[mqtt]\nurl = "mqtt://127.0.0.1:18830"\n\n[http]\nlisten = "127.0.0.1:18080"\n`;
}

export default async function manyPoints(story) {
  const data = `${build}/worlds/many-points-data`;
  mkdirSync(data, { recursive: true });
  writeFileSync(`${data}/saw.csv`, `v\n${Array.from({ length: 60 }, (_, i) => (i % 10) * 0.7 + i / 100).join('\n')}\n`);
  let play = '';
  for (let i = 0; i < devices; ++i) for (let m = 0; m < measures; m += 4) {
    play += `[[play]]\npoint = "d${i}.m${m}"\nfile = "saw.csv"\ncolumn = "v"\ninterval = "2s"\nstart = "${(i * 7 + m) % 60}s"\n\n`;
  }
  writeFileSync(`${data}/simulation.toml`, play);
  const world = story.world('many-points', { configuration, data, buses: false });
  await world.prepare();
  // A profile of this world's own beside the others.
  const { rmSync, symlinkSync, readdirSync } = await import('node:fs');
  rmSync(`${world.folder}/config/profiles`);
  mkdirSync(`${world.folder}/config/profiles`);
  for (const file of readdirSync(`${root}/config/profiles`)) symlinkSync(`${root}/config/profiles/${file}`, `${world.folder}/config/profiles/${file}`);
  writeFileSync(`${world.folder}/config/profiles/wide.toml`, profile());
  await world.startBroker();
  await world.startSimulator();
  await world.startGateway();
  const client = await world.admin();
  const site = await client.ask('GET', '/api/v1/points');
  story.proves(`${site.json.points.length} points at ${site.json.workplaces.length} workplaces (${(site.text.length / 1e6).toFixed(1)} MB of names)`, site.json.points.length === devices * measures);
  await until('all devices were read', async () => (await client.get('/api/v1/devices')).devices.every((d) => d.answering), { within: 30000 });

  const page = await visit(story, world, { as: 'admin', raw: false, open: false });
  const frames = [];
  page.on('websocket', (socket) => socket.on('framereceived', ({ payload }) => frames.push(JSON.parse(payload))));
  const begun = Date.now();
  await page.goto('/#/overview');
  await page.waitForSelector('a.tile');
  await page.waitForFunction((n) => document.querySelectorAll('a.tile').length === n, devices);
  const took = Date.now() - begun;
  story.proves(`all ${devices} tiles after ${(took / 1000).toFixed(1)} s`, took < 10000, took);
  await page.evaluate(() => {
    window.longest = 0;
    window.busy = 0;
    new PerformanceObserver((list) => {
      for (const task of list.getEntries()) {
        window.longest = Math.max(window.longest, task.duration);
        window.busy += task.duration;
      }
    }).observe({ entryTypes: ['longtask'] });
  });
  const from = frames.length, at = Date.now();
  await until('eight frames', () => frames.length >= from + 8);
  const deltas = frames.slice(from).filter((f) => f.type === 'delta');
  const values = deltas.reduce((n, f) => n + f.values.length, 0);
  story.proves(`${deltas.length} frames in ${((Date.now() - at) / 1000).toFixed(1)} s with ${values} new values`, values > 500 && deltas.every((f, i) => i === 0 || f.seq === deltas[i - 1].seq + 1), values);
  for (const hash of ['#/alarms', '#/workplace/place-7', '#/overview']) {
    const clicked = Date.now();
    await go(page, hash);
    await page.waitForFunction((h) => location.hash === h && !document.querySelector('.loading'), hash);
    const opened = Date.now() - clicked;
    story.proves(`${hash} opens in ${opened} ms`, opened < 3000);
    const count = frames.length;
    await until('two frames more', () => frames.length >= count + 2);
    if (hash.startsWith('#/workplace')) {
      const rows = await page.locator('.point-row').count();
      story.proves(`of its 100 points only those on the screen are there (${rows})`, rows < 80);
    }
  }
  const tasks = await page.evaluate(() => ({ longest: window.longest, busy: window.busy }));
  story.proves(`its longest task took ${Math.round(tasks.longest)} ms`, tasks.longest < 1000, tasks);
}
