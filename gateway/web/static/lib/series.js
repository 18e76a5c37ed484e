// Figures over time as the gateway sends them: buckets of equal width, each with the least, mean and greatest figure.
import { ms } from './format.js';

/** Worst first: a bucket is named after the worst of its readings. */
const severity = 'TDBCMFLSN';
export const worse = (a, b) => {
  if (!a || !b) return a || b;
  return severity.indexOf(a) <= severity.indexOf(b) ? a : b;
};
/** Flags whose value enters a mean. */
const enters = (flag) => flag === 'N' || flag === 'L' || flag === 'S';

/** A mean of means; of levels in dB that of the energies. */
export class Mean {
  constructor(energy) {
    this.energy = energy;
    this.sum = 0;
    this.weight = 0;
  }
  add(value, weight = 1) {
    if (value === null || value === undefined || !(weight > 0)) return;
    this.sum += (this.energy ? 10 ** (value / 10) : value) * weight;
    this.weight += weight;
  }
  get() {
    if (!this.weight) return null;
    const mean = this.sum / this.weight;
    return this.energy ? 10 * Math.log10(mean) : mean;
  }
}

/** An answer of GET …/readings, with its own arrays and times in milliseconds. `heard`: up to when it tells. */
export function series(answer) {
  const lists = {};
  for (const name of ['least', 'mean', 'greatest', 'counted', 'others', 'worst']) lists[name] = [...answer[name]];
  return { point: answer.point, unit: answer.unit, from: ms(answer.from), width: answer.width_s * 1000, energy: answer.energy_mean,
    heard: ms(answer.to), ...lists };
}

export const timeOf = (s, i) => s.from + s.width * i;
const centreOf = (s, i) => s.from + s.width * (i + 0.5);
export const endOf = (s) => timeOf(s, s.mean.length);

/** A live reading enters the bucket of its time. False where it is not new. */
export function append(s, { t, value, flag }) {
  if (t === null || !flag || t <= s.heard) return false;
  s.heard = t;
  const i = Math.floor((t - s.from) / s.width);
  while (s.mean.length <= i) {
    for (const name of ['least', 'mean', 'greatest']) s[name].push(null);
    s.counted.push(0);
    s.others.push(0);
    s.worst.push('');
  }
  s.worst[i] = worse(s.worst[i], flag);
  if (!enters(flag) || value === null) {
    ++s.others[i];
    return true;
  }
  const mean = new Mean(s.energy);
  mean.add(s.mean[i], s.counted[i]);
  mean.add(value);
  s.mean[i] = mean.get();
  s.least[i] = s.least[i] === null ? value : Math.min(s.least[i], value);
  s.greatest[i] = s.greatest[i] === null ? value : Math.max(s.greatest[i], value);
  ++s.counted[i];
  return true;
}

/** Forgets what is before `t`. */
export function dropBefore(s, t) {
  const n = Math.floor((t - s.from) / s.width);
  if (n <= 0) return;
  for (const name of ['least', 'mean', 'greatest', 'counted', 'others', 'worst']) s[name].splice(0, n);
  s.from += n * s.width;
}

/**
 * What is drawn: x in seconds, and least, mean and greatest, where null is a gap and undefined is joined over. A reading
 * stands for at most three periods; over more than that, and over readings without a valid figure, no line goes.
 */
export function curves(s, period) {
  const n = s.mean.length;
  const reach = Math.max(3 * period, 1.01 * s.width);
  const x = new Array(n), gap = new Array(n).fill(undefined);
  let last = -1;
  for (let i = 0; i < n; ++i) {
    x[i] = centreOf(s, i) / 1000;
    if (s.mean[i] === null) {
      if (s.others[i] > 0) gap[i] = null;
      continue;
    }
    if (last >= 0 && (i - last) * s.width > reach) gap.fill(null, last + 1, i);
    last = i;
  }
  // Before the first and behind the last there is nothing to join.
  const first = s.mean.findIndex((v) => v !== null);
  gap.fill(null, 0, Math.max(first, 0)).fill(null, last + 1);
  const draw = (list) => list.map((v, i) => (v === null ? gap[i] : v));
  return { x, least: draw(s.least), mean: draw(s.mean), greatest: draw(s.greatest) };
}

/** [{flag, from, to}]: where the flag is another than N. */
export function flagSpans(s) {
  const spans = [];
  s.worst.forEach((flag, i) => {
    if (!flag || flag === 'N') return;
    const last = spans.at(-1);
    const from = timeOf(s, i), to = timeOf(s, i + 1);
    // Buckets without a reading between two of the same flag do not part them.
    if (last?.flag === flag && s.worst.slice(last.index + 1, i).every((f) => f === '')) Object.assign(last, { to, index: i });
    else spans.push({ flag, from, to, index: i });
  });
  return spans;
}

/** {least, leastAt, mean, greatest, greatestAt, counted, others} of what lies in `from`..`to`. */
export function summarize(s, from = -Infinity, to = Infinity) {
  const mean = new Mean(s.energy);
  const found = { least: null, leastAt: null, mean: null, greatest: null, greatestAt: null, counted: 0, others: 0 };
  for (let i = 0; i < s.mean.length; ++i) {
    if (timeOf(s, i) < from || timeOf(s, i) >= to) continue;
    found.others += s.others[i];
    if (s.mean[i] === null) continue;
    found.counted += s.counted[i];
    mean.add(s.mean[i], s.counted[i]);
    if (found.least === null || s.least[i] < found.least) [found.least, found.leastAt] = [s.least[i], timeOf(s, i)];
    if (found.greatest === null || s.greatest[i] > found.greatest) [found.greatest, found.greatestAt] = [s.greatest[i], timeOf(s, i)];
  }
  found.mean = mean.get();
  return found;
}

/** The same in at most `rows` pieces, for a table: [{from, to, flag, …summarize}]. */
export function pieces(s, rows) {
  const step = Math.max(1, Math.ceil(s.mean.length / rows));
  const out = [];
  for (let i = 0; i < s.mean.length; i += step) {
    const from = timeOf(s, i), to = Math.min(timeOf(s, i + step), endOf(s));
    out.push({ from, to, flag: s.worst.slice(i, i + step).reduce(worse, ''), ...summarize(s, from, to) });
  }
  return out;
}

/** L_EX,8h as it builds up: [[ms, dB]], from the energies of the readings so far, over eight hours. */
export function buildingUp(s, hours = 8) {
  let dose = 0;
  const out = [];
  for (let i = 0; i < s.mean.length; ++i) {
    const end = timeOf(s, i + 1);
    if (timeOf(s, i) >= s.heard) break;
    if (s.mean[i] !== null) {
      const share = s.counted[i] / (s.counted[i] + s.others[i]);
      dose += 10 ** (s.mean[i] / 10) * (Math.min(end, s.heard) - timeOf(s, i)) * share;
    }
    out.push([Math.min(end, s.heard), dose > 0 ? 10 * Math.log10(dose / (hours * 3600000)) : null]);
  }
  return out;
}
