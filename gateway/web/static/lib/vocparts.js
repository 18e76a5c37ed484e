// Compounds of a VOC station: masses, limits, shares, families.
import { api, query } from './api.js';
import { isLaw, rfc3339 } from './format.js';
import { gatewayNow, isKnown, reading } from './live.js';
import { enqueue } from './queue.js';
import { part } from './router.js';
import { series } from './series.js';
import { site } from './site.js';

/** Of less than this share of its compounds no sum is made. */
const leastShare = 0.75;

/** µg/m³ of one of `unit`, or null where the unit says nothing of mass. */
export function massFactor(channel, unit) {
  return { ppb: channel.ug_per_m3, ppm: channel.ug_per_m3 * 1000, 'ug/m3': 1, 'mg/m3': 1000, 'g/m3': 1e6 }[unit] ?? null;
}

/** The limit that a compound is shown beside: that of its set point, else the long one of its agent. */
export function limitOfCompound(point) {
  const main = site.get().mainSetPoint(point)?.limit;
  if (main) return main;
  const limits = site.get().agent(point?.agent)?.limits ?? [];
  return limits.find((l) => l.kind === 'PC-TWA') ?? limits.find(isLaw) ?? limits[0] ?? null;
}

/** {value, flag, t, mass (µg/m³), limit, ratio} of a compound now. */
export function compoundNow(channel) {
  const point = site.get().point(channel.point);
  const now = reading(channel.point);
  const factor = massFactor(channel, point?.unit);
  // What is not detected counts as nothing in sums, as the gateway counts it.
  const mass = !isKnown(now) || factor === null || now.value === null ? null : now.value * factor;
  const limit = limitOfCompound(point);
  const bound = limit ? massFactor(channel, limit.unit) : null;
  const ratio = mass === null || !bound || !limit.value ? null : mass / (limit.value * bound);
  return { ...now, mass, limit, ratio };
}

/** Sums per family over time in µg/m³, from all compounds' means, a few requests at a time. `progress(done, all)`. */
export function loadFamilies(device, span, period, progress) {
  const to = Math.floor(gatewayNow()), from = to - span;
  const resolution = Math.max(2, Math.min(168, Math.floor(span / period)));
  const channels = device.voc.channels.filter((c) => site.get().point(c.point));
  const jobs = channels.map((c) => enqueue(() => api.get(query(`/api/v1/points/${part(site.get().point(c.point).id)}/readings`, {
    from: rfc3339(from), to: rfc3339(to), resolution,
  }))));
  let done = 0;
  progress(0, jobs.length);
  const promise = Promise.all(jobs.map((job) => job.promise.then((answer) => {
    progress(++done, jobs.length);
    return answer;
  }))).then((answers) => sums(channels, answers.map(series), { from, to, resolution }));
  return { promise, cancel: () => jobs.forEach((job) => job.cancel()) };
}

function sums(channels, all, { from, to, resolution }) {
  const families = [...new Set(channels.map((c) => c.family || '—'))];
  const found = families.map((family) => {
    const members = channels.map((c, i) => ({ c, s: all[i] })).filter(({ c }) => (c.family || '—') === family);
    const values = Array.from({ length: resolution }, (_, k) => {
      let sum = 0, known = 0;
      for (const { c, s } of members) {
        const factor = massFactor(c, s.unit);
        const value = s.mean[k] ?? (s.worst[k] === 'L' ? 0 : null);
        if (value === null || factor === null) continue;
        sum += value * factor;
        ++known;
      }
      return known >= leastShare * members.length && known > 0 ? sum : null;
    });
    return { family, members: members.length, values };
  });
  const width = (to - from) / resolution;
  return { families: found, from, to, width, x: Array.from({ length: resolution }, (_, k) => (from + width * (k + 0.5)) / 1000) };
}

const shareSum = (list) => list.reduce((sum, v) => sum + v, 0);

/** Every compound's part of the ozone formation potential now: {rows: [{channel, potential, share}], total, without}. */
export function ozone(device) {
  const rows = [], without = [];
  for (const channel of device.voc.channels) {
    const { mass } = compoundNow(channel);
    if (channel.mir === null || channel.mir === undefined || mass === null) without.push(channel);
    else rows.push({ channel, mass, potential: mass * channel.mir });
  }
  const total = shareSum(rows.map((r) => r.potential));
  rows.sort((a, b) => b.potential - a.potential);
  return { rows: rows.map((r) => ({ ...r, share: total > 0 ? r.potential / total : 0 })), total, without };
}

/** The wind of the same workplace: {direction, speed} points, or null where none is measured; the speed may be null. */
export function windOf(device) {
  const found = [];
  for (const other of site.get().devicesAt(device.workplace)) {
    const points = site.get().pointsOf(other.id);
    const direction = points.filter((p) => p.unit === 'deg' || p.unit === '°'), speed = points.filter((p) => p.unit === 'm/s');
    if (direction.length === 1) found.push({ device: other, direction: direction[0], speed: speed.length === 1 ? speed[0] : null });
  }
  return found.find((wind) => wind.speed) ?? found[0] ?? null;
}

export const sectors = 16;
/** Slower wind has no direction. */
export const calm = 0.5;

/** At most so many requests for what has to be looked at reading by reading: a day of a vane read each 5 s is nine. */
const mostCloser = 20, mostBuckets = 2000;
/** A mean of TVOC from a direction is of so many spans of five minutes at least: one says nothing of directions. */
const leastScans = 3;
/** With less of the time known a rose is no picture of the wind. */
export const leastWind = 0.25;

/** Neighbours of a list of buckets as [first, behind the last], none longer than `most`. */
function runs(list, most) {
  const found = [];
  for (const i of list) {
    const last = found[found.length - 1];
    if (last && last[1] === i && i - last[0] < most) ++last[1];
    else found.push([i, i + 1]);
  }
  return found;
}

/**
 * By direction: share of the time, mean wind and mean TVOC. The mean of a bucket in which the vane went through north
 * means nothing: such buckets are looked at again reading by reading, and what is left of them is counted as unclear.
 * Where no speed is measured, calm is not told.
 */
export async function loadWind(device, wind, span) {
  const to = Math.floor(gatewayNow()), from = to - span, step = wind.device.period_s * 1000;
  const ask = (id, a, b, resolution) => enqueue(() => api.get(query(`/api/v1/points/${part(id)}/readings`,
    { from: rfc3339(a), to: rfc3339(b), resolution }))).promise.then(series);
  const fine = Math.min(mostBuckets, Math.max(2, Math.floor(span / Math.max(60000, step))));
  const tvocPoint = device.voc.tvoc === null ? null : site.get().point(device.voc.tvoc);
  const [direction, speed, tvoc] = await Promise.all([ask(wind.direction.id, from, to, fine), wind.speed ? ask(wind.speed.id, from, to, fine) : null,
    tvocPoint ? ask(tvocPoint.id, from, to, Math.max(2, Math.min(mostBuckets, Math.floor(span / Math.max(300000, device.period_s * 1000))))) : null]);
  const rows = Array.from({ length: sectors }, () => ({ time: 0, speed: 0, tvoc: 0, tvocTime: 0, scans: new Set() }));
  const sums = { counted: 0, still: 0, unclear: 0, missing: 0 };
  const { width } = direction;
  const turned = (s, i) => s.greatest[i] - s.least[i] > 180;
  /** `time` of wind from `d` with the speed and TVOC of bucket `i`. */
  const take = (d, i, time) => {
    const v = speed ? speed.mean[i] : undefined;
    sums.counted += time;
    if (v < calm) { sums.still += time; return; }
    const row = rows[Math.round((((d % 360) + 360) % 360) / (360 / sectors)) % sectors];
    row.time += time;
    row.speed += (v ?? 0) * time;
    const scan = tvoc ? Math.floor((direction.from + width * (i + 0.5) - tvoc.from) / tvoc.width) : -1;
    const value = tvoc?.mean[scan] ?? null;
    if (value === null) return;
    row.scans.add(scan);
    row.tvoc += value * time;
    row.tvocTime += time;
  };
  const unclear = [];
  for (let i = 0; i < fine; ++i) {
    if (direction.mean[i] === null || (speed && speed.mean[i] === null)) sums.missing += width;
    else if (turned(direction, i)) unclear.push(i);
    else take(direction.mean[i], i, width);
  }
  const closer = runs(unclear, Math.max(1, Math.floor(mostBuckets * step / width)));
  sums.unclear += width * closer.slice(mostCloser).reduce((n, [a, b]) => n + b - a, 0);
  await Promise.all(closer.slice(0, mostCloser).map(async ([a, b]) => {
    const begin = direction.from + width * a, end = direction.from + width * b;
    const s = await ask(wind.direction.id, begin, end, Math.max(1, Math.min(mostBuckets, Math.round((end - begin) / step))));
    const known = s.mean.filter((d) => d !== null).length;
    for (let k = 0; k < s.mean.length; ++k) {
      if (s.mean[k] === null) continue;
      const time = (end - begin) / known;
      if (turned(s, k)) sums.unclear += time;
      else take(s.mean[k], Math.min(b - 1, a + Math.floor((k + 0.5) * s.width / width)), time);
    }
  }));
  return { from, to, ...sums, all: fine * width, unit: tvocPoint?.unit ?? null,
    rows: rows.map((r) => ({ share: sums.counted ? r.time / sums.counted : 0, speed: speed && r.time ? r.speed / r.time : null, tvoc: r.scans.size >= leastScans ? r.tvoc / r.tvocTime : null })) };
}
