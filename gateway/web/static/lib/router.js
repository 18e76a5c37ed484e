// The address after "#": "/alarms/gw-01-12?level=exceed".
import { cell, useCell } from './store.js';

function read() {
  const [path, search = ''] = location.hash.replace(/^#/, '').split('?');
  return { path: path || '/', query: Object.fromEntries(new URLSearchParams(search)) };
}

const route = cell(read());
addEventListener('hashchange', () => route.set(read()));

export const useRoute = () => useCell(route);
export const currentRoute = route.get;

/** "#/point/gas-1.gas"; what is null, undefined or '' in `values` is left out. */
export function link(path, values) {
  const kept = Object.entries(values ?? {}).filter(([, v]) => v !== null && v !== undefined && v !== '');
  const search = new URLSearchParams(kept).toString();
  return `#${path}${search ? `?${search}` : ''}`;
}

export function go(path, values) {
  location.hash = link(path, values);
}

/** The same without a new entry in the browser's history, for filters. */
export function replace(path, values) {
  history.replaceState(null, '', link(path, values));
  route.set(read());
}

/** An id as a part of a path. */
export const part = encodeURIComponent;

/** Parameters of `pattern` ("/point/:id") in `path`, or null where it does not fit. */
export function match(pattern, path) {
  const want = pattern.split('/');
  const have = path.split('/');
  if (want.length !== have.length) return null;
  const found = {};
  for (let i = 0; i < want.length; ++i) {
    if (want[i].startsWith(':')) found[want[i].slice(1)] = decode(have[i]);
    else if (want[i] !== have[i]) return null;
  }
  return found;
}

function decode(text) {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
