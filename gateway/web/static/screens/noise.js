// All noise points: the level now, what the shift comes to, and how it builds up.
import { html } from '../lib/html.js';
import { api, query } from '../lib/api.js';
import { byRunning, Coverage, limitAt, LimitWithClause, ratioText, Verdict } from '../lib/exposureparts.js';
import { dateText, ms, number, rfc3339, unitText } from '../lib/format.js';
import { t, tn } from '../lib/i18n.js';
import { PointName, WorkplaceName } from '../lib/links.js';
import { gatewayNow } from '../lib/live.js';
import { useQueued } from '../lib/queue.js';
import { part } from '../lib/router.js';
import { buildingUp, series } from '../lib/series.js';
import { useSite } from '../lib/site.js';
import { Buildup } from '../lib/spark.js';
import { Empty, PointFigure, Screen, Time } from '../lib/ui.js';

const minute = 60000;
const rowsAtOnce = 200;

/** The shift that runs, else the last one; with its curve. */
async function ask(point) {
  const path = `/api/v1/points/${part(point.id)}`;
  const now = Math.floor(gatewayNow());
  let shift = (await api.get(path)).exposures.sort(byRunning(now))[0];
  if (!shift) {
    const answer = await api.get(query('/api/v1/exposures', { point: point.id, from: dateText(now - 2 * 86400000), to: dateText(now) }));
    shift = answer.exposures.sort((a, b) => ms(b.begin) - ms(a.begin))[0];
  }
  if (!shift || shift.lex_8h_so_far === undefined) return { shift: shift ?? null, curve: [] };
  const to = Math.min(ms(shift.end), now);
  const answer = to > ms(shift.begin)
    && await api.get(query(`${path}/readings`, { from: shift.begin, to: rfc3339(to), resolution: 120 }));
  return { shift, curve: answer ? buildingUp(series(answer)) : [] };
}

function Level({ value, limit, name }) {
  if (!Number.isFinite(value)) return html`<span class="sub">—</span>`;
  return html`<span class="figure"><span class="num">${number(value, limit?.value ?? null)}</span> <span class="unit">${unitText('dB(A)')}</span>
    ${name && html`<span class="mean">${name}</span>`}</span>`;
}

function Row({ point }) {
  const site = useSite();
  const { data, error } = useQueued(`noise:${point.id}`, () => ask(point), minute);
  const e = data?.shift;
  const known = e && e.lex_8h_so_far !== undefined;
  const whole = e?.final && Number.isFinite(e.lex_8h);
  return html`<article class="card noise-row">
    <div class="noise-name"><h2><${PointName} id=${point.id} /></h2>
      <p class="sub">${site.enterpriseName(site.workplace(point.workplace)?.enterprise)} › <${WorkplaceName} id=${point.workplace} /> · ${point.id}</p>
      <p><${PointFigure} point=${point} /></p></div>
    ${!data && html`<p class="sub">${error ? error.text : t('ui.loading')}</p>`}
    ${data && !e && html`<p class="sub">${t(site.workplace(point.workplace)?.shifts?.length ? 'exposure.first_soon' : 'noise.no_shift')}</p>`}
    ${e && html`<dl class="noise-facts">
      <div><dt>${t('exposure.shift')}</dt><dd>${e.day} ${e.shift} <span class="sub">${e.final ? t('noise.over') : html`${t('exposure.running')} <${Time} at=${e.at} />`}</span></dd></div>
      ${known && html`<div><dt>${t('noise.laeq')}</dt><dd><${Level} value=${e.laeq} /></dd></div>
        <div><dt>${t(whole ? 'exposure.lex_8h' : 'exposure.lex_8h_so_far')}</dt><dd><${Level} value=${whole ? e.lex_8h : e.lex_8h_so_far} limit=${e.limit} /> <span class="sub">${ratioText(e)}</span></dd></div>
        ${!e.final && html`<div><dt>${t('noise.projected')}</dt><dd><${Level} value=${e.lex_8h_projected} limit=${e.limit} /></dd></div>`}`}
      ${e.impulses !== undefined && html`<div><dt>${t('exposure.impulse_count')}</dt><dd>${e.impulses}</dd></div>`}
      <div><dt>${t('exposure.limit')}</dt><dd><${LimitWithClause} limit=${e.limit} /></dd></div>
      ${!e.final && known && e.limit && html`<div><dt>${t('exposure.limit_at')}</dt><dd>${limitAt(e)}</dd></div>`}
      <div><dt>${t('exposure.coverage')}</dt><dd><${Coverage} exposure=${e} /></dd></div>
      <div><dt>${t('exposure.verdict')}</dt><dd><${Verdict} exposure=${e} /></dd></div>
    </dl>`}
    ${known && html`<${Buildup} points=${data.curve} begin=${ms(e.begin)} end=${ms(e.end)} limit=${e.limit} unit=${e.unit}
      name=${t('exposure.lex_8h_so_far')} projected=${e.final ? null : { at: ms(e.end), value: e.lex_8h_projected }} />`}
  </article>`;
}

export default function Noise() {
  const site = useSite();
  const points = site.points.filter((p) => p.unit?.startsWith('dB'));
  return html`<${Screen} title=${t('nav.noise')} sub=${tn('noise.sub', points.length)}>
    ${points.length === 0 && html`<${Empty}>${t('noise.none')}<//>`}
    ${points.slice(0, rowsAtOnce).map((p) => html`<${Row} key=${p.id} point=${p} />`)}
    ${points.length > rowsAtOnce && html`<${Empty}>${t('noise.more', { n: points.length - rowsAtOnce })}<//>`}
  <//>`;
}
