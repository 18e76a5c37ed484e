// The alarm's sound: off until the user turns it on, and only for what nobody has taken note of, at exceed or above.
import { rings } from './alarms.js';
import { onAlarms, openAlarms } from './live.js';
import { cell, remember, remembered } from './store.js';

const every = 4000;

/** off, on, or waiting: on, but the browser wants a click on the page first. */
export const sound = cell('off');
let context = null;
let timer = null;

function beep() {
  if (context?.state !== 'running') return;
  for (const [start, pitch] of [[0, 880], [0.22, 660]]) {
    const tone = context.createOscillator(), volume = context.createGain();
    const from = context.currentTime + start;
    tone.frequency.value = pitch;
    volume.gain.setValueAtTime(0, from);
    volume.gain.linearRampToValueAtTime(0.25, from + 0.02);
    volume.gain.linearRampToValueAtTime(0, from + 0.18);
    tone.connect(volume).connect(context.destination);
    tone.start(from);
    tone.stop(from + 0.2);
  }
}

function check() {
  const due = sound.get() === 'on' && openAlarms().some(rings);
  if (due && !timer) {
    beep();
    timer = setInterval(beep, every);
  } else if (!due && timer) {
    clearInterval(timer);
    timer = null;
  }
}

async function wake() {
  if (sound.get() === 'off') return;
  context ??= new AudioContext();
  // Chromium leaves the promise pending until there has been a click.
  context.resume().catch(() => {});
  sound.set(context.state === 'running' ? 'on' : 'waiting');
  context.onstatechange = () => {
    if (sound.get() !== 'off') sound.set(context.state === 'running' ? 'on' : 'waiting');
    check();
  };
  check();
}

export function toggleSound() {
  const on = sound.get() === 'off';
  remember('sound', on ? 'on' : 'off');
  sound.set(on ? 'waiting' : 'off');
  if (on) wake();
  else check();
}

/** Once, at the start of the page. */
export function startSound() {
  onAlarms(check);
  if (remembered('sound') !== 'on') return;
  sound.set('waiting');
  wake();
  addEventListener('pointerdown', wake);
  addEventListener('keydown', wake);
}
