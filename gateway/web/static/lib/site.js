// What is where: areas, enterprises, workplaces, devices, points, and the limits they are judged by.
import { api } from './api.js';
import { pick } from './i18n.js';
import { isLaw, setUtcOffset } from './format.js';
import { cell, useCell } from './store.js';

/** Null until it is loaded. A new object after the configuration has changed. */
export const site = cell(null);
export const useSite = () => useCell(site);

/** Asks the gateway; the browser's cache answers where nothing has changed. */
export async function loadSite() {
  const answer = await api.get('/api/v1/points');
  const text = JSON.stringify(answer);
  if (site.get()?.text !== text) site.set(index(answer, text));
  setUtcOffset(answer.utc_offset_minutes);
  return site.get();
}

/** Names of agents stand in the tables in lower case; here they begin a line. What says where in a molecule stays small. */
export const capital = (text) => text.replace(/^((?:(?:[a-z]|cis|trans|sec|tert|[mop](?:\/[mop])+|\d[\d,]*)-)*)([a-zA-Z])/, (whole, where, letter) => where + letter.toUpperCase());

function group(items, key) {
  const groups = new Map();
  for (const item of items) {
    const name = key(item);
    if (!groups.has(name)) groups.set(name, []);
    groups.get(name).push(item);
  }
  return groups;
}

function index(answer, text) {
  const by = (items, key = 'id') => new Map((items ?? []).map((item) => [item[key], item]));
  const areas = by(answer.areas), enterprises = by(answer.enterprises), workplaces = by(answer.workplaces);
  const points = by(answer.points, 'index'), pointsById = by(answer.points);
  const devices = by(answer.devices), devicesByIndex = by(answer.devices, 'index'), agents = by(answer.agents);
  const pointsAt = group(answer.points ?? [], (p) => p.workplace);
  const pointsOf = group(answer.points ?? [], (p) => p.device);
  const devicesAt = group(answer.devices ?? [], (d) => d.workplace);
  const workplacesOf = group(answer.workplaces ?? [], (w) => w.enterprise);
  const enterprisesIn = group(answer.enterprises ?? [], (e) => e.area);
  const nameOf = (map, id) => map.get(id)?.name || id || '';
  const compounds = new Map((answer.devices ?? []).flatMap((d) => d.voc?.channels ?? []).map((c) => [c.point, c]));
  return {
    ...answer,
    text,
    point: (i) => points.get(i),
    pointById: (id) => pointsById.get(id),
    device: (id) => devices.get(id),
    deviceByIndex: (i) => devicesByIndex.get(i),
    workplace: (id) => workplaces.get(id),
    enterprise: (id) => enterprises.get(id),
    area: (id) => areas.get(id),
    agent: (id) => agents.get(id),
    shift: (id) => (answer.shifts ?? []).find((s) => s.id === id),
    pointsAt: (workplace) => pointsAt.get(workplace) ?? [],
    pointsOf: (device) => pointsOf.get(device) ?? [],
    devicesAt: (workplace) => devicesAt.get(workplace) ?? [],
    workplacesOf: (enterprise) => workplacesOf.get(enterprise) ?? [],
    enterprisesIn: (area) => enterprisesIn.get(area) ?? [],
    workplaceName: (id) => nameOf(workplaces, id),
    enterpriseName: (id) => nameOf(enterprises, id),
    areaName: (id) => nameOf(areas, id),
    /** The point's own name, else its agent's or compound's, else its id. */
    pointName: (point) => point?.name || capital(pick(agents.get(point?.agent)) || pick(compounds.get(point?.index))) || point?.id || '',
    agentName: (id) => capital(pick(agents.get(id))) || id || '',
    mainSetPoint,
  };
}

const momentary = (setPoint) => setPoint.basis === 'reading' || setPoint.basis === 'c_ste';

/** The set point that a figure is shown beside: of exceedance, by law, and for a short time, as far as there is one. */
function mainSetPoint(point) {
  const rank = (s) => (s.level === 'exceed' ? 4 : 0) + (isLaw(s.limit) ? 2 : 0) + (momentary(s) ? 1 : 0);
  return (point?.set_points ?? []).filter((s) => s.limit).sort((a, b) => rank(b) - rank(a))[0] ?? null;
}
