// The report of an enterprise for a period, as it is shown at an inspection; and of the whole park.
import { html, useState } from '../lib/html.js';
import { query as withQuery } from '../lib/api.js';
import { isDate, monthOf, quarterOf, today, yearOf } from '../lib/dates.js';
import { language, t } from '../lib/i18n.js';
import { useSaving } from '../lib/recordparts.js';
import { part } from '../lib/router.js';
import { hasRole, session } from '../lib/session.js';
import { useSite } from '../lib/site.js';
import { ErrorBox, Field, Icon, Screen } from '../lib/ui.js';

const kinds = ['month', 'quarter', 'year', 'free'];
const formats = ['pdf', 'xlsx', 'csv'];
const contents = ['places', 'exposures', 'exceedances', 'assessments', 'posts', 'gaps', 'alarms', 'ledger'];
const ofPark = ['rates', 'alarms', 'coverage', 'months'];

/** {kind, year, part, from, to}: this month, to begin with. */
function begin() {
  const now = today();
  return { kind: 'month', year: now.slice(0, 4), month: String(Number(now.slice(5, 7))), quarter: String(Math.ceil(Number(now.slice(5, 7)) / 3)), from: `${now.slice(0, 7)}-01`, to: now };
}

function spanOf(form) {
  const year = Number(form.year);
  if (form.kind === 'free') return isDate(form.from) && isDate(form.to) && form.from <= form.to ? { from: form.from, to: form.to } : null;
  if (!(year >= 2000 && year <= 2100)) return null;
  return { month: () => monthOf(year, Number(form.month)), quarter: () => quarterOf(year, Number(form.quarter)), year: () => yearOf(year) }[form.kind]();
}

function Period({ form, set }) {
  const number = (name, from, to, words) => html`<${Field} label=${t(`reports.${name}`)}>${(about) => html`<select ...${about} name=${name} value=${form[name]} onChange=${(e) => set({ [name]: e.target.value })}>
    ${Array.from({ length: to - from + 1 }, (_, i) => String(from + i)).map((n) => html`<option key=${n} value=${n} selected=${n === form[name]}>${words(n)}</option>`)}</select>`}<//>`;
  const thisYear = Number(today().slice(0, 4));
  return html`<fieldset><legend>${t('reports.period')}</legend>
    <div class="segments" role="group" aria-label=${t('reports.period')}>${kinds.map((kind) => html`<button type="button" key=${kind} aria-pressed=${kind === form.kind ? 'true' : 'false'} onClick=${() => set({ kind })}>${t(`reports.kind.${kind}`)}</button>`)}</div>
    <div class="form-grid">
      ${form.kind !== 'free' && number('year', Math.min(thisYear - 9, Number(form.year)), thisYear, (n) => n)}
      ${form.kind === 'month' && number('month', 1, 12, (n) => t('reports.month_n', { n }))}
      ${form.kind === 'quarter' && number('quarter', 1, 4, (n) => t('reports.quarter_n', { n }))}
      ${form.kind === 'free' && ['from', 'to'].map((name) => html`<${Field} key=${name} label=${t(`trend.${name}`)}>${(about) => html`<input ...${about} type="date" name=${name} value=${form[name]} onInput=${(e) => set({ [name]: e.target.value })} />`}<//>`)}
    </div></fieldset>`;
}

/** Opens as a page of its own, or is saved; a PDF takes a while. */
function Outputs({ path, values, span, name }) {
  const saving = useSaving();
  const from = (format) => withQuery(path, { ...span, format, language: values.language });
  const busy = formats.find((format) => saving.busy === from(format));
  if (!span) return html`<p class="error" role="alert">${t('record.bad_range')}</p>`;
  return html`<div>
    <p class="period-line">${t('reports.of', { name, ...span })}</p>
    <div class="actions"><a class="button primary" href=${from('html')} target="_blank" rel="noopener">${t('reports.open')}<span class="sr"> ${t('reports.new_tab')}</span></a>
      ${formats.map((format) => html`<button type="button" key=${format} disabled=${saving.busy !== null} onClick=${() => saving.save(from(format))}>${t('reports.save', { format: format.toUpperCase() })}</button>`)}</div>
    <p class="busy-line" role="status">${busy && html`<progress aria-label=${t('reports.making', { format: busy.toUpperCase() })}></progress> ${t('reports.making', { format: busy.toUpperCase() })}`}</p>
    <${ErrorBox} error=${saving.error} />
  </div>`;
}

export default function Reports() {
  const site = useSite();
  const [form, setForm] = useState({ ...begin(), enterprise: session.get().enterprise || site.enterprises[0]?.id || '', language: language.get() });
  const set = (values) => setForm({ ...form, ...values });
  const span = spanOf(form);
  return html`<${Screen} title=${t('nav.reports')} sub=${t('reports.sub')}>
    <section class="card"><h2>${t('reports.what')}</h2>
      <${Period} form=${form} set=${set} />
      <div class="form-grid"><${Field} label=${t('reports.language')}>${(about) => html`<select ...${about} name="language" value=${form.language} onChange=${(e) => set({ language: e.target.value })}>
        <option value="zh">中文</option><option value="en">English</option></select>`}<//></div></section>
    <section class="card"><h2>${t('reports.enterprise')}</h2>
      ${site.enterprises.length > 1 && html`<div class="form-grid"><${Field} label=${t('alarms.enterprise')}>${(about) => html`<select ...${about} name="enterprise" value=${form.enterprise} onChange=${(e) => set({ enterprise: e.target.value })}>
        ${site.enterprises.map((e) => html`<option key=${e.id} value=${e.id} selected=${e.id === form.enterprise}>${e.name || e.id}</option>`)}</select>`}<//></div>`}
      <${Outputs} key=${form.enterprise} path=${`/api/v1/reports/${part(form.enterprise)}`} values=${form} span=${span} name=${site.enterpriseName(form.enterprise)} />
      <h3>${t('reports.contents')}</h3><ul class="contents">${contents.map((name) => html`<li key=${name}><${Icon} name="check" size=${12} /> ${t(`reports.contents.${name}`)}</li>`)}</ul>
      <p class="hint">${t('reports.hint')}</p></section>
    ${hasRole(['admin', 'operator']) && html`<section class="card"><h2>${t('reports.park')}</h2>
      <${Outputs} path="/api/v1/reports" values=${form} span=${span} name=${session.get().site} />
      <h3>${t('reports.contents')}</h3><ul class="contents">${ofPark.map((name) => html`<li key=${name}><${Icon} name="check" size=${12} /> ${t(`reports.park.${name}`)}</li>`)}</ul></section>`}
  <//>`;
}
