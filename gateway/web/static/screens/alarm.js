// One alarm: what, why, what to do, how far it has come, and everything that happened.
import { html } from '../lib/html.js';
import { nextStep, possible } from '../lib/alarms.js';
import {
  ActionButton, AlarmLevel, basisText, figureOf, hasFigure, Lasting, nextWords, NowFigure, placeText, pointLink, shownLevel, Stamps, stateText, subjectName, valueText, whoText,
  workplaceLink,
} from '../lib/alarmparts.js';
import { api } from '../lib/api.js';
import { dateTime, isLaw, limitText, number, percent, unitText, withUnit } from '../lib/format.js';
import { hasWords, pick, t } from '../lib/i18n.js';
import { useAlarm } from '../lib/live.js';
import { useLoad } from '../lib/load.js';
import { link, part } from '../lib/router.js';
import { site } from '../lib/site.js';
import { Back, Empty, ErrorBox, LevelBadge, Loading, Screen, Time } from '../lib/ui.js';

/** A list of facts; what is null or false is left out. */
function Facts({ rows }) {
  return html`<dl class="facts">${rows.filter((row) => row && row[1]).map(([name, value]) =>
    html`<dt key=${name}>${name}</dt><dd>${value}</dd>`)}</dl>`;
}

function Figures({ a }) {
  const limit = a.limit, point = site.get().pointById(a.point);
  return html`<section class="card"><h2>${t('alarm.figures')}</h2><${Facts} rows=${[
    [t('alarm.basis'), basisText(a.basis, a.unit, true)],
    hasFigure(a) && [figureOf(a), html`<span class="live-data">${valueText(a)}</span>`],
    point && !a.ended && [t('overview.now'), html`<${NowFigure} point=${point} alarm=${a} />`],
    hasFigure(a) && [t('alarm.peak'), html`${valueText(a, a.peak)} <span class="sub">(${t('alarm.peak_until')} <${Time} at=${a.changed_at} />)</span>`],
    limit && [t('alarm.limit'), html`${limitText(limit)}${!isLaw(limit) && html` <span class="sub">(${t('alarm.not_law')})</span>`}`],
    isLaw(limit) && limit.source && [t('alarm.clause'), limit.source],
    hasFigure(a) && a.ratio !== null && [t('alarm.ratio'), t('alarm.ratio_n', { n: number(a.ratio, 1) })],
    a.usual && [t('alarm.usual'), `${withUnit(a.usual.median, a.unit)} (z = ${number(a.usual.z)})`],
    a.contributors?.length > 0 && [t('alarm.contributors'), html`<ul>${a.contributors.map((c) =>
      html`<li key=${c.cas}>${pick(c)} ${percent(c.share)}</li>`)}</ul>`],
  ]} /></section>`;
}

function Where({ a }) {
  return html`<section class="card"><h2>${t('alarm.where')}</h2><${Facts} rows=${[
    [t('alarm.where'), a.workplace ? html`<a href=${workplaceLink(a.workplace)}>${placeText(a)}</a>` : placeText(a)],
    a.point && [t('alarm.point'), html`<a href=${pointLink(a.point)}>${site.get().pointName(site.get().pointById(a.point)) || a.point}</a> <span class="sub">${a.point}</span>`],
    a.device && [t('alarm.device'), a.device],
    a.bus && [t('alarm.bus'), a.bus],
    a.output && [t('alarm.output'), a.output],
    a.part && [t('alarm.part'), t(`alarms.part.${a.part}`)],
  ]} />
    ${a.nearby?.length > 0 && html`<h3>${t('alarm.nearby')}</h3><ul class="nearby">${a.nearby.map((n) => html`<li key=${n.point}>
      <${LevelBadge} level=${n.level} /> <a href=${pointLink(n.point)}>${site.get().pointName(site.get().pointById(n.point)) || n.point}</a></li>`)}</ul>`}
  </section>`;
}

function Handling({ a }) {
  const by = (who, at) => (who || at ? t('alarm.by_at', { by: whoText(who), time: dateTime(at) }) : null);
  return html`<section class="card"><h2>${t('alarm.handling')}</h2><${Facts} rows=${[
    [t('alarm.state'), stateText(a)],
    [t('alarm.highest'), html`<${LevelBadge} level=${a.highest} />`],
    a.acknowledged_at && [t('alarm.acknowledged'), by(a.acknowledged_by, a.acknowledged_at)],
    a.verdict && [t('alarm.verdict'), t('alarm.verdict_by', { verdict: t(`verdict.${a.verdict}`), by: a.verdict_by ?? '' })],
    a.measure && [t('alarm.measure'), a.measure],
    a.shelved_until && [t('alarm.shelved_until'), dateTime(a.shelved_until)],
    a.activations > 1 && [t('alarm.activations'), t('alarm.activations_n', { n: a.activations, m: a.annunciations })],
    a.chattering && [t('alarm.activations'), t('alarm.chattering')],
    a.targets?.escalations > 0 && [t('alarm.escalations'), t('alarm.escalations_n', { n: a.targets.escalations })],
  ]} /></section>`;
}

function change(entry) {
  const word = hasWords(`change.${entry.what}`) ? t(`change.${entry.what}`) : entry.what;
  return entry.what === 'target_missed' && hasWords(`target.${entry.note}`) ? `${word}: ${t(`target.${entry.note}`)}` : word;
}

function History({ entries }) {
  return html`<section class="card"><h2>${t('alarm.history')}</h2>
    <ol class="history">${[...entries].reverse().map((h) => html`<li key=${h.revision}>
      <span class="history-at"><${Time} at=${h.at} whole /></span>
      <span class="history-what"><strong>${change(h)}</strong> <${LevelBadge} level=${h.level} />
        ${h.value !== null && h.value !== undefined && html` <span>${number(h.value)} ${unitText(h.unit)}</span>`}</span>
      <span class="history-by">${whoText(h.by)}</span>
      ${h.note && h.what !== 'target_missed' && html`<q class="history-note">${h.note}</q>`}
    </li>`)}</ol></section>`;
}

function Next({ a }) {
  const step = nextStep(a);
  const others = possible(a).filter((action) => action !== step);
  return html`<div class="next no-print">
    <h2>${t('overview.next')}</h2><p>${nextWords(a)}</p>
    <div class="actions">
      ${step && html`<${ActionButton} alarm=${a} action=${step} primary />`}
      ${others.map((action) => html`<${ActionButton} key=${action} alarm=${a} action=${action} />`)}
    </div>
  </div>`;
}

export default function Alarm({ params }) {
  const live = useAlarm(params.id);
  const { data, error, reload } = useLoad(() => api.get(`/api/v1/alarms/${part(params.id)}`), [params.id, live?.revision, live === null]);
  const a = live ?? data?.alarm;
  const back = html`<${Back} href=${link('/alarms')}>${t('alarms.title')}<//>`;
  if (!a && error) {
    return html`<${Screen} title=${t('alarms.title')} actions=${back}>
      ${error.status === 404 ? html`<${Empty}>${t('alarm.not_found')}<//>` : html`<${ErrorBox} error=${error} onRetry=${reload} />`}<//>`;
  }
  if (!a) return html`<${Screen} title=${t('alarms.title')} actions=${back}><${Loading} /><//>`;
  return html`<${Screen} title=${subjectName(a)} sub=${`${placeText(a)} · ${a.id}`} actions=${back}>
    <section class=${`worst edge-${shownLevel(a)}`}>
      <div class="worst-head"><${AlarmLevel} alarm=${a} large /><span class="alarm-state">${stateText(a)}</span>
        <span class="sub">${t('overview.since')} <${Lasting} alarm=${a} /></span></div>
      <p class="worst-long">${pick(a.text)}</p>
      <${Stamps} alarm=${a} full />
      <${Next} a=${a} />
      ${a.advice && html`<div class="advice-box"><h2>${t('alarm.advice')}</h2><p>${pick(a.advice)}</p>
        ${a.advice.source && html`<p class="sub">${t('alarm.advice_source', { source: a.advice.source })}</p>`}</div>`}
      ${a.point && html`<p class="no-print"><a class="button" href=${pointLink(a.point)}>${t('alarm.open_point')}</a></p>`}
    </section>
    <div class="columns">
      <div>${data ? html`<${History} entries=${data.history} />` : html`<${Loading} />`}<${ErrorBox} error=${error} onRetry=${reload} /></div>
      <div><${Figures} a=${a} /><${Where} a=${a} /><${Handling} a=${a} /></div>
    </div>
  <//>`;
}
