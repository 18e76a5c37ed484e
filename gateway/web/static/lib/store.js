// A value that can be listened to, and what is remembered between visits.
import { useLayoutEffect, useReducer } from './html.js';

/** A value with listeners. */
export function cell(initial) {
  let value = initial;
  const listeners = new Set();
  return {
    get: () => value,
    set(next) {
      if (next === value) return;
      value = next;
      for (const listener of [...listeners]) listener(value);
    },
    listen(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}

/**
 * Draws the component again whenever `listen(draw)` says so; `listen` returns how to stop, `deps` say what it hangs on.
 * Listening begins in the same task as the drawing, so no frame can fall between.
 */
export function useDraw(listen, deps) {
  const [, draw] = useReducer((n) => n + 1, 0);
  useLayoutEffect(() => listen(draw), deps);
}

export function useCell(source) {
  const [, draw] = useReducer((n) => n + 1, 0);
  const seen = source.get();
  useLayoutEffect(() => {
    if (source.get() !== seen) draw();  // set by a component below, while it was drawn
    return source.listen(draw);
  }, [source]);
  return seen;
}

/** localStorage may be forbidden; then nothing is remembered, and all else works. */
export function remember(key, value) {
  try {
    localStorage.setItem(`hazgate.${key}`, value);
  } catch { /* not remembered */ }
}

export function remembered(key) {
  try {
    return localStorage.getItem(`hazgate.${key}`);
  } catch {
    return null;
  }
}
