// Days of the site as text, "2026-11-27", and reckoning with them.
import { dateText } from './format.js';
import { gatewayNow } from './live.js';

const at = (date) => new Date(`${date}T00:00:00Z`);
const text = (day) => (Number.isNaN(day.getTime()) ? '' : day.toISOString().slice(0, 10));

export const today = () => dateText(gatewayNow());
export const isDate = (date) => /^\d{4}-\d{2}-\d{2}$/.test(date ?? '') && text(at(date)) === date;

export function addDays(date, n) {
  const day = at(date);
  day.setUTCDate(day.getUTCDate() + n);
  return text(day);
}

/** The same day of another month, or that month's last. */
export function addMonths(date, n) {
  const day = at(date), wanted = day.getUTCDate();
  day.setUTCDate(1);
  day.setUTCMonth(day.getUTCMonth() + n + 1, 0);
  day.setUTCDate(Math.min(wanted, day.getUTCDate()));
  return text(day);
}

/** The year that ends with a day. */
export const yearUntil = (date) => ({ from: addDays(addMonths(date, -12), 1), to: date });

/** So many months from the first of one on: {from, to}, both included. */
function months(year, first, count) {
  const from = `${year}-${String(first).padStart(2, '0')}-01`;
  return { from, to: addDays(addMonths(from, count), -1) };
}

/** `part`: 1 to 12 of months, 1 to 4 of quarters. */
export const monthOf = (year, part) => months(year, part, 1);
export const quarterOf = (year, part) => months(year, part * 3 - 2, 3);
export const yearOf = (year) => months(year, 1, 12);
