// A point over time, beside others: mean and range, limits by name, what is not known hatched, and the same in words.
import { html, useEffect, useMemo, useRef, useState } from './html.js';
import { api, query as withQuery } from './api.js';
import {
  dashes, drawLines, drawSpans, lonely, pattern, Plot, seriesColour, Swatch, timeAxis, valueAxis,
} from './chart.js';
import {
  clockText, dateText, dateTime, duration, isLaw, limitText, number, rfc3339, unitText, utcOffset, withUnit, zoneText,
} from './format.js';
import { hasWords, t } from './i18n.js';
import { gatewayNow, reading, useConnection } from './live.js';
import { useLoad, useMedia } from './load.js';
import { useNow } from './now.js';
import { part } from './router.js';
import { append, curves, dropBefore, flagSpans, pieces, series, summarize } from './series.js';
import { useSite } from './site.js';
import { cell, useCell } from './store.js';
import { Dialog, Empty, ErrorBox, Field, Icon, VirtualList } from './ui.js';

const hour = 3600000;
const spans = { '1h': hour, '8h': 8 * hour, '24h': 24 * hour, '7d': 168 * hour, '30d': 720 * hour };
const liveUpTo = 24 * hour;
const mostOthers = 3;
const shortest = 10000;
const usual = '8h';

const readingsPath = (id) => `/api/v1/points/${part(id)}/readings`;
const fromZero = (unit) => !/^(dB|degC|hPa|Pa|mV)/.test(unit);

/** What is asked for by the address: {key, from, to (null: now), span}. */
function windowOf(query) {
  const from = Number(query.from), to = Number(query.to);
  if (query.range === 'custom' && to > from) return { key: `${from}-${to}`, from, to, span: to - from };
  const key = spans[query.range] ? query.range : usual;
  return { key, from: null, to: null, span: spans[key] };
}

const shortBasis = (basis) => t(hasWords(`short.${basis}`) ? `short.${basis}` : `basis.${basis}`);
const levelColour = { notice: 'notice', warning: 'warning-edge', exceed: 'exceed', danger: 'danger' };
const severity = ['notice', 'warning', 'exceed', 'danger'];

/** Limits and set points in the point's own unit, one line for each value: [{value, text, colour, law}], lowest first. */
export function linesOf(point, agent) {
  const lines = new Map();
  const line = (value) => {
    if (!lines.has(value)) lines.set(value, { value, names: [], levels: [], law: false });
    return lines.get(value);
  };
  for (const limit of agent?.limits ?? []) {
    if (limit.unit !== point.unit || !Number.isFinite(limit.value)) continue;
    const found = line(limit.value);
    found.names.push(limitText(limit));
    found.law ||= isLaw(limit);
  }
  for (const s of point.set_points ?? []) {
    if (s.basis === 'baseline' || s.basis === 'mixture' || !Number.isFinite(s.raise_above)) continue;
    const found = line(s.raise_above);
    const same = s.limit && s.limit.unit === point.unit && s.limit.value === s.raise_above;
    if (same && !found.names.includes(limitText(s.limit))) found.names.push(limitText(s.limit));
    if (same && isLaw(s.limit)) found.law = true;
    found.levels.push(s);
  }
  return [...lines.values()].sort((a, b) => a.value - b.value).map((l) => {
    const levels = l.levels.map((s) => `${t(`level.${s.level}`)} ${shortBasis(s.basis)}`);
    const name = l.names.join(' = ') || withUnit(l.value, point.unit);
    const worst = l.levels.map((s) => s.level).sort((a, b) => severity.indexOf(b) - severity.indexOf(a))[0];
    return { value: l.value, law: l.law, colour: l.law ? 'danger' : levelColour[worst] ?? 'warning-edge',
      text: [name, ...levels].join(' · '), name };
  });
}

/** Lines far above all that is measured would press the curve flat: they are named in words instead. */
function inSight(lines, unit, greatest) {
  if (greatest === null || greatest === undefined) return lines;
  const reach = fromZero(unit) ? Math.max(greatest * 3, 0) : greatest + 12;
  return lines.filter((l) => l.value <= reach);
}

function bounds(unit, lines, low, high) {
  const seen = inSight(lines, unit, high).map((l) => l.value);
  let top = Math.max(high ?? -Infinity, ...seen), bottom = Math.min(low ?? Infinity, ...(fromZero(unit) ? seen : []));
  if (!Number.isFinite(top)) top = 1;
  if (!Number.isFinite(bottom)) bottom = fromZero(unit) ? 0 : top - 10;
  if (fromZero(unit) && bottom >= 0) return [0, top > 0 ? top * 1.1 : 1];
  const room = Math.max((top - bottom) * 0.1, 0.5);
  return [bottom - room, top + room];
}

/** From the usual of an hour of the day to where it would be told of: a robust z of `highZ`, the MAD never below its floor. */
const usualReach = (h, highZ) => highZ * Math.max(h.mad, h.floor ?? 0) / 0.6745;

function drawBaseline(u, palette, baseline) {
  if (!baseline) return;
  const ctx = u.ctx, ratio = devicePixelRatio || 1;
  const { left, top, width, height } = u.bbox;
  const byHour = new Map(baseline.hours.map((h) => [h.hour, h]));
  const shift = utcOffset() * 60000;
  ctx.save();
  ctx.beginPath();
  ctx.rect(left, top, width, height);
  ctx.clip();
  ctx.fillStyle = pattern(ctx, palette['line-strong'], 'dots');
  ctx.strokeStyle = palette['text-2'];
  ctx.lineWidth = ratio;
  ctx.setLineDash([3 * ratio, 3 * ratio]);
  const begin = Math.floor((u.scales.x.min * 1000 + shift) / hour);
  const end = Math.min(Math.ceil((u.scales.x.max * 1000 + shift) / hour), begin + 2000);
  for (let h = begin; h < end; ++h) {
    const found = byHour.get(((h % 24) + 24) % 24);
    if (!found || found.median === null) continue;  // too few days so far
    const a = u.valToPos((h * hour - shift) / 1000, 'x', true), b = u.valToPos(((h + 1) * hour - shift) / 1000, 'x', true);
    const reach = usualReach(found, baseline.high_z ?? 5);
    const high = u.valToPos(found.median + reach, 'y', true), low = u.valToPos(found.median - reach, 'y', true);
    ctx.fillRect(a, high, b - a, low - high);
    const y = u.valToPos(found.median, 'y', true);
    ctx.beginPath();
    ctx.moveTo(a, y);
    ctx.lineTo(b, y);
    ctx.stroke();
  }
  ctx.restore();
}

/** "2026-11-26T16:00" of the site's clock, and back. */
const toInput = (at) => new Date(at + utcOffset() * 60000).toISOString().slice(0, 16);
const fromInput = (text) => Date.parse(`${text}:00Z`) - utcOffset() * 60000;

function Custom({ from, to, onShow }) {
  const [error, setError] = useState('');
  const submit = (event) => {
    event.preventDefault();
    const form = new FormData(event.target);
    const a = fromInput(form.get('from')), b = fromInput(form.get('to'));
    if (!(b - a >= 60000)) return setError(t('trend.bad_range'));
    setError('');
    return onShow(a, b);
  };
  return html`<form class="inline-form" onSubmit=${submit}>
    <${Field} label=${t('trend.from')} error=${error}>${(about) => html`<input ...${about} type="datetime-local" name="from" required defaultValue=${toInput(from)} />`}<//>
    <${Field} label=${t('trend.to')}>${(about) => html`<input ...${about} type="datetime-local" name="to" required defaultValue=${toInput(to)} />`}<//>
    <button type="submit" class="primary">${t('trend.show')}</button>
  </form>`;
}

/** Another point beside this one. With two units already, only points of these. */
function Picker({ point, taken, units, onPick, onClose }) {
  const here = useSite();
  const [text, setText] = useState('');
  const words = text.trim().toLowerCase().split(/\s+/).filter(Boolean);
  const near = (p) => (p.workplace === point.workplace ? 0 : 2) + (p.unit === point.unit ? 0 : 1);
  const found = useMemo(() => here.points
    .filter((p) => !taken.includes(p.id) && (units.length < 2 || units.includes(p.unit)))
    .filter((p) => {
      const all = `${p.id} ${here.pointName(p)} ${here.workplaceName(p.workplace)} ${p.unit}`.toLowerCase();
      return words.every((word) => all.includes(word));
    })
    .sort((a, b) => near(a) - near(b)), [text, here]);
  return html`<${Dialog} title=${t('trend.compare')} onClose=${onClose}>
    <${Field} label=${t('alarms.search')} hint=${t('trend.search_hint')}>${(about) => html`
      <input ...${about} type="search" value=${text} onInput=${(e) => setText(e.target.value)} />`}<//>
    ${found.length === 0 ? html`<${Empty}>${t('trend.no_points')}<//>` : html`<${VirtualList} items=${found} rowHeight=${52} keyOf=${(p) => p.index} label=${t('workplace.points')}
      render=${(p) => html`<button type="button" class="pick" onClick=${() => onPick(p)}><span>${here.pointName(p)}
        <span class="sub"> ${here.workplaceName(p.workplace)} · ${p.id}</span></span> <span class="unit">${unitText(p.unit)}</span></button>`} />`}
  <//>`;
}

function Legend({ list, points, cursor }) {
  const at = useCell(cursor);
  const here = useSite();
  const last = list[0].mean.length - 1;
  const index = at.index === null ? null : Math.min(at.index, last);
  const from = index === null ? null : list[0].from + list[0].width * index;
  return html`<div class="legend">
    <p class="legend-time">${index === null ? t('trend.point_at') : `${dateText(from)} ${clockText(from)} – ${clockText(from + list[0].width)}`}</p>
    <ul>${list.map((s, i) => {
      const p = points[i];
      const flag = index === null ? '' : s.worst[index];
      const known = index !== null && (s.mean[index] ?? null) !== null;
      return html`<li key=${s.point}><${Swatch} index=${i} /> <span>${here.pointName(p)} <span class="sub">${here.workplaceName(p.workplace)} · ${p.id}</span></span>
        ${index !== null && html`<span class="figure">${known
          ? html`<span class="num">${number(s.mean[index])}</span> <span class="unit">${unitText(p.unit)}</span>
            <span class="mean">${t(s.energy ? 'trend.energy_mean_of' : 'trend.mean_of', { time: duration(s.width) })}${s.counted[index] > 1
              ? t('trend.range_of', { least: number(s.least[index]), greatest: number(s.greatest[index]) }) : ''}</span>`
          : html`<span class="hatched small">${t(`flag.${flag || 'none'}`)}</span>`}
          ${known && flag && flag !== 'N' && html` <span class="mean">${t(`flag.${flag}`)}</span>`}</span>`}</li>`;
    })}</ul>
    <p class="sr" aria-live="polite">${at.spoken}</p>
  </div>`;
}

/** What the picture shows, as sentences and as a table. */
function Words({ list, points, lines, spans: flagged, from, to, baseline }) {
  const here = useSite();
  const [open, setOpen] = useState(false);
  const main = points[0];
  const hidden = lines.filter((l) => !inSight(lines, main.unit, summarize(list[0]).greatest).includes(l));
  const byFlag = new Map();
  for (const span of flagged) {
    const sum = byFlag.get(span.flag) ?? { n: 0, ms: 0 };
    byFlag.set(span.flag, { n: sum.n + 1, ms: sum.ms + span.to - span.from });
  }
  return html`<div class="chart-words">
    ${list.map((s, i) => {
      const sum = summarize(s, from, to), p = points[i];
      const what = { what: list.length > 1 ? `${here.pointName(p)} ${p.id}` : here.pointName(p), from: dateTime(from), to: dateTime(to) };
      return html`<p key=${s.point}>${sum.counted === 0 ? t('trend.words_none', what) : t('trend.words', {
        ...what, least: withUnit(sum.least, p.unit), least_at: dateTime(sum.leastAt), mean_word: t(s.energy ? 'trend.energy_mean' : 'trend.mean'),
        mean: withUnit(sum.mean, p.unit), greatest: withUnit(sum.greatest, p.unit), greatest_at: dateTime(sum.greatestAt), n: sum.counted,
        width: duration(s.width),
      })}</p>`;
    })}
    ${lines.length > 0 && html`<p>${t('trend.lines', { list: lines.map((l) => l.text).join(t('list.semicolon')) })}</p>`}
    ${hidden.length > 0 && html`<p>${t('trend.lines_hidden', { list: hidden.map((l) => l.name).join(t('list.comma')) })}</p>`}
    ${byFlag.size > 0 && html`<p>${t('trend.flags', { list: [...byFlag].map(([flag, sum]) => t('trend.flag_span', {
      flag: t(`flag.${flag}`), letter: flag, n: sum.n, time: duration(sum.ms),
    })).join(t('list.semicolon')) })}</p>`}
    ${baseline?.hours.some((h) => h.median !== null) && html`<p>${t('trend.baseline', { days: Math.max(...baseline.hours.map((h) => h.days)) })}</p>`}
    <details onToggle=${(e) => setOpen(e.target.open)}><summary>${t('trend.table')}</summary>
      ${open && list.map((s, i) => html`<div class="scroll-x" tabindex="0" role="region" aria-label=${`${here.pointName(points[i])} ${s.point}`} key=${s.point}><table>
        <caption>${here.pointName(points[i])}, ${unitText(points[i].unit)}, ${zoneText()}</caption>
        <thead><tr><th scope="col">${t('trend.from')}</th><th scope="col" class="number">${t('trend.least')}</th>
          <th scope="col" class="number">${t(s.energy ? 'trend.energy_mean' : 'trend.mean')}</th><th scope="col" class="number">${t('trend.greatest')}</th>
          <th scope="col" class="number">${t('trend.count')}</th><th scope="col">${t('trend.flag')}</th></tr></thead>
        <tbody>${pieces(s, 32).map((row) => html`<tr key=${row.from}><th scope="row">${dateTime(row.from)}</th>
          <td class="number">${number(row.least)}</td><td class="number">${number(row.mean)}</td><td class="number">${number(row.greatest)}</td>
          <td class="number">${row.counted}</td><td>${t(`flag.${row.flag || 'none'}`)}</td></tr>`)}</tbody></table></div>`)}
    </details>
  </div>`;
}

const pad = (list, length, with_) => (list.length >= length ? list : [...list, ...new Array(length - list.length).fill(with_)]);

/** `query`: {range, from, to, back, with} of the address; `onQuery(values, {replace})` writes it there. */
export function Trend({ point, query, onQuery, baseline = null, compare = true }) {
  const here = useSite();
  const narrow = useMedia('(max-width: 760px)');
  const now = useNow();
  const { state } = useConnection();
  const [picking, setPicking] = useState(false);
  const [choosing, setChoosing] = useState(false);
  const [version, setVersion] = useState(0);
  const plot = useRef(null);
  const shown = useRef(null);
  const cursor = useMemo(() => cell({ index: null, spoken: '' }), []);

  const others = compare ? (query.with ?? '').split(',').map((id) => here.pointById(id)).filter((p) => p && p.id !== point.id).slice(0, mostOthers) : [];
  const points = [point, ...others];
  const units = [...new Set(points.map((p) => p.unit))].slice(0, 2);
  const asked = windowOf(query);
  const period = (p) => (here.device(p.device)?.period_s ?? 1) * 1000;

  const { data, error, loading, reload } = useLoad(async () => {
    const to = asked.to ?? Math.floor(gatewayNow());
    const from = asked.from ?? to - asked.span;
    const resolution = Math.max(2, Math.min(narrow ? 400 : 800, Math.floor(asked.span / period(point))));
    const ask = { from: rfc3339(from), to: rfc3339(to), resolution };
    const answers = await Promise.all(points.map((p) => api.get(withQuery(readingsPath(p.id), ask))));
    cursor.set({ index: null, spoken: '' });
    return { ids: points.map((p) => p.id).join(), key: asked.key, list: answers.map(series), from, to, ask, live: asked.to === null && asked.span <= liveUpTo };
  }, [points.map((p) => p.id).join(), asked.key, narrow]);

  // What came while the page slept or the line was down is asked for again.
  const before = useRef(state);
  useEffect(() => {
    if (state === 'live' && before.current !== 'live' && before.current !== 'connecting') reload();
    before.current = state;
  }, [state]);
  useEffect(() => {
    const look = () => {
      if (!document.hidden && data?.live) reload();
    };
    document.addEventListener('visibilitychange', look);
    return () => document.removeEventListener('visibilitychange', look);
  }, [data]);

  useEffect(() => {
    if (!data?.live || state !== 'live') return;
    let changed = false;
    data.list.forEach((s, i) => {
      const p = here.pointById(s.point);
      if (p && append(s, reading(p.index))) changed = true;
    });
    if (!changed && now - data.to < data.list[0].width) return;
    data.to = Math.max(now, data.to);
    data.from = data.to - asked.span;
    for (const s of data.list) dropBefore(s, data.from);
    setVersion((v) => v + 1);
  }, [now, data]);

  const drawn = useMemo(() => {
    if (!data) return null;
    const length = Math.max(...data.list.map((s) => s.mean.length));
    const columns = [];
    data.list.forEach((s, i) => {
      const c = curves(s, period(here.pointById(s.point) ?? point));
      if (i === 0) columns.push(Array.from({ length }, (_, k) => (s.from + s.width * (k + 0.5)) / 1000));
      columns.push(pad(c.mean, length, null));
      if (i === 0) columns.push(pad(c.least, length, null), pad(c.greatest, length, null));
    });
    return { columns, spans: flagSpans(data.list[0]).map((span) => ({ ...span, text: t(`flag.${span.flag}`) })) };
  }, [data, version]);

  const lines = useMemo(() => linesOf(point, here.agent(point.agent)), [point, here]);
  const names = data && data.ids === points.map((p) => p.id).join() ? points : null;
  shown.current = { drawn, data, lines };

  const zoom = (from, to) => {
    if (!(to - from >= shortest)) return;
    onQuery({ range: 'custom', from: Math.round(from), to: Math.round(to), back: query.back || (asked.from === null ? asked.key : usual), with: query.with });
  };
  const choose = (range) => {
    setChoosing(false);
    onQuery({ range, with: query.with });
  };
  const scale = (factor) => {
    const middle = (data.from + data.to) / 2, half = (data.to - data.from) / 2 * factor;
    zoom(middle - half, Math.min(middle + half, Math.max(gatewayNow(), data.to)));
  };
  const move = (by) => {
    const shift = (data.to - data.from) * by;
    const to = Math.min(data.to + shift, Math.max(gatewayNow(), data.to));
    zoom(to - (data.to - data.from), to);
  };
  const back = () => choose(spans[query.back] ? query.back : usual);

  const build = (palette) => ({
    cursor: { drag: { x: true, y: false, setScale: false }, points: { size: 7 }, focus: { prox: -1 } },
    scales: {
      x: { time: true, range: () => [shown.current.data.from / 1000, shown.current.data.to / 1000] },
      y: { range: (u, low, high) => bounds(units[0], shown.current.lines, low, high) },
      ...(units[1] ? { y2: { range: (u, low, high) => bounds(units[1], [], low, high) } } : {}),
    },
    axes: [timeAxis(palette), valueAxis(palette, 'y', unitText(units[0])),
      ...(units[1] ? [valueAxis(palette, 'y2', unitText(units[1]), true)] : [])],
    series: [{}, ...names.flatMap((p, i) => {
      const colour = seriesColour(palette, i);
      const scaleOf = p.unit === units[0] ? 'y' : 'y2';
      const alone = (u, index, show, gaps) => lonely(u.data[index], show);
      const line = { scale: scaleOf, stroke: colour, width: 1.75, dash: dashes[i].map((d) => d), points: { size: 4, fill: colour, stroke: colour, filter: alone, show: false } };
      const edge = { scale: scaleOf, stroke: colour, width: 0, points: { show: false } };
      return i === 0 ? [line, edge, edge] : [line];
    })],
    bands: [{ series: [3, 2], fill: `${seriesColour(palette, 0)}42` }],
    hooks: {
      drawAxes: [(u) => {
        drawSpans(u, palette, shown.current.drawn?.spans ?? []);
        drawBaseline(u, palette, baseline);
      }],
      draw: [(u) => drawLines(u, palette, shown.current.lines.map((l) => ({ ...l, text: narrow ? l.name : l.text })))],
      setCursor: [(u) => {
        const index = u.cursor.idx ?? null;
        if (index !== cursor.get().index) cursor.set({ index, spoken: '' });
      }],
      setSelect: [(u) => {
        if (u.select.width < 6) return;
        const a = u.posToVal(u.select.left, 'x') * 1000, b = u.posToVal(u.select.left + u.select.width, 'x') * 1000;
        u.setSelect({ left: 0, top: 0, width: 0, height: 0 }, false);
        zoom(a, b);
      }],
    },
  });

  const keys = (event) => {
    if (event.target !== event.currentTarget || event.ctrlKey || event.altKey || event.metaKey) return;
    const steps = { ArrowRight: event.shiftKey ? 10 : 1, ArrowLeft: event.shiftKey ? -10 : -1 };
    if (event.key === '+' || event.key === '=') scale(0.5);
    else if (event.key === '-') scale(2);
    else if (event.key === 'Escape' && query.back) back();
    else if (steps[event.key] && plot.current && drawn) {
      const x = drawn.columns[0];
      const index = Math.max(0, Math.min(x.length - 1, (cursor.get().index ?? x.length - 1) + steps[event.key]));
      plot.current.setCursor({ left: plot.current.valToPos(x[index], 'x'), top: 10 });
      const value = data.list[0].mean[index] ?? null;
      cursor.set({ index, spoken: `${clockText(x[index] * 1000)} ${value === null ? t(`flag.${data.list[0].worst[index] || 'none'}`) : withUnit(value, point.unit)}` });
    } else return;
    event.preventDefault();
  };

  const isCustom = query.range === 'custom' && asked.from !== null;
  return html`<div class="trend">
    <div class="toolbar no-print">
      <div class="segments" role="group" aria-label=${t('trend.range')}>
        ${Object.keys(spans).map((key) => html`<button type="button" key=${key} aria-pressed=${asked.key === key ? 'true' : 'false'}
          onClick=${() => choose(key)}>${t(`trend.range.${key}`)}</button>`)}
        <button type="button" aria-pressed=${isCustom ? 'true' : 'false'} aria-expanded=${choosing ? 'true' : 'false'} onClick=${() => setChoosing(!choosing)}>${t('trend.range.custom')}</button>
      </div>
      <div class="segments" role="group" aria-label=${t('trend.zoom')}>
        <button type="button" aria-label=${t('trend.earlier')} title=${t('trend.earlier')} disabled=${!data} onClick=${() => move(-0.5)}><${Icon} name="left" /></button>
        <button type="button" aria-label=${t('trend.later')} title=${t('trend.later')} disabled=${!data || asked.to === null} onClick=${() => move(0.5)}><${Icon} name="right" /></button>
        <button type="button" aria-label=${t('trend.in')} title=${t('trend.in')} disabled=${!data} onClick=${() => scale(0.5)}>+</button>
        <button type="button" aria-label=${t('trend.out')} title=${t('trend.out')} disabled=${!data} onClick=${() => scale(2)}>−</button>
      </div>
      ${query.back && html`<button type="button" onClick=${back}><${Icon} name="close" /> ${t('trend.back', { range: t(`trend.range.${spans[query.back] ? query.back : usual}`) })}</button>`}
      <span class="spring"></span>
      ${compare && others.length < mostOthers && html`<button type="button" aria-haspopup="dialog" onClick=${() => setPicking(true)}>${t('trend.compare')}</button>`}
      ${data && html`<a class="button" download href=${withQuery(readingsPath(point.id), { ...data.ask, format: 'csv' })}>CSV</a>`}
    </div>
    ${choosing && html`<${Custom} from=${data?.from ?? gatewayNow() - asked.span} to=${data?.to ?? gatewayNow()}
      onShow=${(from, to) => { setChoosing(false); onQuery({ range: 'custom', from, to, with: query.with }); }} />`}
    ${others.length > 0 && html`<ul class="chips no-print">${others.map((p, i) => html`<li key=${p.id}><${Swatch} index=${i + 1} /> ${here.pointName(p)} <span class="sub">${p.id}</span>
      <button type="button" class="plain" aria-label=${t('trend.remove', { what: p.id })}
        onClick=${() => onQuery({ ...query, with: others.filter((o) => o !== p).map((o) => o.id).join(',') })}><${Icon} name="close" size=${12} /></button></li>`)}</ul>`}
    <${ErrorBox} error=${error} onRetry=${reload} />
    <div class=${loading ? 'chart-box waiting' : 'chart-box'} tabindex="0" role="group" aria-label=${t('trend.chart', { what: here.pointName(point) })} onKeyDown=${keys}>
      ${drawn && names ? html`<${Plot} build=${build} data=${drawn.columns} height=${narrow ? 260 : 340} deps=${[data.ids, baseline, lines]} plotRef=${plot} />`
        : html`<p class="loading" role="status">${error ? '' : t('ui.loading')}</p>`}
    </div>
    <p class="hint no-print">${t('trend.keys')}</p>
    ${drawn && names && html`<${Legend} list=${data.list} points=${names} cursor=${cursor} />
      <${Words} list=${data.list} points=${names} lines=${lines} spans=${drawn.spans} from=${data.from} to=${data.to} baseline=${baseline} />`}
    ${picking && html`<${Picker} point=${point} taken=${points.map((p) => p.id)} units=${units} onClose=${() => setPicking(false)}
      onPick=${(p) => { setPicking(false); onQuery({ ...query, with: [...others, p].map((o) => o.id).join(',') }); }} />`}
  </div>`;
}
