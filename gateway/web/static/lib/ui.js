// Small parts that all screens share.
import { html, useEffect, useId, useLayoutEffect, useRef, useState } from './html.js';
import { age, dateTime, ms, number, shortTime, unitText, withUnit, zoneText } from './format.js';
import { t } from './i18n.js';
import { Icon } from './icons.js';
import { flagOf, isCut, isKnown, lateAfter, useConnection, useReading } from './live.js';
import { useNow } from './now.js';
import { session } from './session.js';
import { site } from './site.js';
import { cell, useCell } from './store.js';

export { Icon } from './icons.js';

/** The heading of a screen and the title of the window; `actions` stand at its right. */
export function Screen({ title, sub, actions, children }) {
  useEffect(() => {
    document.title = `${title} · ${session.get()?.site ?? 'hazgate'}`;
  }, [title]);
  return html`<div class="screen">
    <div class="screen-head">
      <div><h1>${title}</h1>${sub && html`<p class="sub">${sub}</p>`}</div>
      ${actions && html`<div class="actions">${actions}</div>`}
    </div>
    ${children}
  </div>`;
}

/** To where one came from. */
export const Back = ({ href, children }) => html`<a class="button" href=${href}><${Icon} name="left" size=${12} /> ${children}</a>`;

/**
 * A level by shape, word and colour. Of: none, latched, notice, warning, exceed, danger, normal, partial, unknown. What was normal
 * when the line broke is unknown now.
 */
export function LevelBadge({ level, text, large = false }) {
  const cut = isCut(useConnection());
  const shown = cut && level === 'normal' ? 'unknown' : level;
  return html`<span class=${`level level-${shown}${large ? ' large' : ''}`}>
    <${Icon} name=${shown} size=${large ? 20 : 14} /><span>${(shown === level && text) || t(`level.${shown}`)}</span></span>`;
}

/** "3 秒前", ticking, with the whole time in its title. `late`: from how many ms on it is too old to trust. */
export function Age({ at, late = null }) {
  const now = useNow();
  if (at === null || at === undefined) return html`<span class="age">${t('time.never')}</span>`;
  const old = Math.max(0, now - ms(at));
  const tooOld = late !== null && old > late;
  return html`<time class=${tooOld ? 'age late' : 'age'} datetime=${new Date(ms(at)).toISOString()}
    title=${`${dateTime(at)} (${zoneText()})`}>${age(old)}</time>`;
}

/** A time of the site; of today the clock alone. */
export function Time({ at, whole = false }) {
  const now = useNow();
  if (at === null || at === undefined) return html`<span>—</span>`;
  return html`<time datetime=${new Date(ms(at)).toISOString()} title=${`${dateTime(at)} (${zoneText()})`}>
    ${whole ? dateTime(at) : shortTime(at, now)}</time>`;
}

/**
 * A figure with its unit, what mean it is of, and its age. `reading`: {value, flag, t}; what is not known is hatched and
 * says why, and what is overdue what it last was. `mean`: the averaging time in words; `limit`: so that it never reads on the other side.
 */
export function Figure({ reading, unit, mean, limit = null, late = null, showAge = true }) {
  const known = isKnown(reading);
  const when = showAge && html`<${Age} at=${reading.t} late=${known || reading.overdue ? late : null} />`;
  const sign = reading.flag === 'T' ? '≥' : reading.flag === 'L' ? '<' : '';
  if (!known) {
    const last = flagOf(reading) === 'overdue' && reading.value !== null
      && html`<span class="mean">${t('figure.last', { value: `${sign}${sign && ' '}${withUnit(reading.value, unit, limit)}` })}</span>`;
    return html`<span class="figure unknown"><span class="hatched">${t(`flag.${flagOf(reading)}`)}</span>${last && ' '}${last} ${when}</span>`;
  }
  const word = reading.flag === 'N' ? null : t(`flag.${reading.flag}`);
  const text = reading.value === null ? word : `${sign}${sign && ' '}${number(reading.value, limit)}`;
  return html`<span class="figure"><span class="num">${text}</span> <span class="unit">${unitText(unit)}</span>
    ${mean && html`<span class="mean">${mean}</span>`}
    ${word && reading.value !== null && html`<span class="mean">${word}</span>`} ${when}</span>`;
}

/** The live figure of a point. */
export function PointFigure({ point, showAge = true }) {
  const reading = useReading(point.index);
  const device = site.get().device(point.device);
  const main = site.get().mainSetPoint(point);
  return html`<${Figure} reading=${reading} unit=${point.unit} late=${lateAfter(device)} showAge=${showAge}
    limit=${main?.basis === 'reading' ? main.raise_above : null} mean=${t('mean.reading')} />`;
}

/** Above everything else; Esc and the cross close it, focus goes back to where it was. */
export function Dialog({ title, onClose, children, wide = false }) {
  const ref = useRef(null);
  const id = useId();
  useLayoutEffect(() => {
    const dialog = ref.current;
    dialog.showModal();
    return () => dialog.close();
  }, []);
  const cancel = (event) => {
    event.preventDefault();
    onClose();
  };
  const outside = (event) => {
    if (event.target === ref.current) onClose();
  };
  return html`<dialog ref=${ref} class=${wide ? 'dialog wide' : 'dialog'} aria-labelledby=${id} onCancel=${cancel}
      onMouseDown=${outside}>
    <div class="dialog-body">
      <div class="dialog-head"><h2 id=${id}>${title}</h2>
        <button type="button" class="plain" aria-label=${t('ui.close')} onClick=${onClose}><${Icon} name="close" /></button>
      </div>
      ${children}
    </div>
  </dialog>`;
}

/** A list of thousands: only the rows on the screen are there. All rows have `rowHeight` pixels; the page scrolls. */
export function VirtualList({ items, rowHeight, render, keyOf, label }) {
  const ref = useRef(null);
  const [range, setRange] = useState([0, 30]);
  useLayoutEffect(() => {
    let asked = 0;
    const look = () => {
      asked = 0;
      const top = ref.current?.getBoundingClientRect().top ?? 0;
      // By steps of eight rows, so that not every pixel draws.
      const first = Math.max(0, Math.floor(-top / rowHeight / 8) * 8 - 8);
      const last = Math.ceil((innerHeight - top) / rowHeight / 8) * 8 + 8;
      setRange((old) => (old[0] === first && old[1] === last ? old : [first, last]));
    };
    const ask = () => {
      asked ||= requestAnimationFrame(look);
    };
    // On paper all rows, within reason.
    const whole = () => setRange([0, 2000]);
    look();
    addEventListener('scroll', ask, { passive: true, capture: true });
    addEventListener('resize', ask);
    addEventListener('beforeprint', whole);
    addEventListener('afterprint', ask);
    return () => {
      cancelAnimationFrame(asked);
      removeEventListener('scroll', ask, { capture: true });
      removeEventListener('resize', ask);
      removeEventListener('beforeprint', whole);
      removeEventListener('afterprint', ask);
    };
  }, [rowHeight, items.length]);
  const shown = items.slice(range[0], range[1]);
  return html`<ul ref=${ref} class="virtual" aria-label=${label} style=${{ height: `${items.length * rowHeight}px` }}>
    ${shown.map((item, i) => html`<li key=${keyOf(item)} aria-setsize=${items.length} aria-posinset=${range[0] + i + 1}
      style=${{ top: `${(range[0] + i) * rowHeight}px`, height: `${rowHeight}px` }}>${render(item)}</li>`)}
  </ul>`;
}

/** `tabs`: [{id, label}]; arrow keys go from one to the next. */
export function Tabs({ tabs, active, onChange, label, children }) {
  const id = useId();
  const step = (event) => {
    const by = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (!by) return;
    event.preventDefault();
    const i = tabs.findIndex((tab) => tab.id === active);
    const next = tabs[(i + by + tabs.length) % tabs.length];
    onChange(next.id);
    document.getElementById(`${id}-${next.id}`)?.focus();
  };
  return html`<div class="tabs">
    <div role="tablist" aria-label=${label} onKeyDown=${step}>
      ${tabs.map((tab) => html`<button type="button" role="tab" key=${tab.id} id=${`${id}-${tab.id}`}
        aria-selected=${tab.id === active ? 'true' : 'false'} aria-controls=${`${id}-panel`}
        tabindex=${tab.id === active ? 0 : -1} onClick=${() => onChange(tab.id)}>${tab.label}</button>`)}
    </div>
    <div role="tabpanel" id=${`${id}-panel`} aria-labelledby=${`${id}-${active}`} tabindex="0">${children}</div>
  </div>`;
}

/** A label, its input (a function of the id), and what is wrong with it. */
export function Field({ label, error, hint, children }) {
  const id = useId();
  const about = error ? `${id}-error` : hint ? `${id}-hint` : undefined;
  return html`<div class=${error ? 'field wrong' : 'field'}>
    <label for=${id}>${label}</label>
    ${children({ id, 'aria-invalid': error ? 'true' : undefined, 'aria-describedby': about })}
    ${hint && !error && html`<p class="hint" id=${`${id}-hint`}>${hint}</p>`}
    ${error && html`<p class="error" id=${`${id}-error`}>${error}</p>`}
  </div>`;
}

/** What went wrong, in words, at once spoken. */
export function ErrorBox({ error, onRetry }) {
  if (!error) return null;
  return html`<div class="error-box" role="alert">
    <p>${error.text ?? error.message ?? String(error)}</p>
    ${onRetry && html`<button type="button" onClick=${onRetry}>${t('ui.retry')}</button>`}
  </div>`;
}

export const Loading = () => html`<p class="loading" role="status">${t('ui.loading')}</p>`;

export const Empty = ({ children }) => html`<p class="empty">${children}</p>`;

const toasts = cell([]);
let toastId = 0;

/** A short word that something is done. What went wrong belongs into an ErrorBox, which stays. */
export function toast(text) {
  const id = ++toastId;
  toasts.set([...toasts.get(), { id, text }]);
  setTimeout(() => toasts.set(toasts.get().filter((each) => each.id !== id)), 6000);
}

export function Toasts() {
  return html`<div class="toasts" role="status" aria-live="polite">
    ${useCell(toasts).map((each) => html`<p key=${each.id} class="toast"><${Icon} name="check" /> ${each.text}</p>`)}
  </div>`;
}
