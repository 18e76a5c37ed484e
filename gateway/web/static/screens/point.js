// A point: its figure now, over time, what its shift comes to, and what it is judged by.
import { html, useEffect } from '../lib/html.js';
import { askAction } from '../lib/actiondialog.js';
import { possible } from '../lib/alarms.js';
import { AlarmLevel, alarmLink, shownLevel, SilencedState, stateText, workplaceLink } from '../lib/alarmparts.js';
import { api, query as withQuery } from '../lib/api.js';
import { byRunning, Coverage, CoverageKey, ExposureFacts, ExposureFigure, kindOf, limitAt, limitOf, LimitWithClause, Verdict } from '../lib/exposureparts.js';
import { duration, limitText, ms, rfc3339, unitText, withUnit } from '../lib/format.js';
import { pick, t } from '../lib/i18n.js';
import { alarmOfPoint, flagOf, gatewayNow, isSilenced, useAlarms, useReading } from '../lib/live.js';
import { useLoad } from '../lib/load.js';
import { go, part } from '../lib/router.js';
import { buildingUp, series } from '../lib/series.js';
import { hasRole, liveRoles } from '../lib/session.js';
import { useSite } from '../lib/site.js';
import { Buildup } from '../lib/spark.js';
import { Trend } from '../lib/trend.js';
import { Empty, ErrorBox, LevelBadge, Loading, PointFigure, Screen } from '../lib/ui.js';

const minute = 60000;
const path = (id) => `/api/v1/points/${part(id)}`;

const ofPoint = ['out_of_service', 'in_service', 'comment'];

/** What may be done with the point itself. Without an alarm the gateway keeps nothing that a comment could belong to. */
function Actions({ point, alarm }) {
  const actions = alarm ? possible(alarm).filter((action) => ofPoint.includes(action)) : ['out_of_service'];
  return html`<div class="actions no-print" role="group" aria-label=${t('point.actions')}>${actions.map((action) => html`<button type="button" key=${action} aria-haspopup="dialog"
    onClick=${() => askAction(action, { alarm, point })}>${t(`action.${action}`)}</button>`)}</div>`;
}

function Now({ point, alarm }) {
  const reading = useReading(point.index);
  return html`<div class="now card">
    <div class="now-figure"><${PointFigure} point=${point} /></div>
    <p class="now-flag">${t('point.flag')} ${reading.flag ? `${reading.flag} · ${t(`flag.${reading.flag}`)}${flagOf(reading) === 'overdue' ? ` · ${t('flag.overdue')}` : ''}` : t('time.never')}</p>
    ${alarm && html`<div class="now-alarm">${shownLevel(alarm) === 'none' && isSilenced(alarm) ? html`<${SilencedState} alarm=${alarm} />` : html`<${AlarmLevel} alarm=${alarm} />`}
      <span>${pick(alarm.text)} <span class="sub">${stateText(alarm)}</span></span>
      <a class="button" href=${alarmLink(alarm)}>${t('overview.open_alarm')}</a></div>`}
    ${!alarm && html`<p class="sub">${t('point.no_alarm')}</p>`}
    ${hasRole(liveRoles) && html`<${Actions} point=${point} alarm=${alarm} />`}
  </div>`;
}

/** L_EX,8h of the shift as it builds up from the readings. */
function Building({ exposure: e }) {
  const begin = ms(e.begin), end = ms(e.end);
  const { data, error, reload } = useLoad(() => api.get(withQuery(`${path(e.point)}/readings`, {
    from: e.begin, to: rfc3339(Math.min(end, Math.floor(gatewayNow()))), resolution: 240,
  })), [e.point, e.begin, e.at]);
  if (error) return html`<${ErrorBox} error=${error} onRetry=${reload} />`;
  if (!data) return html`<${Loading} />`;
  return html`<h3>${t('point.building')}</h3>
    <${Buildup} points=${buildingUp(series(data))} begin=${begin} end=${end} limit=${e.limit} unit=${e.unit} name=${t('exposure.lex_8h_so_far')}
      projected=${e.final ? null : { at: end, value: e.lex_8h_projected }} />
    <p class="hint">${t('point.building_hint')}</p>`;
}

function Shift({ exposure: e }) {
  return html`<section class="card shift">
    <div class="card-head"><h2>${t('point.shift', { shift: e.shift, day: e.day })}</h2><${Verdict} exposure=${e} /></div>
    <p class="shift-figure"><${ExposureFigure} exposure=${e} /></p>
    <p><${LimitWithClause} limit=${limitOf(e)} /></p>
    ${!e.final && e.limit && html`<p>${t('exposure.limit_at')} <strong>${limitAt(e)}</strong> ${projectedText(e)}</p>`}
    <p class="shift-coverage">${t('exposure.coverage')} <${Coverage} exposure=${e} /></p>
    ${kindOf(e) === 'level' && html`<${Building} exposure=${e} />`}
    <details><summary>${t('point.shift_all')}</summary><${ExposureFacts} exposure=${e} /><${CoverageKey} /></details>
  </section>`;
}

function projectedText(e) {
  const name = ['lex_8h_projected', 'wbgt_projected', 'twa_projected'].find((n) => Number.isFinite(e[n]));
  return name && html`<span class="sub">${t(`exposure.${name}`)} ${withUnit(e[name], e.unit, e.limit?.value ?? null)}</span>`;
}

function SetPoints({ point }) {
  const here = useSite();
  const agent = here.agent(point.agent);
  const list = point.set_points ?? [];
  const used = (limit) => list.some((s) => s.limit?.kind === limit.kind && s.limit?.value === limit.value);
  const rest = (agent?.limits ?? []).filter((l) => !used(l));
  return html`<section class="card"><h2>${t('point.set_points')}</h2>
    ${list.length === 0 && rest.length === 0 && html`<${Empty}>${t('point.no_set_points')}<//>`}
    ${list.length > 0 && html`<div class="scroll-x" tabindex="0" role="region" aria-label=${t('point.set_points')}><table>
      <thead><tr><th scope="col">${t('alarms.level')}</th><th scope="col">${t('alarm.basis')}</th><th scope="col" class="number">${t('point.raise')}</th>
        <th scope="col" class="number">${t('point.clear')}</th><th scope="col" class="number">${t('point.delay')}</th><th scope="col">${t('alarm.limit')}</th><th scope="col">${t('alarm.clause')}</th></tr></thead>
      <tbody>${list.map((s, i) => html`<tr key=${i}><th scope="row"><${LevelBadge} level=${s.level} /></th><td>${t(`basis.${s.basis}`)}</td>
        <td class="number">${s.raise_above === null ? '—' : `> ${withUnit(s.raise_above, point.unit)}`}</td>
        <td class="number">${s.clear_at === null ? '—' : `≤ ${withUnit(s.clear_at, point.unit)}`}</td>
        <td class="number">${s.on_delay_s ? duration(s.on_delay_s * 1000) : t('point.at_once')}</td>
        <td>${s.limit ? limitText(s.limit) : t('point.own_level')}</td><td>${clause(s.limit)}</td></tr>`)}</tbody></table></div>`}
    ${rest.length > 0 && html`<p class="sub">${t('point.other_limits')} ${rest.map((l) => `${limitText(l)}（${l.source}）`).join(t('list.semicolon'))}</p>`}
  </section>`;
}

function clause(limit) {
  if (!limit) return '—';
  const law = limit.kind !== 'SITE' && limit.kind !== 'ACTION';
  return html`${limit.source || (law ? '—' : '')}${!law && html` <span class="sub">${t('alarm.not_law')}</span>`}`;
}

export default function Point({ params, query }) {
  const here = useSite();
  const point = here.pointById(params.id);
  useAlarms();
  const { data, error, reload } = useLoad(() => api.get(path(params.id)), [params.id]);
  useEffect(() => {
    const timer = setInterval(() => {
      if (!document.hidden) reload();
    }, minute);
    return () => clearInterval(timer);
  }, [params.id]);
  if (!point) return html`<${Screen} title=${t('nav.point')}><${Empty}>${t('point.unknown')}<//><//>`;
  const workplace = here.workplace(point.workplace);
  const enterprise = here.enterprise(workplace?.enterprise);
  const agent = here.agentName(point.agent);
  const facts = [here.areaName(enterprise?.area), enterprise?.name ?? enterprise?.id].filter(Boolean).join(' › ');
  const exposures = [...(data?.exposures ?? [])].sort(byRunning(gatewayNow()));
  return html`<${Screen} title=${here.pointName(point)}
      sub=${html`${facts} › <a href=${workplaceLink(point.workplace)}>${here.workplaceName(point.workplace)}</a>${' · '}${[agent && agent !== here.pointName(point) ? agent : null, unitText(point.unit), point.id].filter(Boolean).join(' · ')}`}>
    <${Now} point=${point} alarm=${alarmOfPoint(point.id)} />
    <section class="card"><h2>${t('point.trend')}</h2>
      <${Trend} key=${point.id} point=${point} query=${query} baseline=${data?.baseline ?? null}
        onQuery=${(values) => go(`/point/${part(point.id)}`, values)} />
    </section>
    <${ErrorBox} error=${error} onRetry=${reload} />
    ${!data && !error && html`<${Loading} />`}
    ${data && exposures.length === 0 && html`<section class="card"><h2>${t('point.shift_now')}</h2><${Empty}>${t(!point.agent ? 'point.no_agent' : workplace?.shifts?.length ? 'exposure.first_soon' : 'point.no_shift')}<//></section>`}
    ${exposures.map((e) => html`<${Shift} key=${`${e.shift}${e.day}`} exposure=${e} />`)}
    <${SetPoints} point=${point} />
  <//>`;
}
