// A laboratory's file: one wrong line and nothing is stored, mended and it is; one result is corrected, and the report
// has the corrected figure. Who belongs to another enterprise sees none of it.
import { go, leave, visit } from '../lib/browser.mjs';
import { Client } from '../lib/client.mjs';
import { until } from '../lib/wait.mjs';
import { w } from '../lib/words.mjs';

const number = `AP-${Date.now()}`;
/** Local to the site; sampled today, so that it lies in this month. */
const today = new Date(Date.now() + 8 * 3600000).toISOString().slice(0, 10);
const head = '报告编号,检测机构,岗位,危害因素,采样日期,采样方式,采样对象,检测方法,开始时间,结束时间,检测结果,单位';
const row = (subject, start, end, result) => `${number},安平检测,溶剂库,cas:71-43-2,${today},个体,${subject},GBZ/T 300.66-2017,${start},${end},${result},mg/m3`;
const csv = (third) => ({
  name: 'solvent-store.csv', mimeType: 'text/csv',
  buffer: Buffer.from(`\ufeff${[head, row('张三', '08:00', '12:00', '1.20'), row('张三', '13:00', '17:00', '<0.30'), row('李四', '08:00', '16:00', third)].join('\r\n')}\r\n`),
});
const pdf = { name: 'report.pdf', mimeType: 'application/pdf', buffer: Buffer.from(`%PDF-1.4\n% ${number}\n1 0 obj << /Type /Catalog >> endobj\ntrailer << /Root 1 0 R >>\n%%EOF\n`) };

export default async function assessments(story) {
  const world = story.demo;
  const mine = await world.as('enterprise:acme-coatings');
  const stored = async () => (await mine.get('/api/v1/assessments')).assessments.filter((a) => a.report_no === number);
  const page = await visit(story, world, { as: 'enterprise:acme-coatings', hash: '#/assessments' });

  // The import.
  await page.locator('a[href="#/assessments/import"]').click();
  await page.setInputFiles('input[name=file]', csv('1.5O'));
  await page.waitForSelector('.import-problems');
  const wrong = await page.innerText('.import-problems tbody');
  story.proves('the wrong line is named, with its column and the reason', /^\s*4\s/.test(wrong) && wrong.includes(w('record.sample.result')) && wrong.length > 15, wrong);
  story.proves('all cannot be stored', await page.locator('.import-result .primary').isDisabled());
  story.proves('nothing is stored', (await stored()).length === 0, await stored());
  await page.setInputFiles('input[name=file]', csv('1.50'));
  await page.waitForSelector('.import-result .primary:not(:disabled)');
  story.proves('mended: no problem is left, and each record is judged before it is stored', (await page.locator('.import-problems').count()) === 0
    && (await page.locator('.import-result tbody .level').count()) === 2 && (await stored()).length === 0, await page.innerText('.import-result'));
  await page.locator('.import-result .primary').click();
  await story.sees('stored', async () => (await page.innerText('.import-result')).includes(w('import.done', { n: 2, file: csv('').name })));
  const list = await stored();
  story.proves('two assessments of three rows', list.length === 2 && list.flatMap((a) => a.samples).length === 3, list);
  const one = list.find((a) => a.subject === '张三');
  await page.locator('.import-result a.primary').click();
  await page.locator(`a[href="#/assessments/${one.id}"]`).click();
  await page.waitForSelector('.judgement');
  const judged = await page.innerText('.judgement');
  story.proves('its judgement: verdict, figure, limit and clause', judged.includes(w(`verdict.${one.judgement.verdict}`)) && judged.includes('C_TWA') && judged.includes('PC-TWA') && judged.includes('GBZ 2.1-2019'), judged);

  // The correction.
  await page.locator(`a[href="#/assessments/${one.id}/correct"]`).click();
  await page.fill('[name="samples[0].result"]', 'a lot');
  await page.getByRole('button', { name: w('record.check') }).click();
  await page.waitForSelector('.sample .field.wrong .error');
  // The focus comes after the message is painted.
  await story.sees('what is no result is told beside its cell, and that has the focus', async () => (await page.getAttribute('.sample .field.wrong input', 'name')) === 'samples[0].result'
    && await page.evaluate(() => document.activeElement.name === 'samples[0].result'));
  await page.fill('[name="samples[0].result"]', '1.02');
  story.proves('what changes is said before', /1\.20.*1\.02/s.test(await page.innerText('.differences')), await page.innerText('.differences'));
  await page.locator('.form-foot .primary').click();
  await page.waitForSelector('.error-box');
  story.proves('without a reason nothing is corrected', (await page.innerText('.error-box')).includes(w('record.need_why')) && (await stored()).every((a) => a.version === 1), await page.innerText('.error-box'));
  await page.setInputFiles('input[name=attachment]', pdf);
  await page.waitForSelector('.attachments li');
  const why = '抄录错误，报告原件为 1.02';
  await page.locator('.record-form textarea').last().fill(why);
  await page.getByRole('button', { name: w('record.check') }).click();
  await page.waitForSelector('.checked');
  await page.click('header button:has-text("English")');
  await page.waitForSelector('.record-form');
  story.proves('another language loses nothing of it', (await page.inputValue('[name="samples[0].result"]')) === '1.02' && (await page.locator('.attachments li').count()) === 1);
  await page.click('header button:has-text("中文")');
  await page.locator('.form-foot .primary').click();
  await page.waitForSelector('.versions');
  const versions = await page.innerText('.versions');
  story.proves('both versions are there, with who, why and what', versions.includes(w('record.version_n', { n: 2 })) && versions.includes(w('record.version_n', { n: 1 })) && versions.includes(why)
    && versions.includes(mine.user) && /1\.20.*1\.02/s.test(versions) && versions.includes(csv('').name), versions);
  const { assessment: now, versions: kept } = await mine.get(`/api/v1/assessments/${one.id}`);
  story.proves('and in the store', kept.length === 2 && kept[0].samples[0].result === '1.20' && now.samples[0].result === '1.02' && now.attachments.length === 1, kept.map((v) => v.samples));
  const stale = await mine.ask('POST', `/api/v1/assessments/${one.id}/withdraw`, { version: 1, why: 'of what has changed since' });
  story.proves('who has seen an older version changes nothing', stale.status === 409, stale.text);

  // The report.
  const figure = now.judgement.lines.find((line) => line.limit === 'PC-TWA').reported;
  await go(page, '#/reports');
  const [report] = await Promise.all([page.context().waitForEvent('page'), page.locator('a[target=_blank]').first().click()]);
  await report.waitForLoadState();
  const text = await until('the report', async () => (await report.innerText('body')) || null);
  story.proves(`the report has it with the corrected figure ${figure}`, text.includes('张三') && text.includes(figure), text.slice(0, 1500));
  await report.close();

  // Somebody else.
  const theirs = await world.as('enterprise:huaxin-stone');
  const secret = (answer) => [number, '张三', '溶剂库', 'solvent-store', why].some((word) => answer.text.includes(word));
  for (const path of ['/api/v1/assessments', '/api/v1/assessments?withdrawn=true', '/api/v1/assessments?format=csv', '/api/v1/posts', '/api/v1/statistics', '/api/v1/duties', `/api/v1/reports/huaxin-stone?from=${today}&to=${today}&format=csv`]) {
    const answer = await theirs.ask('GET', path);
    story.proves(`another enterprise, ${path}: nothing of it`, answer.status === 200 && !secret(answer), `${answer.status} ${answer.text.slice(0, 300)}`);
  }
  const hash = now.attachments[0].hash;
  for (const [there, nowhere] of [[`/api/v1/assessments/${one.id}`, '/api/v1/assessments/999999'], [`/api/v1/attachments/${hash}`, `/api/v1/attachments/${hash.split('').reverse().join('')}`],
    ['/api/v1/posts?enterprise=acme-coatings', '/api/v1/posts?enterprise=nobody'], ['/api/v1/statistics?enterprise=acme-coatings', '/api/v1/statistics?enterprise=nobody'],
    ['/api/v1/reports/acme-coatings', '/api/v1/reports/nobody']]) {
    const [a, b] = [await theirs.ask('GET', there), await theirs.ask('GET', nowhere)];
    story.proves(`${there.replace(hash, '…')}: as if it were not there`, a.status >= 400 && a.status < 500 && a.status === b.status && a.text === b.text, `${a.text.slice(0, 200)} / ${b.text.slice(0, 200)}`);
  }
  const group = await theirs.ask('GET', '/api/v1/statistics/group?enterprise=acme-coatings&group=solvent-store&agent=cas:71-43-2');
  story.proves('nor its statistics', group.status >= 400 && group.status < 500 && !secret(group), group.text);
  for (const [path, body] of [['withdraw', { version: 2, why: 'mine now' }], ['', { ...now, why: 'mine now' }]]) {
    const answer = await theirs.ask(path ? 'POST' : 'PUT', `/api/v1/assessments/${one.id}${path && `/${path}`}`, body);
    story.proves(`nor does it ${path || 'correct'} it`, answer.status >= 400 && answer.status < 500 && !secret(answer), answer.text);
  }
  const foreign = await theirs.ask('POST', '/api/v1/assessments', { workplace: 'solvent-store', agent: 'cas:71-43-2', date: today, subject_kind: 'person', subject: 'x', laboratory: 'x', method: 'x', report_no: `${number}-x`, samples: [{ start: '08:00', end: '16:00', result: '1' }] });
  story.proves('nor enter anything there', foreign.status >= 400 && foreign.status < 500 && (await stored()).length === 2, foreign.text);
  const device = await mine.ask('POST', '/api/v1/duties', { kind: 'calibration', device: 'dust-1', date: today });
  story.proves('no more than this one can say that their instrument is calibrated', device.status >= 400 && device.status < 500, device.text);
  const other = await visit(story, world, { as: 'enterprise:huaxin-stone', hash: `#/assessments/${one.id}` });
  await other.waitForSelector('.error-box');
  story.proves('its page says that there is none', (await other.innerText('main')).includes(w('record.not_found')), await other.innerText('main'));
  await leave(other);
  const stranger = await new Client(world.base).ask('GET', `/api/v1/assessments/${one.id}`);
  story.proves('a stranger is asked who he is', stranger.status === 401, stranger.text);

  // Withdrawn: it stays, and counts no more.
  await go(page, `#/assessments/${list.find((a) => a.subject === '李四').id}`);
  await page.getByRole('button', { name: w('record.withdraw') }).click();
  await page.locator('dialog[open] textarea').fill('采样泵流量未校准');
  await page.locator('dialog[open] button[type=submit]').click();
  await page.waitForSelector('.withdrawn-line');
  story.proves('withdrawn with a reason: the page says so', (await page.innerText('.versions')).includes(w('record.withdrawn')));
  story.proves('the list leaves it out, unless asked for', (await stored()).length === 1 && (await mine.get('/api/v1/assessments?withdrawn=true')).assessments.filter((a) => a.report_no === number).length === 2);
}
