// By post and agent: the verdict of the highest result, the grade, and what the instruments measured beside the laboratory.
import { Fragment, html, useState } from '../lib/html.js';
import { api, query as withQuery } from '../lib/api.js';
import { number, percent, withUnit } from '../lib/format.js';
import { hasWords, pick, t } from '../lib/i18n.js';
import { PointName, WorkplaceName } from '../lib/links.js';
import { useLoad, useMedia } from '../lib/load.js';
import { agentText, Long, rateText, VerdictSign } from '../lib/recordparts.js';
import { link, part } from '../lib/router.js';
import { useSite } from '../lib/site.js';
import { Empty, ErrorBox, Icon, Loading } from '../lib/ui.js';

const signed = (value, text) => (Number.isFinite(value) ? `${value > 0 ? '+' : ''}${text}` : '—');
/** Of a difference: rounded, not cut, and with its sign. */
const relative = (share) => signed(share, Number.isFinite(share) ? `${number(share * 100)} %` : '');

function Grade({ grade }) {
  if (!grade) return html`<span class="sub">—</span>`;
  return html`<span>${hasWords(`posts.grade.${grade.grade}`) ? t(`posts.grade.${grade.grade}`) : t('posts.grade_n', { n: grade.grade })}${grade.provisional && html` <span class="hatched small">${t('posts.provisional')}</span>`}<br />
    <span class="clause">${t('posts.grade_source', { source: grade.source, confidence: grade.confidence })}</span></span>`;
}

function Comparison({ post }) {
  const c = post.comparison;
  return html`<div class="comparison">
    <p class=${c.calibrate ? 'calibrate' : ''}>${c.calibrate && html`<${Icon} name="warning" size=${14} /> <strong>${t('posts.calibrate')}</strong> `}${pick(c.text)}</p>
    <div class="scroll-x" tabindex="0" role="region" aria-label=${t('posts.comparison')}><table>
      <thead><tr><th scope="col">${t('record.field.date')}</th><th scope="col">${t('alarm.point')}</th><th scope="col" class="number">${t('posts.laboratory')}</th><th scope="col" class="number">${t('posts.online')}</th>
        <th scope="col" class="number">${t('posts.difference')}</th><th scope="col" class="number">${t('posts.relative')}</th><th scope="col" class="number">${t('exposure.coverage')}</th></tr></thead>
      <tbody>${c.pairs.map((p, i) => html`<tr key=${i}><th scope="row"><a href=${link(`/assessments/${part(p.assessment)}`)}>${p.date}</a></th><td><${PointName} id=${p.point} /></td>
        <td class="number">${withUnit(p.laboratory, post.unit)}</td><td class="number">${withUnit(p.online, post.unit)}</td><td class="number">${signed(p.difference, number(p.difference))}</td>
        <td class="number">${relative(p.relative)}</td><td class="number">${percent(p.coverage)}</td></tr>`)}</tbody>
    </table></div></div>`;
}

const recordsOf = (p, values) => link('/assessments', { enterprise: values.enterprise, workplace: p.workplace, agent: p.agent, from: values.from, to: values.to });

function Toggle({ post: p, open, onToggle }) {
  if (!p.comparison) return html`<span class="sub">—</span>`;
  return html`<button type="button" class="plain nowrap no-print" aria-expanded=${open ? 'true' : 'false'} onClick=${onToggle}>${p.comparison.calibrate && html`<${Icon} name="warning" size=${14} />`}
    ${Number.isFinite(p.comparison.mean_relative) ? relative(p.comparison.mean_relative) : t('exposures.details')}<span class="sr"> ${t('posts.comparison')} ${agentText(p)}</span></button>`;
}

function Card({ post: p, values }) {
  const [open, setOpen] = useState(false);
  return html`<li class="card posts">
    <div class="card-head"><h2>${agentText(p)}</h2><${VerdictSign} verdict=${p.verdict} /></div>
    <p><${WorkplaceName} id=${p.workplace} /></p>
    <p>${pick(p.highest)}</p>
    <p><a href=${recordsOf(p, values)}>${t('posts.results')} ${p.results}</a> <span class="sub">${rateText(p).counts}</span></p>
    ${p.grade && html`<p><${Grade} grade=${p.grade} /></p>`}
    ${p.comparison && html`<p>${t('posts.comparison')} <${Toggle} post=${p} open=${open} onToggle=${() => setOpen(!open)} /></p>`}
    ${open && html`<${Comparison} post=${p} />`}
  </li>`;
}

function Row({ post: p, values }) {
  const [open, setOpen] = useState(false);
  return html`<${Fragment}><tr>
      <th scope="row"><${Long}><${WorkplaceName} id=${p.workplace} /><//></th><td><${Long}>${agentText(p)}<//></td>
      <td><${VerdictSign} verdict=${p.verdict} /></td><td>${pick(p.highest)}</td>
      <td class="number"><a href=${recordsOf(p, values)}>${p.results}<span class="sr"> ${t('nav.assessments')} ${agentText(p)}</span></a></td>
      <td>${rateText(p).counts}</td><td><${Grade} grade=${p.grade} /></td>
      <td><${Toggle} post=${p} open=${open} onToggle=${() => setOpen(!open)} /></td>
    </tr>
    ${open && html`<tr class="details-row"><td colspan="8"><${Comparison} post=${p} /></td></tr>`}<//>`;
}

function Mixtures({ list }) {
  const site = useSite();
  return html`<section class="card"><h2>${t('posts.mixtures')}</h2><p class="sub">${t('posts.mixtures_why')}</p>
    <div class="scroll-x" tabindex="0" role="region" aria-label=${t('posts.mixtures')}><table>
      <thead><tr><th scope="col">${t('nav.workplace')}</th><th scope="col">${t('record.field.date')}</th><th scope="col" class="number">${t('exposure.mixture_index')}</th><th scope="col">${t('exposure.verdict')}</th><th scope="col">${t('posts.parts')}</th></tr></thead>
      <tbody>${list.map((m, i) => html`<tr key=${i}><th scope="row"><${Long}><${WorkplaceName} id=${m.workplace} /><//></th><td class="nowrap">${m.date}</td><td class="number">${number(m.index, 1)}</td><td><${VerdictSign} verdict=${m.verdict} /></td>
        <td>${m.parts.map((p) => `${site.agentName(p.agent)} ${[p.ratio_twa, p.ratio_stel].filter(Number.isFinite).map((r) => number(r)).join(' / ') || '—'}`).join(t('list.semicolon'))}</td></tr>`)}</tbody>
    </table></div></section>`;
}

export function Posts({ values }) {
  const narrow = useMedia('(max-width: 900px)');
  const { data, error, loading, reload } = useLoad(() => api.get(withQuery('/api/v1/posts', { enterprise: values.enterprise, from: values.from, to: values.to })), [values.enterprise, values.from, values.to]);
  const rate = data && rateText(data.pass_rate);
  const rank = ['exceeds', 'insufficient', 'compliant', 'no_limit'];
  const list = [...(data?.posts ?? [])].sort((a, b) => rank.indexOf(a.verdict) - rank.indexOf(b.verdict) || (b.ratio ?? 0) - (a.ratio ?? 0));
  return html`<div>
    <p class="sub">${t('posts.sub')}</p>
    <${ErrorBox} error=${error} onRetry=${reload} />
    ${loading && !data && html`<${Loading} />`}
    ${rate && html`<p class="rate-line">${t('posts.rate')} <strong>${rate.share}</strong> <span class="sub">${rate.counts && t('posts.rate_of', { counts: rate.counts })}</span></p>`}
    ${data && list.length === 0 && html`<${Empty}>${t('record.none')}<//>`}
    ${list.length > 0 && html`${narrow ? html`<ul class="record-cards">${list.map((p) => html`<${Card} key=${`${p.workplace} ${p.agent}`} post=${p} values=${values} />`)}</ul>`
      : html`<div class="card scroll-x" tabindex="0" role="region" aria-label=${t('posts.title')}><table class="posts">
      <thead><tr><th scope="col">${t('nav.workplace')}</th><th scope="col">${t('record.field.agent')}</th><th scope="col">${t('exposure.verdict')}</th><th scope="col">${t('posts.highest')}</th><th scope="col" class="number">${t('posts.results')}</th>
        <th scope="col">${t('posts.counts')}</th><th scope="col">${t('posts.grade')}</th><th scope="col">${t('posts.comparison')}</th></tr></thead>
      <tbody>${list.map((p) => html`<${Row} key=${`${p.workplace} ${p.agent}`} post=${p} values=${values} />`)}</tbody></table></div>`}
      ${list.some((p) => p.grade?.provisional) && html`<p class="sub">${t('posts.provisional_why')}</p>`}`}
    ${data?.mixtures?.length > 0 && html`<${Mixtures} list=${data.mixtures} />`}
  </div>`;
}
