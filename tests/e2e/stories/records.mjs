// What the results say as a whole: statistics, posts, duties and reports, as operator, and what a regulator may do.
import { readFileSync } from 'node:fs';
import { go, leave, visit } from '../lib/browser.mjs';
import { w } from '../lib/words.mjs';

const day = (back) => new Date(Date.now() + 8 * 3600000 - back * 86400000).toISOString().slice(0, 10);
const group = '打磨工 SEG';
const results = ['1.1', '2.3', '0.8', '1.6', '<0.5', '1.9'];

async function download(page, button) {
  const [file] = await Promise.all([page.waitForEvent('download'), button.click()]);
  return { name: file.suggestedFilename(), bytes: readFileSync(await file.path()) };
}

export default async function records(story) {
  const world = story.demo;
  const client = await world.as('operator');
  for (const [i, result] of results.entries()) {
    await client.post('/api/v1/assessments', {
      workplace: 'cutting-hall', agent: 'dust:49:total', date: day(i * 9), report_no: `HX-${Date.now()}-${i}`, laboratory: '安平检测', method: 'GBZ/T 192.1-2007', subject_kind: 'person',
      subject: `打磨工 ${i + 1}`, group, shift_hours: 8, days_per_week: 5, samples: [{ start: '08:00', end: '16:00', result, unit: 'mg/m3', volume_l: 960 }],
    });
  }
  // 501 is what a gateway without WeasyPrint answers.
  const page = await visit(story, world, { as: 'operator', hash: '#/statistics', allow: [/status of 501/] });

  // Statistics.
  await page.locator('main table tr', { hasText: group }).filter({ hasText: w('statistics.source.laboratory') }).locator('a').click();
  await page.waitForSelector('.sentence-text');
  story.proves('statistics: the sentence first', (await page.innerText('.sentence-text')).length > 10);
  const figures = await page.innerText('table.figures');
  story.proves('figures with confidence intervals', /–/.test(figures) && (await page.locator('table.figures tbody tr').count()) >= 4 && !/undefined|NaN/.test(figures), figures);
  story.proves('an outcome of EN 689', (await page.locator('.tests .level').count()) > 0 && (await page.innerText('.tests')).includes('EN 689'));
  await story.sees('the plot is drawn, and has words', () => page.$eval('.plot-image', (image) => image.complete && image.naturalWidth > 100 && image.alt.length > 20));
  story.proves('every result leads to its record', (await page.locator('main a[href^="#/assessments/"]').count()) === results.length);
  for (const name of ['Expostats', 'IHSTAT', 'EN 689']) {
    const file = await download(page, page.getByRole('button', { name, exact: true }));
    story.proves(`${name}: ${file.name} has its ${results.length} results`, file.bytes.length > 20, file.bytes.toString());
  }
  await page.getByRole('button', { name: w('statistics.source.online'), exact: true }).click();
  await story.sees('of the instruments there are figures too, or it says why not', async () => /source=online/.test(page.url()) && (await page.locator('.loading').count()) === 0
    && (await page.locator('.sentence-text, .error-box').count()) > 0);

  // By post.
  await go(page, '#/assessments?tab=posts&enterprise=huaxin-stone');
  await page.waitForSelector('table.posts');
  const posts = await page.locator('table.posts > tbody > tr', { hasText: '切割车间' }).first().innerText();
  const told = (await client.get('/api/v1/posts?enterprise=huaxin-stone')).posts.find((p) => p.workplace === 'cutting-hall' && p.agent === 'dust:49:total');
  story.proves('by post: the highest result and its verdict', told.results >= results.length && posts.includes(w(`verdict.${told.verdict}`)) && posts.includes(told.highest.zh), posts);
  story.proves('with the pass rate', /%/.test(await page.innerText('.rate-line')) || told.verdict === 'no_limit', await page.innerText('.rate-line'));

  // The list: filtered, exported, and the template.
  await go(page, `#/assessments?enterprise=huaxin-stone&agent=dust:49:total&from=${day(60)}&to=${day(0)}`);
  await page.waitForSelector('table.assessments');
  story.proves('the list, filtered', (await page.locator('table.assessments tbody tr').count()) >= results.length);
  const exported = await download(page, page.getByRole('group', { name: w('record.export') }).getByRole('button', { name: 'CSV' }));
  story.proves(`its CSV ${exported.name} is as an import has it`, exported.bytes.toString().includes('<0.5') && exported.bytes.toString().includes(group), exported.bytes.toString().slice(0, 300));
  const template = await download(page, page.getByRole('group', { name: w('record.template') }).getByRole('button', { name: 'XLSX' }));
  story.proves(`the template ${template.name}`, template.bytes.subarray(0, 2).toString() === 'PK');

  // Duties.
  const { duties } = await client.get('/api/v1/duties');
  await go(page, '#/duties');
  await page.waitForSelector('table.duties');
  story.proves(`${duties.length} duties, the most urgent first`, (await page.locator('table.duties tbody tr').count()) === duties.length);
  const calibration = duties.find((d) => d.kind === 'calibration');
  const row = page.locator('table.duties tbody tr', { hasText: calibration.name.zh }).filter({ hasText: calibration.device ?? '' }).first();
  await row.getByRole('button').click();
  await page.locator('dialog[open] input[name=date]').fill(day(1));
  await page.locator('dialog[open] textarea').fill('证书 JZ-1');
  await page.locator('dialog[open] button[type=submit]').click();
  await page.waitForSelector('dialog[open]', { state: 'detached' });
  await story.sees('a calibration that was done is entered', async () => {
    const now = (await client.get('/api/v1/duties')).duties.find((d) => d.id === calibration.id);
    return now.last === day(1) && (await page.innerText('table.duties')).includes(day(1));
  });
  const overdue = (await client.get('/api/v1/duties')).duties.filter((d) => d.state === 'overdue').length;
  await go(page, '#/overview');
  await page.waitForSelector('a.tile');
  story.proves(`the overview tells of what is overdue: ${overdue}`, (await page.locator('.overdue-line').count()) === (overdue ? 1 : 0) && (!overdue || (await page.innerText('.overdue-line')).includes(w('duties.overdue_n', { n: overdue }))));

  // Reports.
  await go(page, '#/reports');
  await page.locator('select[name=enterprise]').selectOption('huaxin-stone');
  await page.getByRole('button', { name: w('reports.kind.quarter'), exact: true }).click();
  const card = page.locator('.card', { has: page.locator('select[name=enterprise]') });
  for (const [format, mark] of [['XLSX', 'PK'], ['CSV', '']]) {
    const file = await download(page, card.getByRole('button', { name: w('reports.save', { format }) }));
    story.proves(`a report as ${format}: ${file.name}, ${file.bytes.length} bytes`, file.bytes.length > 500 && file.bytes.subarray(0, mark.length).toString() === mark);
  }
  // Printing gives way to all other work of the machine, and this one has a lot.
  const patience = { timeout: 180000 };
  const saved = page.waitForEvent('download', patience).then(async (file) => readFileSync(await file.path()), () => null);
  await card.getByRole('button', { name: w('reports.save', { format: 'PDF' }) }).click();
  const made = await Promise.race([saved, card.locator('.error-box').waitFor(patience).then(() => null, () => null)]);
  if (made) story.proves('as PDF', made.subarray(0, 5).toString() === '%PDF-');
  else story.proves('no PDF here, and that is said', (await card.locator('.error-box').innerText()).includes('WeasyPrint'), await card.innerText());
  const park = await client.ask('GET', await page.locator('a[target=_blank]').last().getAttribute('href'));
  story.proves('the report of the park', park.status === 200 && /text\/html/.test(park.headers['content-type']) && park.text.includes('华信石材'), park.text.slice(0, 300));
  await leave(page);

  // A regulator reads, and changes nothing.
  const bureau = await world.as('regulator');
  const eyes = await visit(story, world, { as: 'regulator', hash: '#/assessments' });
  await eyes.waitForSelector('table.assessments');
  story.proves('a regulator sees the list, without a way to enter or import', (await eyes.locator('a[href="#/assessments/new"], a[href="#/assessments/import"]').count()) === 0);
  await eyes.locator('table.assessments tbody a').first().click();
  await eyes.waitForSelector('.judgement');
  story.proves('a record, without a way to correct or withdraw it', (await eyes.locator('a[href$="/correct"]').count()) === 0 && (await eyes.getByRole('button', { name: w('record.withdraw') }).count()) === 0);
  await go(eyes, '#/duties');
  await eyes.waitForSelector('table.duties');
  story.proves('the duties, without a way to enter one', (await eyes.locator('table.duties button, table.duties a.button').count()) === 0);
  for (const [method, path, body] of [['POST', '/api/v1/assessments', {}], ['POST', '/api/v1/assessments/1/withdraw', { version: 1, why: 'x' }], ['POST', '/api/v1/duties', { kind: 'calibration' }], ['GET', '/api/v1/reports?format=html']]) {
    const answer = await bureau.ask(method, path, body);
    story.proves(`${method} ${path}: refused`, answer.status === 403, answer.text);
  }
}
