// What shifts come to, by days and places, with what each verdict rests on; and when nothing was measured.
import { Fragment, html, useMemo, useState } from '../lib/html.js';
import { api, query as withQuery } from '../lib/api.js';
import { saveCsv } from '../lib/download.js';
import {
  breachText, byShift, Coverage, CoverageKey, decisive, ExposureFacts, ExposureFigure, limitOf, LimitWithClause, ratioText, Verdict, verdictText,
} from '../lib/exposureparts.js';
import { dateText, duration, ms, rfc3339, utcOffset } from '../lib/format.js';
import { hasWords, pick, t } from '../lib/i18n.js';
import { PointName, WorkplaceName } from '../lib/links.js';
import { gatewayNow } from '../lib/live.js';
import { useLoad, useMedia } from '../lib/load.js';
import { replace } from '../lib/router.js';
import { session } from '../lib/session.js';
import { useSite } from '../lib/site.js';
import { Empty, ErrorBox, Field, Loading, Screen, Time } from '../lib/ui.js';

const day = 86400000;
const longest = 31;
const rowsAtOnce = 100;
const noSeconds = (text) => Date.parse(`${text}T00:00:00Z`);
const daysBetween = (from, to) => Math.round((noSeconds(to) - noSeconds(from)) / day) + 1;

function Filter({ values }) {
  const site = useSite();
  const [enterprise, setEnterprise] = useState(values.enterprise ?? '');
  const [error, setError] = useState('');
  const workplaces = site.workplaces.filter((w) => !enterprise || w.enterprise === enterprise);
  const submit = (event) => {
    event.preventDefault();
    const form = Object.fromEntries(new FormData(event.target));
    const days = daysBetween(form.from, form.to);
    if (!(days >= 1 && days <= longest)) return setError(t('exposures.bad_range', { n: longest }));
    setError('');
    return replace('/exposures', form);
  };
  return html`<form class="inline-form no-print" onSubmit=${submit}>
    <${Field} label=${t('trend.from')} error=${error}>${(about) => html`<input ...${about} type="date" name="from" required defaultValue=${values.from} />`}<//>
    <${Field} label=${t('trend.to')}>${(about) => html`<input ...${about} type="date" name="to" required defaultValue=${values.to} />`}<//>
    ${site.enterprises.length > 1 && html`<${Field} label=${t('alarms.enterprise')}>${(about) => html`<select ...${about} name="enterprise" value=${enterprise} onChange=${(e) => setEnterprise(e.target.value)}>
      <option value="">${t('ui.all')}</option>${site.enterprises.map((e) => html`<option key=${e.id} value=${e.id}>${e.name || e.id}</option>`)}</select>`}<//>`}
    <${Field} label=${t('nav.workplace')}>${(about) => html`<select ...${about} name="workplace" defaultValue=${values.workplace ?? ''}>
      <option value="">${t('ui.all')}</option>${workplaces.map((w) => html`<option key=${w.id} value=${w.id} selected=${w.id === values.workplace}>${w.name || w.id}</option>`)}</select>`}<//>
    <button type="submit" class="primary">${t('trend.show')}</button>
  </form>`;
}

function Breaches({ exposure: e }) {
  if (!e.breaches?.length) return html`<span class="sub">${t('exposure.no_breach')}</span>`;
  return html`<ul class="breaches">${e.breaches.map((b) => html`<li key=${b} title=${breachText(b)}>${b.replace('LEX_', 'L_EX,')}<span class="sr"> ${breachText(b)}</span></li>`)}</ul>`;
}

const keyOf = (e) => `${e.point} ${e.shift} ${e.begin}`;

function Toggle({ open, onToggle, label }) {
  return html`<button type="button" class="plain nowrap no-print" aria-expanded=${open ? 'true' : 'false'} onClick=${onToggle}>
    ${t(open ? 'exposures.less' : 'exposures.details')}<span class="sr"> ${label}</span></button>`;
}

function Row({ exposure: e }) {
  const site = useSite();
  const [open, setOpen] = useState(false);
  const what = site.agentName(e.agent) || site.pointName(site.pointById(e.point)) || e.point;
  return html`<${Fragment}><tr>
      <th scope="row">${e.day}<br /><span class="sub">${e.shift}${e.final ? '' : ` · ${t('exposures.running')}`}</span></th>
      <td><${WorkplaceName} id=${e.workplace} /><br /><span class="sub">${site.enterpriseName(e.enterprise)}</span></td>
      <td><${PointName} id=${e.point} name=${what} /><br /><span class="sub">${e.point}</span></td>
      <td><${ExposureFigure} exposure=${e} /></td>
      <td><${LimitWithClause} limit=${limitOf(e)} /></td>
      <td class="number">${ratioText(e)}</td>
      <td>${e.class ? t('exposure.class_n', { n: e.class }) : '—'}</td>
      <td><${Coverage} exposure=${e} /></td>
      <td><${Verdict} exposure=${e} /></td>
      <td><${Breaches} exposure=${e} /></td>
      <td class="no-print"><${Toggle} open=${open} onToggle=${() => setOpen(!open)} label=${`${what} ${e.day}`} /></td>
    </tr>
    ${open && html`<tr class="details-row"><td colspan="11"><${ExposureFacts} exposure=${e} /></td></tr>`}<//>`;
}

function Card({ exposure: e }) {
  const site = useSite();
  const [open, setOpen] = useState(false);
  const what = site.agentName(e.agent) || e.point;
  return html`<li class="card exposure-card">
    <div class="card-head"><h2><${PointName} id=${e.point} name=${what} /></h2><${Verdict} exposure=${e} /></div>
    <p class="sub">${e.day} ${e.shift}${e.final ? '' : ` · ${t('exposures.running')}`} · ${site.enterpriseName(e.enterprise)} › <${WorkplaceName} id=${e.workplace} /> · ${e.point}</p>
    <p><${ExposureFigure} exposure=${e} /> <span class="sub">${ratioText(e)}</span></p>
    <p><${LimitWithClause} limit=${limitOf(e)} /></p>
    <p>${t('exposure.coverage')} <${Coverage} exposure=${e} /></p>
    ${e.breaches?.length > 0 && html`<p>${e.breaches.map(breachText).join(t('list.semicolon'))}</p>`}
    <${Toggle} open=${open} onToggle=${() => setOpen(!open)} label=${`${what} ${e.day}`} />
    ${open && html`<${ExposureFacts} exposure=${e} />`}
  </li>`;
}

const csvColumns = ['enterprise', 'workplace', 'point', 'agent', 'shift', 'day', 'begin', 'end', 'at', 'final', 'unit', 'rule'];
const csvFigures = ['twa_so_far', 'twa_projected', 'twa', 'mean', 'twa_week', 'reduction_factor', 'stel_max', 'stel_max_at', 'stel_at_least', 'mixture_index',
  'lex_8h_so_far', 'lex_8h_projected', 'lex_8h', 'laeq', 'lex_40h', 'wbgt_so_far', 'wbgt_projected', 'wbgt', 'impulses', 'limit_at', 'ratio', 'class', 'max', 'max_at', 'at_least', 'coverage', 'verdict'];
const csvTimes = ['measured', 'below_loq', 'over_range', 'fault', 'link_lost', 'calibrating', 'maintenance', 'stopped', 'missing'];

/** The gateway's own names at the head, so that the file says the same in either language. */
function csv(site, list) {
  const head = [...csvColumns, 'workplace_name', 'agent_name', 'limit_kind', 'limit_value', 'limit_unit', 'limit_source', ...csvFigures, 'episodes_count', 'episodes_longest_minutes', 'episodes_closest_minutes',
    ...csvTimes.map((name) => `s_${name}`), 'breaches', 'verdict_text', 'text'];
  return [head, ...list.map((e) => {
    const limit = limitOf(e) ?? {};
    return [...csvColumns.map((name) => e[name]), site.workplaceName(e.workplace), site.agentName(e.agent), limit.kind, limit.value, limit.unit, limit.source,
      ...csvFigures.map((name) => e[name]), e.episodes?.count, e.episodes?.longest_minutes, e.episodes?.closest_minutes,
      ...csvTimes.map((name) => e.time_s?.[name]), (e.breaches ?? []).join(' '), verdictText(e), pick(e.text)];
  })];
}

function Gaps({ values }) {
  const site = useSite();
  const shift = utcOffset() * 60000;
  const from = rfc3339(noSeconds(values.from) - shift), to = rfc3339(noSeconds(values.to) - shift + day);
  const { data, error, loading, reload } = useLoad(() => api.get(withQuery('/api/v1/gaps', { workplace: values.workplace, from, to })), [values.workplace, from, to]);
  const list = (data?.gaps ?? []).filter((g) => !values.enterprise || g.enterprise === values.enterprise).sort((a, b) => ms(b.from) - ms(a.from));
  const reason = (g) => t(hasWords(`gap.${g.reason}`) ? `gap.${g.reason}` : 'gap.other');
  return html`<section class="card"><h2>${t('gaps.title')}</h2>
    <p class="sub">${t('gaps.sub')}</p>
    <${ErrorBox} error=${error} onRetry=${reload} />
    ${loading && !data && html`<${Loading} />`}
    ${data && list.length === 0 && html`<${Empty}>${t('gaps.none')}<//>`}
    ${list.length > 0 && html`<div class="scroll-x" tabindex="0" role="region" aria-label=${t('gaps.title')}><table>
      <thead><tr><th scope="col">${t('trend.from')}</th><th scope="col">${t('trend.to')}</th><th scope="col">${t('gaps.length')}</th><th scope="col">${t('gaps.where')}</th><th scope="col">${t('gaps.reason')}</th><th scope="col">${t('exposure.sentence')}</th></tr></thead>
      <tbody>${list.map((g, i) => html`<tr key=${i}><th scope="row"><${Time} at=${g.from} whole /></th><td>${g.to ? html`<${Time} at=${g.to} whole />` : t('gaps.lasts')}</td>
        <td class="nowrap">${duration(Math.abs((g.to ? ms(g.to) : gatewayNow()) - ms(g.from)))}</td>
        <td>${site.enterpriseName(g.enterprise)} › ${site.workplaceName(g.workplace)}${g.device ? ` · ${g.device}` : ''}</td><td>${t(`gap.kind.${g.kind}`)} · ${reason(g)}</td><td>${pick(g.text)}</td></tr>`)}</tbody></table></div>`}
  </section>`;
}

export default function Exposures({ query }) {
  const site = useSite();
  const narrow = useMedia('(max-width: 900px)');
  const [count, setCount] = useState(rowsAtOnce);
  const today = dateText(gatewayNow());
  const values = { ...query, from: query.from || today, to: query.to || today };
  const { data, error, loading, reload } = useLoad(() => {
    setCount(rowsAtOnce);
    return api.get(withQuery('/api/v1/exposures', { enterprise: values.enterprise, workplace: values.workplace, point: values.point, from: values.from, to: values.to }));
  }, [values.enterprise, values.workplace, values.point, values.from, values.to]);
  const list = useMemo(() => [...(data?.exposures ?? [])].sort(byShift), [data]);
  const shown = list.slice(0, count);
  const counts = ['exceeds', 'insufficient', 'compliant', 'no_limit'].map((verdict) => [verdict, list.filter((e) => e.verdict === verdict).length]).filter(([, n]) => n);
  const save = () => saveCsv(`${session.get().site}-${values.from}-${values.to}.csv`, csv(site, list));
  return html`<${Screen} title=${t('nav.exposures')} sub=${`${values.from} – ${values.to}`}
      actions=${list.length > 0 && html`<button type="button" onClick=${save}>CSV</button><button type="button" onClick=${() => print()}>${t('exposures.print')}</button>`}>
    <${Filter} key=${JSON.stringify(values)} values=${values} />
    <${ErrorBox} error=${error} onRetry=${reload} />
    ${loading && !data && html`<${Loading} />`}
    ${data && html`<p class="counts-line" role="status">${t('exposures.count', { n: list.length })}${counts.map(([verdict, n]) => `${t('list.semicolon')}${t(`verdict.${verdict}`)} ${n}`).join('')}</p>`}
    ${data?.more && html`<p class="notice">${t('exposures.more')}</p>`}
    ${data && list.length === 0 && html`<${Empty}>${t('exposures.none')}<//>`}
    ${list.length > 0 && (narrow ? html`<ul class="exposure-list">${shown.map((e) => html`<${Card} key=${keyOf(e)} exposure=${e} />`)}</ul>`
      : html`<div class="card scroll-x" tabindex="0" role="region" aria-label=${t('nav.exposures')}><table class="exposures">
        <thead><tr><th scope="col">${t('exposure.shift')}</th><th scope="col">${t('nav.workplace')}</th><th scope="col">${t('exposures.agent')}</th><th scope="col">${t('exposures.figure')}</th>
          <th scope="col">${t('exposures.limit')}</th><th scope="col" class="number">${t('exposure.ratio')}</th><th scope="col">${t('exposure.class')}</th><th scope="col">${t('exposure.coverage')}</th>
          <th scope="col">${t('exposure.verdict')}</th><th scope="col">${t('exposure.breaches')}</th><th scope="col" class="no-print"><span class="sr">${t('exposures.details')}</span></th></tr></thead>
        <tbody>${shown.map((e) => html`<${Row} key=${keyOf(e)} exposure=${e} />`)}</tbody></table></div>`)}
    ${list.length > count && html`<p class="more-rows no-print"><button type="button" onClick=${() => setCount(count + rowsAtOnce)}>${t('exposures.show_more', { n: list.length - count })}</button></p>`}
    ${list.length > 0 && html`<${CoverageKey} />`}
    <${Gaps} values=${values} />
  <//>`;
}
