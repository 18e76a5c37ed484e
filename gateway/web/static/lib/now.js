// One timer for every age on the page.
import { gatewayNow } from './live.js';
import { useDraw } from './store.js';

const listeners = new Set();
let timer = null;

function listen(draw) {
  listeners.add(draw);
  timer ??= setInterval(() => listeners.forEach((each) => each()), 1000);
  return () => {
    listeners.delete(draw);
    if (listeners.size === 0) {
      clearInterval(timer);
      timer = null;
    }
  };
}

/** The gateway's time, a second fresh. */
export function useNow() {
  useDraw(listen, []);
  return gatewayNow();
}
