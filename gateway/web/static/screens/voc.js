// A VOC station: its compounds, families over time, what makes ozone, and where the wind comes from.
import { html, useEffect, useMemo, useState } from '../lib/html.js';
import { api, query as withQuery } from '../lib/api.js';
import { lonely, pattern, Plot, seriesColour, timeAxis, valueAxis } from '../lib/chart.js';
import { dateTime, limitText, number, percent, rfc3339, unitText, withUnit } from '../lib/format.js';
import { pick, t } from '../lib/i18n.js';
import { pointLink } from '../lib/alarmparts.js';
import { flagOf, gatewayNow, isKnown, reading, useReading } from '../lib/live.js';
import { useLoad, useMedia } from '../lib/load.js';
import { useNow } from '../lib/now.js';
import { useQueued } from '../lib/queue.js';
import { go, link, part, replace } from '../lib/router.js';
import { series } from '../lib/series.js';
import { useSite } from '../lib/site.js';
import { Sparkline } from '../lib/spark.js';
import { sorted, SortSelect, VirtualTable } from '../lib/table.js';
import { Trend } from '../lib/trend.js';
import { Age, Empty, ErrorBox, Figure, Loading, PointFigure, Screen, Tabs, VirtualList } from '../lib/ui.js';
import { calm, compoundNow, limitOfCompound, leastWind, loadFamilies, loadWind, massFactor, ozone, sectors, windOf } from '../lib/vocparts.js';

const day = 86400000;
const ranges = { '24h': day, '7d': 7 * day };
const nameOf = (channel) => pick(channel) || channel.cas;

// --- compounds -------------------------------------------------------------------------------------------------------

function Spark({ channel, point }) {
  const { data, error } = useQueued(`spark:${point.id}`, async () => {
    const to = Math.floor(gatewayNow());
    return series(await api.get(withQuery(`/api/v1/points/${part(point.id)}/readings`, { from: rfc3339(to - day), to: rfc3339(to), resolution: 48 })));
  });
  if (error) return html`<span class="sub">—</span>`;
  if (!data) return html`<span class="spark-wait"></span>`;
  const limit = limitOfCompound(point);
  const factor = massFactor(channel, point.unit), bound = limit && massFactor(channel, limit.unit);
  return html`<${Sparkline} s=${data} unit=${point.unit} label=${nameOf(channel)} limit=${bound && factor ? limit.value * bound / factor : null} />`;
}

const ratioText = (ratio) => (ratio === null ? '—' : ratio < 0.01 && ratio > 0 ? '< 1 %' : percent(ratio, 1));

function Flag({ now }) {
  const { flag } = now;
  if (!flag) return html`<span class="hatched small">${t('time.never')}</span>`;
  if (flagOf(now) === 'overdue') return html`<span class="hatched small">${t('flag.overdue')}</span>`;
  return flag === 'N' ? html`<span>${t('flag.N')}</span>` : html`<span class="hatched small">${flag} ${t(`flag.${flag}`)}</span>`;
}

function Cells({ channel }) {
  const site = useSite();
  const point = site.point(channel.point);
  useReading(channel.point);
  const now = compoundNow(channel);
  return html`
    <th scope="row"><a href=${pointLink(point.id)}>${nameOf(channel)}</a></th>
    <td class="nowrap">${channel.cas}</td><td>${channel.family}</td>
    <td class="number"><${Figure} reading=${now} unit=${point.unit} showAge=${false} /></td>
    <td class="nowrap">${now.limit ? html`<span title=${now.limit.source}>${limitText(now.limit)}</span>` : '—'}</td>
    <td class="number">${ratioText(now.ratio)}</td>
    <td><${Flag} now=${now} /></td><td><${Age} at=${now.t} /></td>
    <td><${Spark} channel=${channel} point=${point} /></td>`;
}

function Card({ channel }) {
  const site = useSite();
  const point = site.point(channel.point);
  useReading(channel.point);
  const now = compoundNow(channel);
  return html`<div class="compound">
    <div class="compound-head"><a href=${pointLink(point.id)}>${nameOf(channel)}</a> <span class="sub">${channel.cas}</span></div>
    <div><${Figure} reading=${now} unit=${point.unit} />${isKnown(now) && now.flag !== 'N' && html` <span class="sub">${now.flag}</span>`}</div>
    <div class="compound-foot"><span class="sub">${now.limit ? `${limitText(now.limit)} · ${ratioText(now.ratio)}` : channel.family}</span><${Spark} channel=${channel} point=${point} /></div>
  </div>`;
}

function Compounds({ device }) {
  const site = useSite();
  const narrow = useMedia('(max-width: 1180px)');
  const now = useNow();
  const [sort, setSort] = useState({ id: 'value', down: true });
  const [text, setText] = useState('');
  const [family, setFamily] = useState('');
  const channels = device.voc.channels.filter((c) => site.point(c.point));
  const families = [...new Set(channels.map((c) => c.family).filter(Boolean))];
  const columns = [
    { id: 'name', label: t('voc.compound'), sort: true }, { id: 'cas', label: 'CAS', sort: true }, { id: 'family', label: t('voc.family'), sort: true },
    { id: 'value', label: t('voc.newest'), sort: true, down: true, class: 'number' }, { id: 'limit', label: t('alarm.limit') },
    { id: 'ratio', label: t('voc.ratio'), sort: true, down: true, class: 'number' }, { id: 'flag', label: t('point.flag'), sort: true },
    { id: 'age', label: t('voc.age') }, { id: 'spark', label: t('voc.day') },
  ];
  // Sorted anew every ten seconds, so that rows do not jump under the finger.
  const items = useMemo(() => {
    const words = text.trim().toLowerCase();
    const fits = channels.filter((c) => (!family || c.family === family) && (!words || `${c.zh} ${c.en} ${c.cas}`.toLowerCase().includes(words)));
    return sorted(fits, sort, { name: nameOf, cas: (c) => c.cas, family: (c) => c.family, value: (c) => compoundNow(c).mass,
      ratio: (c) => compoundNow(c).ratio, flag: (c) => reading(c.point).flag ?? '' });
  }, [device, text, family, sort, Math.floor(now / 10000)]);
  return html`<div>
    <div class="toolbar no-print">
      <label>${t('alarms.search')} <input type="search" value=${text} onInput=${(e) => setText(e.target.value)} /></label>
      <label>${t('voc.family')} <select value=${family} onChange=${(e) => setFamily(e.target.value)}><option value="">${t('ui.all')}</option>
        ${families.map((f) => html`<option key=${f} value=${f}>${f}</option>`)}</select></label>
      ${narrow && html`<${SortSelect} columns=${columns} sort=${sort} onSort=${setSort} />`}
      <span class="sub" role="status">${t('voc.shown', { n: items.length, all: channels.length })}</span>
    </div>
    ${items.length === 0 ? html`<${Empty}>${t('voc.no_match')}<//>` : narrow
      ? html`<${VirtualList} items=${items} rowHeight=${104} keyOf=${(c) => c.point} label=${t('voc.compounds')} render=${(c) => html`<${Card} channel=${c} />`} />`
      : html`<${VirtualTable} columns=${columns} items=${items} rowHeight=${46} keyOf=${(c) => c.point} label=${t('voc.compounds')} sort=${sort} onSort=${setSort}
        row=${(c) => html`<${Cells} channel=${c} />`} />`}
    <p class="hint">${t('voc.sort_hint')}</p>
  </div>`;
}

// --- families over time ----------------------------------------------------------------------------------------------

const kinds = ['solid', 'stripes', 'dots', 'solid'];

function fillOf(u, palette, i) {
  const colour = seriesColour(palette, i);
  return kinds[i % 4] === 'solid' ? `${colour}70` : pattern(u.ctx, colour, kinds[i % 4]);
}

function Stacked({ data, height }) {
  const columns = useMemo(() => {
    const whole = data.x.map((_, k) => data.families.every((f) => f.values[k] !== null));
    let below = data.x.map(() => 0);
    const stacked = data.families.map((f) => {
      below = below.map((v, k) => (whole[k] ? v + f.values[k] : null));
      return below;
    });
    return [data.x, ...stacked];
  }, [data]);
  const build = (palette) => ({
    cursor: { drag: { x: false, y: false } },
    scales: { x: { time: true, range: () => [data.from / 1000, data.to / 1000] }, y: { range: (u, low, high) => [0, (high ?? 0) > 0 ? high * 1.08 : 1] } },
    axes: [timeAxis(palette), valueAxis(palette, 'y', unitText('ug/m3'))],
    series: [{}, ...data.families.map((f, i) => ({ scale: 'y', stroke: seriesColour(palette, i), width: 1.25,
      points: { show: false, size: 4, fill: seriesColour(palette, i), filter: (u, index, show) => lonely(u.data[index], show) },
      fill: i === 0 ? (u) => fillOf(u, palette, 0) : undefined }))],
    bands: data.families.slice(1).map((f, k) => ({ series: [k + 2, k + 1], fill: (u) => fillOf(u, palette, k + 1) })),
  });
  return html`<${Plot} build=${build} data=${columns} height=${height} deps=${[data]} />`;
}

function Families({ device }) {
  const [range, setRange] = useState('24h');
  const [state, setState] = useState({ data: null, error: null, done: 0, all: 1 });
  const [turn, setTurn] = useState(0);
  const narrow = useMedia('(max-width: 760px)');
  useEffect(() => {
    let gone = false;
    setState({ data: null, error: null, done: 0, all: 1 });
    const load = loadFamilies(device, ranges[range], device.period_s * 1000, (done, all) => {
      if (!gone) setState((s) => ({ ...s, done, all }));
    });
    load.promise.then((data) => !gone && setState((s) => ({ ...s, data })), (error) => {
      load.cancel();
      if (!gone) setState((s) => ({ ...s, error }));
    });
    return () => {
      gone = true;
      load.cancel();
    };
  }, [device.id, range, turn]);
  const { data, error } = state;
  return html`<section class="card">
    <div class="card-head"><h2>${t('voc.families')}</h2><div class="segments no-print" role="group" aria-label=${t('trend.range')}>
      ${Object.keys(ranges).map((key) => html`<button type="button" key=${key} aria-pressed=${range === key ? 'true' : 'false'} onClick=${() => setRange(key)}>${t(`trend.range.${key}`)}</button>`)}</div></div>
    <${ErrorBox} error=${error} onRetry=${() => setTurn(turn + 1)} />
    ${!data && !error && html`<p class="loading"><progress max=${state.all} value=${state.done} aria-label=${t('ui.loading')}></progress> ${t('voc.progress', { done: state.done, all: state.all })}</p>`}
    ${data && html`<${Stacked} data=${data} height=${narrow ? 240 : 300} />
      <ul class="family-key">${data.families.map((f, i) => html`<li key=${f.family}><span class=${`family-swatch ${kinds[i % 4]} series-${i % 4 + 1}`} aria-hidden="true"></span>
        ${f.family} <span class="sub">${t('voc.members', { n: f.members })}</span> ${familyWords(f)}</li>`)}</ul>
      <p class="hint">${t('voc.families_hint', { from: dateTime(data.from), to: dateTime(data.to) })}</p>
      <details><summary>${t('trend.table')}</summary><div class="scroll-x" tabindex="0" role="region" aria-label=${t('voc.families')}><table>
        <thead><tr><th scope="col">${t('trend.from')}</th>${data.families.map((f) => html`<th scope="col" class="number" key=${f.family}>${f.family} (${unitText('ug/m3')})</th>`)}</tr></thead>
        <tbody>${tableRows(data).map((row) => html`<tr key=${row.at}><th scope="row">${dateTime(row.at)}</th>${row.values.map((v, i) => html`<td class="number" key=${i}>${number(v)}</td>`)}</tr>`)}</tbody></table></div></details>`}
  </section>`;
}

const meanOf = (list) => {
  const known = list.filter((v) => v !== null);
  return known.length ? known.reduce((a, b) => a + b, 0) / known.length : null;
};

function familyWords(f) {
  const known = f.values.filter((v) => v !== null);
  if (known.length === 0) return html`<span class="hatched small">${t('flag.none')}</span>`;
  return t('voc.family_words', { least: number(Math.min(...known)), mean: number(meanOf(known)), greatest: withUnit(Math.max(...known), 'ug/m3') });
}

function tableRows(data) {
  const step = Math.ceil(data.x.length / 28), rows = [];
  for (let k = 0; k < data.x.length; k += step) rows.push({ at: data.from + data.width * k, values: data.families.map((f) => meanOf(f.values.slice(k, k + step))) });
  return rows;
}

function History({ device, query }) {
  const site = useSite();
  const tvoc = device.voc.tvoc === null ? null : site.point(device.voc.tvoc);
  const { data } = useLoad(() => (tvoc ? api.get(`/api/v1/points/${part(tvoc.id)}`) : null), [tvoc?.id]);
  return html`
    <${Families} device=${device} />
    ${tvoc && html`<section class="card"><h2>TVOC</h2>
      <${Trend} point=${tvoc} query=${{ ...query, range: query.range || '24h' }} baseline=${data?.baseline ?? null} compare=${false}
        onQuery=${(values) => go(`/voc/${part(device.id)}`, { ...values, tab: 'history' })} /></section>`}`;
}

// --- ozone -----------------------------------------------------------------------------------------------------------

const firstRows = 20;

function Ozone({ device }) {
  const site = useSite();
  useNow();
  const [all, setAll] = useState(false);
  const { rows, total, without } = ozone(device);
  const own = device.voc.ofp === null ? null : site.point(device.voc.ofp);
  const left = device.voc.ofp_left_out === null ? null : reading(device.voc.ofp_left_out);
  const noFactor = device.voc.channels.filter((c) => c.mir === null || c.mir === undefined).length;
  const silent = without.length - noFactor;
  return html`<section class="card">
    <h2>${t('voc.ofp')}</h2>
    <p>${own ? html`<${PointFigure} point=${own} />` : ''}</p>
    <p class="sub">${left && isKnown(left) ? t('voc.left_out', { n: number(left.value) }) : t('voc.left_out_unknown')} ${t('voc.left_out_why', { n: noFactor, silent })}</p>
    ${rows.length === 0 ? html`<${Empty}>${t('flag.none')}<//>` : html`<div class="scroll-x" tabindex="0" role="region" aria-label=${t('voc.shares')}><table class="ofp">
      <caption>${t('voc.ofp_caption', { total: withUnit(total, 'ug/m3') })}</caption>
      <thead><tr><th scope="col">${t('voc.compound')}</th><th scope="col">${t('voc.share')}</th><th scope="col" class="number">OFP</th>
        <th scope="col" class="number">${t('voc.mass')}</th><th scope="col" class="number">MIR (g/g)</th></tr></thead>
      <tbody>${rows.slice(0, all ? undefined : firstRows).map((r) => html`<tr key=${r.channel.point}><th scope="row"><a href=${pointLink(site.point(r.channel.point).id)}>${nameOf(r.channel)}</a></th>
        <td class="share-cell"><span class="bar" aria-hidden="true"><span style=${{ width: `${r.share * 100}%` }}></span></span> ${r.share < 0.01 ? '< 1 %' : percent(r.share)}</td>
        <td class="number">${withUnit(r.potential, 'ug/m3')}</td><td class="number">${withUnit(r.mass, 'ug/m3')}</td><td class="number">${number(r.channel.mir)}</td></tr>`)}</tbody></table></div>
      ${rows.length > firstRows && html`<button type="button" class="no-print" onClick=${() => setAll(!all)}>${all ? t('voc.fewer') : t('voc.all', { n: rows.length })}</button>`}`}
    <p class="hint">${t('voc.ofp_hint')}</p>
  </section>`;
}

// --- wind ------------------------------------------------------------------------------------------------------------

/** A rose of sixteen: `values` 0.., each drawn as a wedge; `text(value)` names the outer ring. */
function Rose({ values, label, text }) {
  const greatest = Math.max(...values.filter((v) => v !== null), 0);
  const wedge = (i, r) => {
    const a = (i - 0.42) * 2 * Math.PI / sectors, b = (i + 0.42) * 2 * Math.PI / sectors;
    const at = (angle) => `${(r * Math.sin(angle)).toFixed(1)} ${(-r * Math.cos(angle)).toFixed(1)}`;
    return `M0 0L${at(a)}A${r} ${r} 0 0 1 ${at(b)}Z`;
  };
  const top = values.map((v, i) => [v, i]).filter(([v]) => v !== null && v > 0).sort((a, b) => b[0] - a[0]).slice(0, 3);
  const words = t('voc.rose_words', { what: label, list: top.map(([v, i]) => `${t(`wind.${i}`)} ${text(v)}`).join(t('list.comma')) || '—' });
  return html`<figure class="rose"><figcaption>${label}</figcaption>
    <svg viewBox="-130 -130 260 260" role="img" aria-label=${words}>
      ${[0.5, 1].map((k) => html`<circle key=${k} r=${100 * k} class="ring" />`)}
      ${greatest > 0 && values.map((v, i) => v > 0 && html`<path key=${i} d=${wedge(i, 100 * v / greatest)} class="wedge" />`)}
      ${[0, 4, 8, 12].map((i) => html`<text key=${i} x=${116 * Math.sin(i * 2 * Math.PI / sectors)} y=${-116 * Math.cos(i * 2 * Math.PI / sectors) + 5}>${t(`wind.${i}`)}</text>`)}
      ${greatest > 0 && html`<text class="ring-text" x="72" y="-80">${text(greatest)}</text>`}
    </svg></figure>`;
}

function Wind({ device, wind }) {
  const [range, setRange] = useState('24h');
  const { data, error, reload } = useLoad(() => loadWind(device, wind, ranges[range]), [device.id, range]);
  const percentText = (v) => `${number(v * 100)} %`;
  return html`<section class="card">
    <div class="card-head"><h2>${t('voc.wind')}</h2><div class="segments no-print" role="group" aria-label=${t('trend.range')}>
      ${Object.keys(ranges).map((key) => html`<button type="button" key=${key} aria-pressed=${range === key ? 'true' : 'false'} onClick=${() => setRange(key)}>${t(`trend.range.${key}`)}</button>`)}</div></div>
    <p class="sub">${wind.direction.id}${wind.speed ? ` · ${wind.speed.id}` : ''}</p>
    <${ErrorBox} error=${error} onRetry=${reload} />
    ${!data && !error && html`<${Loading} />`}
    ${data && data.counted < leastWind * data.all && html`<p class="hatched">${t('voc.few_winds', { share: percentText(data.counted / data.all) })}</p>`}
    ${data && html`<div class="roses">
      <${Rose} values=${data.rows.map((r) => r.share)} label=${t('voc.frequency')} text=${percentText} />
      ${data.unit && html`<${Rose} values=${data.rows.map((r) => r.tvoc)} label=${t('voc.tvoc_by_wind')} text=${(v) => withUnit(v, data.unit)} />`}</div>
      <p class="sub">${t('voc.wind_words', { from: dateTime(data.from), to: dateTime(data.to), unclear: percentText(data.unclear / data.all), missing: percentText(data.missing / data.all) })}
        ${' '}${wind.speed ? t('voc.calm_words', { calm: `${number(calm)} m/s`, still: percentText(data.counted ? data.still / data.counted : 0) }) : t('voc.no_speed')}</p>
      <details><summary>${t('trend.table')}</summary><div class="scroll-x" tabindex="0" role="region" aria-label=${t('voc.wind')}><table>
        <thead><tr><th scope="col">${t('voc.direction')}</th><th scope="col" class="number">${t('voc.frequency')}</th>${wind.speed && html`<th scope="col" class="number">${t('voc.mean_wind')}</th>`}<th scope="col" class="number">${t('voc.tvoc_by_wind')}</th></tr></thead>
        <tbody>${data.rows.map((r, i) => html`<tr key=${i}><th scope="row">${t(`wind.${i}`)}</th><td class="number">${percentText(r.share)}</td>
          ${wind.speed && html`<td class="number">${r.speed === null ? '—' : withUnit(r.speed, 'm/s')}</td>`}<td class="number">${r.tvoc === null ? '—' : withUnit(r.tvoc, data.unit)}</td></tr>`)}</tbody></table></div></details>`}
  </section>`;
}

// --- the screen ------------------------------------------------------------------------------------------------------

function Head({ device }) {
  const site = useSite();
  const shown = [['TVOC', device.voc.tvoc], ['OFP', device.voc.ofp]].filter(([, i]) => i !== null && site.point(i));
  return html`<div class="voc-head card">${shown.map(([name, i]) => html`<div key=${name}><span class="sub">${name}</span><p><${PointFigure} point=${site.point(i)} /></p></div>`)}
    <div><span class="sub">${t('voc.compounds')}</span><p><${Answering} device=${device} /></p></div></div>`;
}

function Answering({ device }) {
  useNow();
  const known = device.voc.channels.filter((c) => isKnown(reading(c.point))).length;
  return html`<span class="figure"><span class="num">${known}</span> / ${device.voc.channels.length} <span class="mean">${t('voc.valid')}</span></span>`;
}

function Station({ device, query }) {
  const site = useSite();
  const wind = windOf(device);
  const tabs = ['compounds', 'history', 'ozone', ...(wind ? ['wind'] : [])].map((id) => ({ id, label: t(`voc.tab.${id}`) }));
  const active = tabs.some((tab) => tab.id === query.tab) ? query.tab : 'compounds';
  return html`<${Screen} title=${t('voc.title', { id: device.id })}
      sub=${`${site.enterpriseName(site.workplace(device.workplace)?.enterprise)} › ${site.workplaceName(device.workplace)} · ${t('voc.period', { s: device.period_s })}`}>
    <${Head} device=${device} />
    <${Tabs} tabs=${tabs} active=${active} label=${t('nav.voc')} onChange=${(tab) => replace(`/voc/${part(device.id)}`, { tab })}>
      ${active === 'compounds' && html`<${Compounds} device=${device} />`}
      ${active === 'history' && html`<${History} device=${device} query=${query} />`}
      ${active === 'ozone' && html`<${Ozone} device=${device} />`}
      ${active === 'wind' && html`<${Wind} device=${device} wind=${wind} />`}
    <//>
  <//>`;
}

export default function Voc({ params, query }) {
  const site = useSite();
  const stations = site.devices.filter((d) => d.voc);
  const device = params.device ? stations.find((d) => d.id === params.device) : stations.length === 1 ? stations[0] : null;
  if (device) return html`<${Station} device=${device} query=${query} />`;
  return html`<${Screen} title=${t('nav.voc')}>
    ${stations.length === 0 || params.device ? html`<${Empty}>${t(params.device ? 'voc.unknown' : 'voc.none')}<//>` : html`<ul class="station-list">${stations.map((d) => html`
      <li key=${d.id} class="card"><h2><a href=${link(`/voc/${part(d.id)}`)}>${d.id}</a></h2><p class="sub">${site.workplaceName(d.workplace)}</p>
        ${d.voc.tvoc !== null && site.point(d.voc.tvoc) && html`<p>TVOC <${PointFigure} point=${site.point(d.voc.tvoc)} /></p>`}</li>`)}</ul>`}
  <//>`;
}
