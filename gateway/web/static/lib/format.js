// Figures, units, times and ages as they are read.
import { t } from './i18n.js';

/** A number's text with three figures, and more where three would put it on the other side of its limit. */
export function number(value, limit = null) {
  if (value === null || value === undefined || !Number.isFinite(value)) return '—';
  if (Math.abs(value) >= 1e15) return value.toPrecision(3);
  const before = value === 0 ? 1 : Math.floor(Math.log10(Math.abs(value))) + 1;
  let places = Math.min(Math.max(3 - before, 0), 17);
  let text = decimals(value, places);
  while (Number.isFinite(limit) && limit !== null && places < 17
         && Math.sign(Number(text) - limit) !== Math.sign(value - limit)) {
    text = decimals(value, ++places);
  }
  return text;
}

function decimals(value, places) {
  let text = value.toFixed(places);
  if (places > 0) text = text.replace(/\.?0+$/, '');
  return text === '-0' ? '0' : text;
}

/**
 * Whole percent, rounded down: 99.97 % must not read as all of it. Of a `limit` (a share, too) never on its other side:
 * 100.4 % of a limit is above it, and says so with as many places as that takes.
 */
export function percent(share, limit = null) {
  if (share === null || share === undefined || !Number.isFinite(share)) return '—';
  const hundred = share * 100, bound = limit === null ? null : limit * 100;
  const side = (value) => (Math.abs(value - bound) < 1e-9 ? 0 : Math.sign(value - bound));
  let places = 0;
  const floored = () => Math.floor(hundred * 10 ** places + 1e-9) / 10 ** places;
  while (bound !== null && places < 9 && side(floored()) !== side(hundred)) ++places;
  return `${floored().toFixed(places)} %`;
}

const units = { '1': '', degC: '°C', deg: '°', '1/cm3': '1/cm³', '%vol': '%vol', ppm: 'ppm' };

/** "mg/m3" as it is printed: "mg/m³". */
export function unitText(unit) {
  if (!unit) return '';
  return units[unit] ?? unit.replace(/^ug/, 'µg').replace(/m3$/, 'm³');
}

export function withUnit(value, unit, limit = null) {
  const text = number(value, limit);
  return unitText(unit) ? `${text} ${unitText(unit)}` : text;
}

/** "LEX_8h" as it is printed. */
const kindText = (kind) => kind.replace(/^LEX_/, 'L_EX,');

/** "PC-STEL 6 mg/m³"; what no law says is called by its own name. */
export function limitText(limit) {
  if (!limit) return '';
  const value = withUnit(limit.value, limit.unit);
  if (limit.kind === 'SITE') return t('limit.site', { value });
  if (limit.kind === 'ACTION') return t('limit.action', { value });
  return `${kindText(limit.kind)} ${value}`;
}

export const isLaw = (limit) => !!limit && limit.kind !== 'SITE' && limit.kind !== 'ACTION';

/** "3 分 20 秒": of the two greatest parts. */
export function duration(ms) {
  const s = Math.max(0, Math.round(ms / 1000));
  if (s < 60) return t('time.s', { s });
  if (s < 600) return t('time.min_s', { min: Math.floor(s / 60), s: s % 60 });
  if (s < 3600) return t('time.min', { min: Math.floor(s / 60) });
  if (s < 86400) return t('time.h_min', { h: Math.floor(s / 3600), min: Math.floor(s / 60) % 60 });
  return t('time.d_h', { d: Math.floor(s / 86400), h: Math.floor(s / 3600) % 24 });
}

export const age = (ms) => (ms < 1500 ? t('time.now') : t('time.ago', { time: duration(ms) }));

/** Milliseconds since 1970 of a contract time, which is text or already a number. */
export const ms = (time) => (typeof time === 'string' ? Date.parse(time) : time);

let offset = 480;
/** All times are read in the site's own time zone, wherever the reader sits. */
export function setUtcOffset(minutes) {
  if (Number.isFinite(minutes)) offset = minutes;
}
export const utcOffset = () => offset;

const two = (n) => String(n).padStart(2, '0');

export function zoneText() {
  const m = Math.abs(offset);
  if (m === 0) return 'UTC';
  return `UTC${offset < 0 ? '-' : '+'}${Math.floor(m / 60)}${m % 60 ? `:${two(m % 60)}` : ''}`;
}

/** A Date whose UTC fields read as the site's local time. */
const local = (time) => new Date(ms(time) + offset * 60000);

export function dateText(time) {
  const d = local(time);
  return `${d.getUTCFullYear()}-${two(d.getUTCMonth() + 1)}-${two(d.getUTCDate())}`;
}

export function clockText(time, seconds = true) {
  const d = local(time);
  const text = `${two(d.getUTCHours())}:${two(d.getUTCMinutes())}`;
  return seconds ? `${text}:${two(d.getUTCSeconds())}` : text;
}

/** "2026-11-26 16:00:03" */
export const dateTime = (time) => (time === null || time === undefined ? '—' : `${dateText(time)} ${clockText(time)}`);

/** The clock alone where the day is `now`'s, else month and day as well. */
export function shortTime(time, now, seconds = true) {
  if (time === null || time === undefined) return '—';
  const day = dateText(time);
  return day === dateText(now) ? clockText(time, seconds) : `${day.slice(5)} ${clockText(time, false)}`;
}

/** The contract's text of milliseconds. */
export const rfc3339 = (time) => new Date(time).toISOString();
