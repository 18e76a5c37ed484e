// The live picture: figures and alarms as the gateway sends them, kept by point, workplace and alarm. Who draws one
// point listens to that point alone, so that a frame of 5,000 values draws what is on the screen and no more.
import { session } from './session.js';
import { loadSite, site } from './site.js';
import { cell, useCell, useDraw } from './store.js';

const staleAfter = 5000;
const firstWait = 500;
const longestWait = 10000;
const sweepEvery = 1000;
const remembersEnded = 60000;

/** Flags whose value counts. With the others nothing is known. */
const isFigure = (flag) => flag === 'N' || flag === 'L' || flag === 'S' || flag === 'T';
/** Whether a reading says anything now: below and over the range may come without a number; what is overdue says nothing. */
export const isKnown = (r) => !!r && !r.overdue && isFigure(r.flag) && (r.value !== null || r.flag === 'L' || r.flag === 'T');
/** Why nothing is known: a flag, "none" or "overdue", as the words "flag.…" name it. */
export const flagOf = (r) => (!r.flag ? 'none' : r.overdue && isFigure(r.flag) ? 'overdue' : r.flag);
/** Milliseconds after which the last poll of a device says nothing any more. */
export const lateAfter = (device) => (device ? device.period_s * 3000 + 5000 : null);

/** state: off, connecting, live, stale (nothing for 5 s), lost (waits to try again), denied. `since`: page time. */
export const connection = cell({ state: 'off', since: Date.now() });
/** Whether what is shown is no longer how things are. */
export const isCut = ({ state }) => state === 'stale' || state === 'lost';
export const status = cell(null);

const values = new Map();   // point index -> {value, flag}
const times = new Map();    // device index -> ms
const overdue = new Set();  // index of devices that were not polled in time
const alarms = new Map();   // id -> alarm
const endedAlarms = new Map();  // id -> {revision, at (page time), unseen}, for a minute
const summaries = new Map();
const listeners = new Map();  // topic -> Set
let bySubject = null;       // made when asked for

let socket = null;
let seq = null;
let numbersOf;              // revision of the site by which the newest snapshot counts
let heardAt = 0;
let wait = firstWait;
let retry = null;
let watch = null;
let sweeping = null;
let wanted = false;
let clockDifference = 0;    // gateway's clock minus the browser's

/** The gateway's time, so that ages are right on a machine whose own clock is not. */
export const gatewayNow = () => Date.now() + clockDifference;

function listen(topic, listener) {
  if (!listeners.has(topic)) listeners.set(topic, new Set());
  listeners.get(topic).add(listener);
  return () => {
    const set = listeners.get(topic);
    set?.delete(listener);
    if (set?.size === 0) listeners.delete(topic);
  };
}

function tell(topic) {
  const set = listeners.get(topic);
  if (set) for (const listener of [...set]) listener();
}

let revision;               // of the site that the figures belong to

// Other points, other workplaces: everybody looks again. Of another revision the numbers are those of other points.
site.listen((now) => {
  if (now?.revision !== revision) {
    values.clear();
    times.clear();
    overdue.clear();
  }
  revision = now?.revision;
  summaries.clear();
  for (const topic of [...listeners.keys()]) tell(topic);
});

// --- frames ----------------------------------------------------------------------------------------------------------

/** Frames that came while the site was asked for. */
let held = null;

/** The numbers in a snapshot are those of its own configuration: under another one they would be other points. */
function hold(snapshot) {
  const mine = socket;
  held = [snapshot];
  loadSite().then((now) => {
    if (socket !== mine) return;
    const frames = held;
    held = null;
    if (now.revision !== snapshot.site) return reconnect();
    for (const frame of frames) {
      receive(frame);
      if (socket !== mine) return undefined;  // a hole among them: the rest is not taken
    }
    return undefined;
  }).catch(() => socket === mine && reconnect());
}

function receive(frame) {
  if (held) return held.push(frame);
  if (frame.type === 'snapshot') {
    if (frame.site !== site.get()?.revision) return hold(frame);
    heard(frame);
    const before = new Map(alarms);
    values.clear();
    times.clear();
    overdue.clear();
    alarms.clear();
    numbersOf = frame.site;
    take(frame, before, true);
  } else if (frame.type === 'delta') {
    if (seq !== null && frame.seq !== seq + 1) return reconnect();
    if (site.get()?.revision !== numbersOf) return reconnect();
    heard(frame);
    take(frame, new Map(), false);
  } else {
    return;
  }
  seq = frame.seq;
  wait = firstWait;
  setConnection('live');
}

function heard(frame) {
  heardAt = Date.now();
  clockDifference = Date.parse(frame.at) - heardAt;
}

/** How it ended within the last minute, or null. `unseen`: a snapshot no longer had it, at what revision is not known. */
function endOf(id) {
  const found = endedAlarms.get(id);
  return found && Date.now() - found.at < remembersEnded ? found : null;
}

/** Whether something newer is known of it: it has changed since, or it has ended. */
const isOld = (alarm) => Math.max(alarms.get(alarm.id)?.revision ?? 0, endOf(alarm.id)?.revision ?? 0) > alarm.revision;

function rememberEnded({ id, revision: last }, unseen) {
  const now = Date.now();
  endedAlarms.delete(id);  // the newest stands last
  endedAlarms.set(id, { revision: last, at: now, unseen });
  for (const [old, { at }] of endedAlarms) {
    if (now - at < remembersEnded) break;
    endedAlarms.delete(old);
  }
}

/** Whether the device's last poll is too long ago is looked at anew; its points' workplaces are added where that changes. */
function judgeDevice(i, now, workplaces) {
  const device = site.get()?.deviceByIndex(i);
  if (!device) return false;
  const late = now - times.get(i) > lateAfter(device);
  if (late === overdue.has(i)) return false;
  if (late) overdue.add(i);
  else overdue.delete(i);
  for (const point of site.get().pointsOf(device.id)) workplaces.add(point.workplace);
  return true;
}

/** `before`: the alarms that a snapshot replaces. */
function take(frame, before, all) {
  const changed = new Set();
  const workplaces = new Set();
  const place = (i) => site.get()?.point(i)?.workplace;
  for (const [i, value, flag] of frame.values ?? []) {
    const old = values.get(i), now = { value, flag };
    values.set(i, now);
    changed.add(`point:${i}`);
    if (isKnown(old) !== isKnown(now)) workplaces.add(place(i));
  }
  for (const [i, t] of frame.times ?? []) {
    times.set(i, t);
    changed.add(`device:${i}`);
    judgeDevice(i, gatewayNow(), workplaces);
  }
  for (const alarm of frame.alarms ?? []) {
    if (!all && isOld(alarm)) continue;
    if (alarm.ended) {
      alarms.delete(alarm.id);
      rememberEnded(alarm, false);
    } else {
      endedAlarms.delete(alarm.id);
      alarms.set(alarm.id, alarm);
    }
    changed.add(`alarm:${alarm.id}`);
    if (alarm.workplace) workplaces.add(alarm.workplace);
  }
  for (const [id, alarm] of before) {
    changed.add(`alarm:${id}`);
    if (!alarms.has(id)) rememberEnded(alarm, true);
  }
  if (all || frame.alarms?.length) {
    bySubject = null;
    changed.add('alarms');
  }
  if (all) summaries.clear();
  for (const id of workplaces) summaries.delete(id);
  if (frame.status) status.set(frame.status);
  // After a snapshot anything may be different: whoever listens looks again.
  for (const topic of all ? [...listeners.keys()] : changed) tell(topic);
  if (!all) for (const id of workplaces) tell(`workplace:${id}`);
  if (!all && workplaces.size) tell('workplaces');
}

/** What the gateway answered to an action, ahead of the frame that brings it to everybody - or behind it. */
export function takeAlarm(alarm) {
  if (alarm && !isOld(alarm) && !endOf(alarm.id)?.unseen) take({ alarms: [alarm] }, new Map(), false);
}

/** What is no longer polled falls silent without a frame that would say so: looked for once a second. */
function sweep() {
  const now = gatewayNow();
  const devices = [], workplaces = new Set();
  for (const i of times.keys()) if (judgeDevice(i, now, workplaces)) devices.push(i);
  for (const id of workplaces) summaries.delete(id);
  for (const i of devices) tell(`device:${i}`);
  for (const id of workplaces) tell(`workplace:${id}`);
  if (workplaces.size) tell('workplaces');
}

// --- connection ------------------------------------------------------------------------------------------------------

function setConnection(state) {
  const now = connection.get();
  if (now.state === state) return;
  // Going from stale to lost and back is one outage: its beginning stays.
  const out = (s) => s === 'stale' || s === 'lost' || s === 'connecting';
  const since = out(now.state) && out(state) ? now.since : state === 'stale' || state === 'lost' ? heardAt || Date.now()
    : Date.now();
  connection.set({ state, since });
}

function open() {
  retry = null;
  if (!wanted) return;
  seq = null;
  held = null;
  if (connection.get().state === 'off') setConnection('connecting');
  const url = `${location.protocol === 'https:' ? 'wss:' : 'ws:'}//${location.host}/api/v1/live`;
  const mine = new WebSocket(url);
  socket = mine;
  mine.onmessage = (event) => {
    if (socket === mine) receive(JSON.parse(event.data));
  };
  mine.onclose = (event) => {
    if (socket !== mine) return;
    socket = null;
    closed(event.code);
  };
}

function closed(code) {
  if (!wanted) return;
  if (code === 4401) {
    session.set({ ...session.get(), signed_in: false, expired: true });
    return stopLive();
  }
  if (code === 4403) {
    wanted = false;
    return setConnection('denied');
  }
  setConnection('lost');
  // A little at random, so that all pages do not come back at the same moment.
  retry = setTimeout(open, wait * (0.75 + Math.random() / 2));
  wait = Math.min(wait * 2, longestWait);
  // The configuration may have changed meanwhile; a session that has ended shows here too.
  if (wait > 2 * firstWait) loadSite().catch(() => {});
}

function reconnect() {
  const old = socket;
  socket = null;
  old?.close();
  closed(0);
}

export function startLive() {
  if (wanted) return;
  wanted = true;
  heardAt = Date.now();
  watch = setInterval(() => {
    if (socket && Date.now() - heardAt > staleAfter) {
      setConnection('stale');
      // A line that is dead without having been closed: a new one.
      if (Date.now() - heardAt > 2 * staleAfter) {
        heardAt = Date.now() - staleAfter;
        reconnect();
      }
    }
  }, 500);
  sweeping = setInterval(sweep, sweepEvery);
  open();
}

export function stopLive() {
  wanted = false;
  clearInterval(watch);
  clearInterval(sweeping);
  clearTimeout(retry);
  const old = socket;
  socket = null;
  old?.close();
  values.clear();
  times.clear();
  overdue.clear();
  alarms.clear();
  endedAlarms.clear();
  summaries.clear();
  bySubject = null;
  status.set(null);
  connection.set({ state: 'off', since: Date.now() });
}

// --- what is asked for -----------------------------------------------------------------------------------------------

/** {value, flag, t, overdue} of a point; flag null where it was never read; overdue: its device should have been polled since. */
export function reading(index) {
  const point = site.get()?.point(index);
  const device = site.get()?.device(point?.device);
  const now = values.get(index);
  return { value: now?.value ?? null, flag: now?.flag ?? null, t: times.get(device?.index) ?? null,
    overdue: !!now && overdue.has(device?.index) };
}

export const alarmById = (id) => alarms.get(id);
export const openAlarms = () => [...alarms.values()];

function subjects() {
  if (bySubject) return bySubject;
  bySubject = { point: new Map(), device: new Map(), workplace: new Map() };
  for (const alarm of alarms.values()) {
    for (const kind of ['point', 'device', 'workplace']) {
      const id = alarm[kind];
      if (!id) continue;
      if (!bySubject[kind].has(id)) bySubject[kind].set(id, []);
      bySubject[kind].get(id).push(alarm);
    }
  }
  return bySubject;
}

export const alarmOfPoint = (id) => subjects().point.get(id)?.[0] ?? null;
export const alarmsOfDevice = (id) => subjects().device.get(id) ?? [];
export const alarmsAt = (workplace) => subjects().workplace.get(workplace) ?? [];

const order = { none: 0, notice: 1, warning: 2, exceed: 3, danger: 4 };
export const levelRank = (level) => order[level] ?? 0;

/** Nobody is to be told of these for the time being; they are still judged. */
export const isSilenced = (alarm) => alarm.state === 'SHLVD' || alarm.state === 'DSUPR' || alarm.state === 'OOSRV';

/** The condition is gone, and a person must say that the place is safe. */
export const isLatched = (alarm) => alarm.latched || alarm.state.startsWith('LATCHED');
export const waitsForReset = (alarm) => alarm.level === 'none' && isLatched(alarm);

/**
 * A workplace in a word: level (the worst that stands; "latched" where nothing stands and something waits for its reset;
 * "normal" only where every point has a fresh figure; "partial" or "unknown" where some or all have none), muted (nobody
 * is told of the worst), silenced (alarms of which nobody is told), unacknowledged, undisposed, latched, points and
 * silent (points without a valid figure), alarms.
 */
export function summary(id) {
  const found = summaries.get(id);
  if (found) return found;
  const points = site.get()?.pointsAt(id) ?? [];
  const silent = points.filter((p) => !isKnown(reading(p.index))).length;
  const own = alarmsAt(id);
  const worst = own.reduce((most, a) => Math.max(most, levelRank(a.level)), 0);
  const loud = own.filter((a) => !isSilenced(a));
  const without = points.length === 0 || silent === points.length ? 'unknown' : silent > 0 ? 'partial' : 'normal';
  const latched = own.filter(waitsForReset);
  const isWorst = (a) => (worst > 0 ? levelRank(a.level) === worst : waitsForReset(a));
  const made = {
    level: worst > 0 ? Object.keys(order)[worst] : latched.length ? 'latched' : without,
    muted: (worst > 0 || latched.length > 0) && !loud.some(isWorst),
    silenced: own.length - loud.length,
    latched: latched.filter((a) => !isSilenced(a)).length,
    unacknowledged: loud.filter((a) => !a.acknowledged).length,
    undisposed: loud.filter((a) => a.level === 'none' && a.targets?.disposal_owed && !a.disposed_at).length,
    points: points.length,
    silent,
    alarms: own,
  };
  summaries.set(id, made);
  return made;
}

// --- for components --------------------------------------------------------------------------------------------------

export const useConnection = () => useCell(connection);
export const useStatus = () => useCell(status);

/** {value, flag, t}: draws again when this point or the time of its device changes. */
export function useReading(index) {
  const device = site.get()?.device(site.get()?.point(index)?.device)?.index;
  useDraw((draw) => {
    const stops = [listen(`point:${index}`, draw), listen(`device:${device}`, draw)];
    return () => stops.forEach((stop) => stop());
  }, [index, device]);
  return reading(index);
}

export function useSummary(workplace) {
  useDraw((draw) => listen(`workplace:${workplace}`, draw), [workplace]);
  return summary(workplace);
}

/** Draws again when the summary of any workplace changes. */
export function useSummaries() {
  useDraw((draw) => listen('workplaces', draw), []);
}

export function useAlarm(id) {
  useDraw((draw) => listen(`alarm:${id}`, draw), [id]);
  return alarms.get(id) ?? null;
}

/** All open alarms: draws again when any changes. */
export function useAlarms() {
  useDraw((draw) => listen('alarms', draw), []);
  return openAlarms();
}

/** Runs `listener` when any alarm changes, outside drawing. */
export const onAlarms = (listener) => listen('alarms', listener);
