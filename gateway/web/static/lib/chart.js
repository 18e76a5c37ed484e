// Curves over time, drawn by uPlot. What it draws is said in words beside it: a canvas says nothing to a screen reader.
import { html, useEffect, useLayoutEffect, useRef, useState } from './html.js';
import { clockText, dateText, number, utcOffset } from './format.js';
import { useLoad } from './load.js';
import { theme } from './theme.js';
import { ErrorBox, Loading } from './ui.js';

let loading = null;

/** uPlot and its style come only where there is something to draw. */
function loadPlot() {
  if (!loading) {
    const style = document.createElement('link');
    style.rel = 'stylesheet';
    style.href = 'vendor/uplot.css';
    document.head.append(style);
    loading = import('../vendor/uplot.js').then((module) => module.default);
    loading.catch(() => { loading = null; });
  }
  return loading;
}

const tokens = ['text', 'text-2', 'line', 'line-strong', 'surface', 'notice', 'warning', 'warning-edge', 'exceed', 'danger',
  'hatch-a', 'hatch-b', 'series-1', 'series-2', 'series-3', 'series-4'];
const paper = { text: '#000', 'text-2': '#333', line: '#ccc', 'line-strong': '#777', surface: '#fff', notice: '#1f5fa8', warning: '#7a5200',
  'warning-edge': '#b07c00', exceed: '#b23a00', danger: '#a3003a', 'hatch-a': '#f2f2f2', 'hatch-b': '#d8d8d8',
  'series-1': '#0b5f7d', 'series-2': '#7a3ea8', 'series-3': '#8a5a00', 'series-4': '#1c7a4d' };

function readPalette() {
  const style = getComputedStyle(document.documentElement);
  return Object.fromEntries(tokens.map((name) => [name, style.getPropertyValue(`--${name}`).trim()]));
}

/** The colours of the page as it looks now, by the names of the tokens in style.css; on paper those of paper. */
function usePalette() {
  const [palette, setPalette] = useState(readPalette);
  useEffect(() => {
    const look = () => setPalette(readPalette());
    const print = () => setPalette(paper);
    const stop = theme.listen(look);
    const dark = matchMedia('(prefers-color-scheme: dark)');
    dark.addEventListener('change', look);
    addEventListener('beforeprint', print);
    addEventListener('afterprint', look);
    return () => {
      stop();
      dark.removeEventListener('change', look);
      removeEventListener('beforeprint', print);
      removeEventListener('afterprint', look);
    };
  }, []);
  return palette;
}

export const font = (px = 12) => `${px}px ${getComputedStyle(document.documentElement).fontFamily}`;
export const dashes = [[], [7, 4], [2, 3], [10, 3, 2, 3]];
export const seriesColour = (palette, i) => palette[`series-${i % 4 + 1}`];

/** A Date whose own clock reads as the site's. */
function siteDate(seconds) {
  const d = new Date(seconds * 1000);
  return new Date(d.getTime() + (utcOffset() + d.getTimezoneOffset()) * 60000);
}

/** The clock, and the date below it where a day begins. */
function timeLabels(u, splits, axis, space, increment) {
  let day = '';
  return splits.map((s) => {
    const at = s * 1000, date = dateText(at).slice(5);
    const clock = increment >= 86400 ? date : clockText(at, increment < 60);
    if (increment >= 86400 || date === day) return clock;
    day = date;
    return `${clock}\n${date}`;
  });
}

export function timeAxis(palette) {
  return { stroke: palette['text-2'], grid: { stroke: palette.line, width: 1 }, ticks: { stroke: palette.line, width: 1 }, font: font(),
    values: timeLabels, space: 74, size: 42 };
}

export function valueAxis(palette, scale, label, right = false) {
  return { scale, side: right ? 1 : 3, stroke: palette['text-2'], grid: { show: !right, stroke: palette.line, width: 1 },
    ticks: { stroke: palette.line, width: 1 }, font: font(), label, labelFont: font(), labelSize: 20, space: 34,
    values: (u, splits) => splits.map((s) => number(s)),
    size: (u, values) => 14 + 7.5 * Math.max(3, ...(values ?? []).map((v) => v.length)) };
}

/** Which figures stand alone between gaps: a line through one point cannot be seen, so it is a dot. */
export function lonely(values, show) {
  if (show) return null;
  const found = [];
  const neighbour = (i, step) => {
    for (let k = i + step; k >= 0 && k < values.length; k += step) if (values[k] !== undefined) return values[k];
    return null;
  };
  for (let i = 0; i < values.length; ++i) {
    if (values[i] === null || values[i] === undefined) continue;
    if (neighbour(i, -1) === null && neighbour(i, 1) === null) found.push(i);
  }
  return found.length ? found : null;
}

/** Diagonal stripes, or dots, of `colour` on nothing. */
export function pattern(ctx, colour, kind = 'stripes') {
  const size = 8 * (devicePixelRatio || 1);
  const tile = document.createElement('canvas');
  tile.width = tile.height = size;
  const pen = tile.getContext('2d');
  pen.strokeStyle = pen.fillStyle = colour;
  pen.lineWidth = size / 5;
  pen.beginPath();
  if (kind === 'stripes') {
    for (const shift of [-size, 0, size]) {
      pen.moveTo(shift, size);
      pen.lineTo(shift + size, 0);
    }
    pen.stroke();
  } else {
    pen.arc(size / 2, size / 2, size / 5, 0, 7);
    pen.fill();
  }
  return ctx.createPattern(tile, 'repeat');
}

/**
 * One plot. `build(palette)` gives uPlot's options (series, scales, axes, hooks); it is asked again when `deps` or the
 * colours change. `data` are uPlot's columns. `plotRef` gets the plot itself.
 */
export function Plot({ build, data, height = 300, deps = [], plotRef }) {
  const box = useRef(null), plot = useRef(null);
  const palette = usePalette();
  const { data: UPlot, error, reload } = useLoad(loadPlot, []);
  useLayoutEffect(() => {
    if (!UPlot || !box.current) return undefined;
    const width = () => Math.max(120, box.current.clientWidth);
    const made = new UPlot({
      legend: { show: false }, tzDate: siteDate, padding: [10, 8, 0, 4], ...build(palette), width: width(), height,
    }, data, box.current);
    plot.current = made;
    if (plotRef) plotRef.current = made;
    const observer = new ResizeObserver(() => {
      if (made.width !== width()) made.setSize({ width: width(), height });
    });
    observer.observe(box.current);
    return () => {
      observer.disconnect();
      plot.current = null;
      if (plotRef) plotRef.current = null;
      made.destroy();
    };
  }, [UPlot, palette, height, ...deps]);
  useLayoutEffect(() => {
    plot.current?.setData(data);
  }, [data]);
  if (error) return html`<${ErrorBox} error=${error} onRetry=${reload} />`;
  return html`<div class="plot" ref=${box} style=${{ minHeight: `${height}px` }}>${!UPlot && html`<${Loading} />`}</div>`;
}

/**
 * Horizontal lines with their names, above everything. `lines`: [{value, text, colour (a token), law, scale}]. Labels that
 * would lie on one another go aside.
 */
export function drawLines(u, palette, lines) {
  const ctx = u.ctx, ratio = devicePixelRatio || 1;
  const { left, top, width, height } = u.bbox;
  ctx.save();
  ctx.beginPath();
  ctx.rect(left, top, width, height);
  ctx.clip();
  ctx.font = font(12 * ratio);
  ctx.textBaseline = 'bottom';
  ctx.textAlign = 'left';
  const seen = lines.map((line) => ({ ...line, y: Math.round(u.valToPos(line.value, line.scale ?? 'y', true)) }))
    .filter(({ y }) => y >= top - 1 && y <= top + height + 1);
  for (const line of seen) {
    ctx.strokeStyle = palette[line.colour];
    ctx.lineWidth = (line.law ? 2 : 1.25) * ratio;
    ctx.setLineDash(line.law ? [] : [6 * ratio, 4 * ratio]);
    ctx.beginPath();
    ctx.moveTo(left, line.y);
    ctx.lineTo(left + width, line.y);
    ctx.stroke();
  }
  // Names after all lines: none is crossed out by the line of another.
  const taken = [];
  for (const line of seen) {
    const w = ctx.measureText(line.text).width + 8 * ratio, h = 16 * ratio;
    const bottom = line.y - h < top ? line.y + h + 1 : line.y - 1;
    let x = left + 4 * ratio;
    for (const t of taken) if (Math.abs(t.bottom - bottom) < h && x < t.x + t.w) x = t.x + t.w + 6 * ratio;
    taken.push({ bottom, x, w });
    ctx.globalAlpha = 0.85;
    ctx.fillStyle = palette.surface;
    ctx.fillRect(x, bottom - h, w, h);
    ctx.globalAlpha = 1;
    ctx.fillStyle = palette[line.colour];
    ctx.fillText(line.text, x + 4 * ratio, bottom - 1 * ratio);
  }
  ctx.restore();
}

/** Times hatched from top to bottom, with their names where there is room. `spans`: [{from, to (ms), text}]. */
export function drawSpans(u, palette, spans) {
  const ctx = u.ctx, ratio = devicePixelRatio || 1;
  const { left, top, width, height } = u.bbox;
  ctx.save();
  ctx.beginPath();
  ctx.rect(left, top, width, height);
  ctx.clip();
  ctx.font = font(12 * ratio);
  ctx.textBaseline = 'bottom';
  ctx.textAlign = 'left';
  const stripes = pattern(ctx, palette['hatch-b']);
  for (const span of spans) {
    const a = Math.max(left, u.valToPos(span.from / 1000, 'x', true));
    const b = Math.min(left + width, Math.max(u.valToPos(span.to / 1000, 'x', true), a + 2 * ratio));
    if (!(b > a)) continue;
    ctx.fillStyle = palette['hatch-a'];
    ctx.fillRect(a, top, b - a, height);
    ctx.fillStyle = stripes;
    ctx.fillRect(a, top, b - a, height);
    const room = b - a - 4 * ratio;
    const text = [span.text, span.flag].find((word) => word && ctx.measureText(word).width < room);
    if (!text) continue;
    ctx.fillStyle = palette.text;
    ctx.fillText(text, a + 3 * ratio, top + height - 3 * ratio);
  }
  ctx.restore();
}

/** What a line of the legend looks like. */
export const Swatch = ({ index }) => html`<svg class=${`swatch series-${index + 1}`} width="28" height="10" aria-hidden="true">
  <line x1="0" y1="5" x2="28" y2="5" stroke-dasharray=${dashes[index].join(' ') || undefined} /></svg>`;
