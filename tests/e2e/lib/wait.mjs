// Waiting for a condition, never for a time.

export const pause = (ms) => new Promise((done) => { setTimeout(done, ms); });

/**
 * What `look` gives as soon as it is neither false, null nor undefined; an exception counts as "not yet". `what` is told
 * where it does not come about in time, with the last answer.
 */
export async function until(what, look, { within = 20000, every = 50 } = {}) {
  const end = Date.now() + within;
  let last;
  for (;;) {
    try {
      last = await look();
      if (last !== false && last !== null && last !== undefined) return last;
    } catch (error) {
      last = error;
      if (error.fatal) throw error;
    }
    if (Date.now() > end) {
      throw new Error(`not within ${within / 1000} s: ${what}${last instanceof Error ? ` (${last.message})` : ''}`);
    }
    await pause(every);
  }
}
