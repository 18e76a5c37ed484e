// What a screen asks the gateway for when it opens.
import { useEffect, useRef, useState } from './html.js';

/**
 * {data, error, loading, reload, set}: `ask()` is called at first and when `deps` change; an answer that comes after a
 * later question is dropped. While it is asked again the old data stay.
 */
export function useLoad(ask, deps) {
  const [state, setState] = useState({ data: null, error: null, loading: true });
  const turn = useRef(0);
  const reload = async () => {
    const mine = ++turn.current;
    setState((s) => ({ ...s, loading: true }));
    try {
      const data = await ask();
      if (mine === turn.current) setState({ data, error: null, loading: false });
    } catch (error) {
      if (mine === turn.current) setState((s) => ({ ...s, error, loading: false }));
    }
  };
  useEffect(() => {
    reload();
    return () => ++turn.current;
  }, deps);
  const set = (data) => setState((s) => ({ ...s, data }));
  return { ...state, reload, set };
}

/** Whether a media query holds, and again when that changes. */
export function useMedia(query) {
  const [holds, setHolds] = useState(() => matchMedia(query).matches);
  useEffect(() => {
    const list = matchMedia(query);
    const look = () => setHolds(list.matches);
    list.addEventListener('change', look);
    look();
    return () => list.removeEventListener('change', look);
  }, [query]);
  return holds;
}
