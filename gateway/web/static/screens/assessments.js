// What laboratories measured at the posts: a list with the verdict of each, and by post what the highest result comes to.
import { html, useState } from '../lib/html.js';
import { api, query as withQuery } from '../lib/api.js';
import { today, yearUntil } from '../lib/dates.js';
import { language, t, tn } from '../lib/i18n.js';
import { WorkplaceName } from '../lib/links.js';
import { useLoad, useMedia } from '../lib/load.js';
import {
  agentText, Decisive, Long, path, rateText, RecordFilter, recordLink, SaveButton, templatePath, useSaving, VerdictSign, Withdrawn,
} from '../lib/recordparts.js';
import { link, replace } from '../lib/router.js';
import { hasRole, writeRoles } from '../lib/session.js';
import { useSite } from '../lib/site.js';
import { Empty, ErrorBox, Icon, Loading, Screen, Tabs } from '../lib/ui.js';
import { Posts } from './posts.js';

const rowsAtOnce = 100;

const SubjectText = ({ a }) => html`<span>${a.subject || '—'} <span class="sub nowrap">${t(`subject.${a.subject_kind}`)}</span></span>`;

function Marks({ a }) {
  return html`${a.withdrawn && html`<${Withdrawn} />`}${a.version > 1 && html`<span class="mark-version">${t('record.corrected', { n: a.version })}</span>`}`;
}

const Report = ({ a }) => html`<${Long}>${a.laboratory || '—'}<br /><span class="sub">${a.report_no}</span><//>`;

function Row({ a }) {
  const site = useSite();
  return html`<tr class=${a.withdrawn ? 'withdrawn' : ''}>
    <th scope="row"><a href=${recordLink(a)}>${a.date}<span class="sr"> ${agentText(a)} ${a.subject}</span></a> <${Marks} a=${a} /></th>
    <td><${Long}><${WorkplaceName} id=${a.workplace} /><//>${site.enterprises.length > 1 && html`<br /><span class="sub">${site.enterpriseName(a.enterprise)}</span>`}</td>
    <td><${Long}>${agentText(a)}<//></td><td><${Long}><${SubjectText} a=${a} /><//></td>
    <td><${Decisive} judgement=${a.judgement} /></td><td><${VerdictSign} verdict=${a.judgement.verdict} /></td><td><${Report} a=${a} /></td>
  </tr>`;
}

function Card({ a }) {
  const site = useSite();
  return html`<li class=${a.withdrawn ? 'card withdrawn' : 'card'}>
    <div class="card-head"><h2><a href=${recordLink(a)}>${a.date} ${agentText(a)}</a></h2><${VerdictSign} verdict=${a.judgement.verdict} /></div>
    <p>${site.workplaceName(a.workplace)} · <${SubjectText} a=${a} /> <${Marks} a=${a} /></p>
    <p><${Decisive} judgement=${a.judgement} /></p>
    <p class="sub">${[a.laboratory, a.report_no].filter(Boolean).join(' · ')}</p>
  </li>`;
}

/** Of all results in the period: the list may be narrower. */
function PassRate({ values }) {
  const { data } = useLoad(() => api.get(withQuery('/api/v1/posts', { enterprise: values.enterprise, from: values.from, to: values.to })), [values.enterprise, values.from, values.to]);
  if (!data) return null;
  const rate = rateText(data.pass_rate);
  return html`<p class="rate-line">${t('posts.rate')} <strong>${rate.share}</strong> <span class="sub">${rate.counts && t('posts.rate_of', { counts: rate.counts })}</span></p>`;
}

function List({ values }) {
  const narrow = useMedia('(max-width: 900px)');
  const saving = useSaving();
  const [count, setCount] = useState(rowsAtOnce);
  const asked = { enterprise: values.enterprise, workplace: values.workplace, agent: values.agent, from: values.from, to: values.to, withdrawn: values.withdrawn };
  const { data, error, loading, reload } = useLoad(() => {
    setCount(rowsAtOnce);
    return api.get(withQuery(path, asked));
  }, [JSON.stringify(asked)]);
  const list = data?.assessments ?? [];
  const shown = list.slice(0, count);
  const file = (format) => withQuery(path, { ...asked, format, language: language.get() });
  return html`<div>
    <div class="toolbar no-print">
      ${hasRole(writeRoles) && html`<a class="button primary" href=${link('/assessments/new')}><${Icon} name="plus" size=${14} /> ${t('record.new')}</a>
        <a class="button" href=${link('/assessments/import')}>${t('record.import')}</a>`}
      <span class="file-group" role="group" aria-label=${t('record.export')}><span class="sub">${t('record.export')}</span>
        <${SaveButton} saving=${saving} from=${file('csv')}>CSV<//><${SaveButton} saving=${saving} from=${file('xlsx')}>XLSX<//></span>
      ${hasRole(writeRoles) && html`<span class="file-group" role="group" aria-label=${t('record.template')}><span class="sub">${t('record.template')}</span>
        <${SaveButton} saving=${saving} from=${templatePath('csv')}>CSV<//><${SaveButton} saving=${saving} from=${templatePath('xlsx')}>XLSX<//></span>`}
    </div>
    <${ErrorBox} error=${saving.error} />
    <${PassRate} values=${values} />
    <${ErrorBox} error=${error} onRetry=${reload} />
    ${loading && !data && html`<${Loading} />`}
    ${data && html`<p class="counts-line" role="status">${tn('record.count', list.length)}</p>`}
    ${data?.more && html`<p class="notice">${t('record.more')}</p>`}
    ${data && list.length === 0 && html`<${Empty}>${t('record.none')}<//>`}
    ${list.length > 0 && (narrow ? html`<ul class="record-cards">${shown.map((a) => html`<${Card} key=${a.id} a=${a} />`)}</ul>`
      : html`<div class="card scroll-x" tabindex="0" role="region" aria-label=${t('nav.assessments')}><table class="assessments">
        <thead><tr><th scope="col">${t('record.field.date')}</th><th scope="col">${t('nav.workplace')}</th><th scope="col">${t('record.field.agent')}</th><th scope="col">${t('record.field.subject')}</th>
          <th scope="col">${t('record.decisive')}</th><th scope="col">${t('exposure.verdict')}</th><th scope="col">${t('record.report')}</th></tr></thead>
        <tbody>${shown.map((a) => html`<${Row} key=${a.id} a=${a} />`)}</tbody></table></div>`)}
    ${list.length > count && html`<p class="more-rows no-print"><button type="button" onClick=${() => setCount(count + rowsAtOnce)}>${t('exposures.show_more', { n: list.length - count })}</button></p>`}
  </div>`;
}

export default function Assessments({ query }) {
  const year = yearUntil(today());
  const values = { ...query, from: query.from || year.from, to: query.to || year.to };
  const active = query.tab === 'posts' ? 'posts' : 'list';
  const tabs = [{ id: 'list', label: t('record.by_record') }, { id: 'posts', label: t('posts.title') }];
  return html`<${Screen} title=${t('nav.assessments')} sub=${`${values.from} – ${values.to}`} actions=${html`<button type="button" onClick=${() => print()}>${t('exposures.print')}</button>`}>
    <${RecordFilter} key=${JSON.stringify(values)} values=${values} withPlace=${active === 'list'} withWithdrawn=${active === 'list'} onShow=${(form) => replace('/assessments', form)} />
    <${Tabs} tabs=${tabs} active=${active} label=${t('nav.assessments')} onChange=${(tab) => replace('/assessments', { ...query, tab: tab === 'list' ? '' : tab })}>
      ${active === 'list' ? html`<${List} values=${values} />` : html`<${Posts} values=${values} />`}<//><//>`;
}
