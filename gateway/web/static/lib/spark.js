// Small curves as SVG, with their words.
import { html } from './html.js';
import { clockText, limitText, number, unitText, withUnit } from './format.js';
import { t } from './i18n.js';

/** "M…L…" through what has a figure, lifted where it has none. */
function path(points, x, y) {
  let text = '', pen = false;
  points.forEach((p, i) => {
    if (p[1] === null || p[1] === undefined) {
      // A single figure between two gaps would be a line of no length.
      pen = false;
      return;
    }
    const alone = !pen && (points[i + 1]?.[1] ?? null) === null;
    text += `${pen ? 'L' : 'M'}${x(p[0]).toFixed(1)} ${y(p[1]).toFixed(1)}${alone ? 'h1' : ''}`;
    pen = true;
  });
  return text;
}

const range = (values) => {
  const known = values.filter((v) => v !== null && v !== undefined && Number.isFinite(v));
  return known.length ? [Math.min(...known), Math.max(...known)] : null;
};

/** A day of one point, as small as a word. `s` a series of lib/series.js. */
export function Sparkline({ s, unit, limit = null, label }) {
  const found = range(s.mean);
  if (!found) return html`<span class="hatched small">${t('flag.none')}</span>`;
  const floor = Math.min(0, found[0]);
  const top = limit !== null && limit < found[1] * 3 ? Math.max(limit, found[1]) : found[1];
  const y = (v) => 27 - 25 * ((v - floor) / (top - floor || 1));
  const text = t('spark.words', { what: label, least: number(found[0]), greatest: withUnit(found[1], unit, limit) });
  return html`<svg class="spark" viewBox="0 0 120 28" preserveAspectRatio="none" role="img" aria-label=${text}>
    ${limit !== null && limit <= top && html`<line class="spark-limit" x1="0" x2="120" y1=${y(limit)} y2=${y(limit)} />`}
    <path d=${path(s.mean.map((v, i) => [i, v]), (i) => i / Math.max(1, s.mean.length - 1) * 120, y)} /></svg>`;
}

/**
 * What builds up over a shift. `points`: [[ms, value]]; `projected`: {at, value}; `limit`: {value, …}. The axis goes from
 * `begin` to `end`; times stand below it, the limit has its name.
 */
export function Buildup({ points, begin, end, limit, projected, unit, name }) {
  const last = points.findLast?.((p) => p[1] !== null) ?? [...points].reverse().find((p) => p[1] !== null);
  if (!last) return html`<p class="sub">${t('flag.none')}</p>`;
  // The first minutes of a level build up from far below: only what is near the end is told apart.
  const values = [last[1], projected?.value, limit?.value].filter(Number.isFinite);
  const high = Math.max(...values) + 3, low = Math.min(...values) - 12;
  const x = (at) => Math.min(300, Math.max(0, (at - begin) / (end - begin) * 300));
  const y = (v) => 98 - 96 * Math.max(0, Math.min(1, (v - low) / (high - low)));
  const near = points.map(([at, v]) => [at, v !== null && v >= low ? v : null]);
  const words = t('spark.buildup', {
    what: name, value: withUnit(last[1], unit, limit?.value ?? null), time: clockText(last[0], false),
    projected: projected?.value === null || projected?.value === undefined ? '—' : withUnit(projected.value, unit, limit?.value ?? null),
    limit: limit ? limitText(limit) : t('verdict.no_limit'),
  });
  return html`<figure class="buildup">
    <svg viewBox="0 0 300 100" preserveAspectRatio="none" role="img" aria-label=${words}>
      ${limit && html`<line class="limit-line" x1="0" x2="300" y1=${y(limit.value)} y2=${y(limit.value)} />`}
      <path class="buildup-line" d=${path(near, x, y)} />
      ${Number.isFinite(projected?.value) && html`<line class="projection" x1=${x(last[0])} y1=${y(last[1])} x2=${x(projected.at)} y2=${y(projected.value)} />`}
    </svg>
    ${limit && html`<span class="limit-name" style=${{ top: `${y(limit.value) * 1.1}px` }}>${number(limit.value)} ${unitText(unit)}</span>`}
    <figcaption><span>${clockText(begin, false)}</span><span>${clockText(end, false)}</span></figcaption>
  </figure>`;
}
