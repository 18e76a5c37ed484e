// Requests for what is on the screen only, a few at a time.
import { useEffect, useState } from './html.js';

const atOnce = 3;
const waiting = [];
let running = 0;

function next() {
  while (running < atOnce && waiting.length) {
    const job = waiting.shift();
    if (job.cancelled) continue;
    ++running;
    job.ask().then(job.done, job.failed).finally(() => {
      --running;
      next();
    });
  }
}

/** {promise, cancel}: `ask` is called when it is its turn, and not at all once it is cancelled. */
export function enqueue(ask) {
  const job = { ask, cancelled: false };
  const promise = new Promise((done, failed) => Object.assign(job, { done, failed }));
  waiting.push(job);
  next();
  return { promise, cancel: () => { job.cancelled = true; } };
}

const kept = new Map();
const longest = 120000;

/**
 * {data, error} of `ask()`, asked in turn while the component is there, kept for two minutes under `key` for when it
 * comes back. `again`: asked anew after so many milliseconds.
 */
export function useQueued(key, ask, again = null) {
  const fresh = (k) => (kept.has(k) && Date.now() - kept.get(k).at < longest ? kept.get(k).data : null);
  const [state, setState] = useState({ key, data: fresh(key), error: null });
  useEffect(() => {
    let gone = false, job = null, timer = null;
    const run = () => {
      job = enqueue(ask);
      job.promise.then((data) => {
        if (kept.size > 600) kept.clear();
        kept.set(key, { data, at: Date.now() });
        if (!gone) setState({ key, data, error: null });
      }, (error) => {
        if (!gone) setState((s) => ({ key, data: s.key === key ? s.data : null, error }));
      }).finally(() => {
        if (!gone && again) timer = setTimeout(run, again);
      });
    };
    const have = fresh(key);
    setState({ key, data: have, error: null });
    if (have === null) run();
    else if (again) timer = setTimeout(run, again);
    return () => {
      gone = true;
      job?.cancel();
      clearTimeout(timer);
    };
  }, [key]);
  return state.key === key ? state : { key, data: fresh(key), error: null };
}
