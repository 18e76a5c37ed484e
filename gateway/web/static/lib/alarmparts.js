// How an alarm is shown, wherever it is.
import { html } from './html.js';
import { byRank, nextStep, stamps } from './alarms.js';
import { askAction } from './actiondialog.js';
import { duration, limitText, ms, number, shortTime, unitText } from './format.js';
import { hasWords, pick, t } from './i18n.js';
import { isKnown, isSilenced, useReading, waitsForReset } from './live.js';
import { useNow } from './now.js';
import { link, part } from './router.js';
import { site } from './site.js';
import { Icon, LevelBadge, PointFigure, Time } from './ui.js';

/** What it is about: the point's agent, the device, the bus, the output, the gateway's part. */
export function subjectName(a) {
  if (a.point) {
    const point = site.get().pointById(a.point);
    return a.agent ? site.get().agentName(a.agent) : site.get().pointName(point) || a.point;
  }
  if (a.device) return `${t('alarm.device')} ${a.device}`;
  if (a.bus) return `${t('alarm.bus')} ${a.bus}`;
  if (a.output) return `${t('alarm.output')} ${a.output}`;
  return a.part ? t(`alarms.part.${a.part}`) : a.id;
}

/** What is compared: noise, heat and concentrations have other means of a shift. `long`: not abbreviated. */
export function basisText(basis, unit, long = false) {
  const kind = unit === 'dB(A)' || unit === 'dB(C)' ? '.noise' : unit === 'degC' ? '.heat' : '';
  const keys = [`basis.${basis}${kind}`, `basis.${basis}`];
  const key = (long ? [...keys.map((k) => `${k}.long`), ...keys] : keys).find(hasWords);
  return key ? t(key) : basis ?? '';
}

/** Whether it has a figure that is compared with a limit; devices, buses and parts have none. */
export const hasFigure = (a) => a.point !== undefined && a.basis !== 'short_time' && a.activations > 0;

/** "至少 27.1 mg/m³" */
export function valueText(a, value = a.value) {
  if (value === null || value === undefined) return a.at_least ? t('flag.T') : '—';
  const text = `${number(value, a.limit?.value ?? null)} ${a.basis === 'mixture' ? '' : unitText(a.unit)}`.trim();
  return a.at_least ? `${t('alarm.at_least')} ${text}` : text;
}

/** Its figure is that of its last change of level, and no present one. */
export const figureOf = (a) => t(a.level === 'none' ? 'alarm.value.returned' : 'alarm.value.raised');

/** The subject and its figure in one line, with the averaging time, and of when it is. */
export function AlarmTitle({ alarm: a }) {
  if (!hasFigure(a)) return html`<span class="alarm-title">${subjectName(a)}${a.point ? ` · ${basisText(a.basis)}` : ''}</span>`;
  return html`<span class="alarm-title">${subjectName(a)}${' '}<strong class="live-data">${valueText(a)}</strong>${' '}
    <span class="mean">${basisText(a.basis, a.unit)} · ${figureOf(a)}</span></span>`;
}

/** What to do about it now, in a sentence. */
export function nextWords(a) {
  const step = nextStep(a);
  if (step) return t(`alarm.next.${step}`);
  if (a.ended || a.level === 'none') return t('alarm.next.nothing');
  return isSilenced(a) ? t('alarm.next.silenced', { state: stateText(a) }) : t('alarm.next.wait');
}

/** What the point reads now; below the limit of its alarm it says why that still stands. */
export function NowFigure({ point, alarm: a }) {
  const now = useReading(point.index);
  const below = a.level !== 'none' && a.basis === 'reading' && a.limit?.unit === point.unit && isKnown(now) && now.value !== null && now.value < a.limit.value;
  return html`<${PointFigure} point=${point} />${below && html` <span class="sub">${t('alarm.below')}</span>`}`;
}

/** What a figure is held against, or the reason of what has no figure. */
export function AlarmReason({ alarm: a }) {
  if (a.usual) {
    return html`<span>${t('alarm.usual')} ${number(a.usual.median)} ${unitText(a.unit)}</span>`;
  }
  if (hasFigure(a) && a.limit) return html`<span>${t('alarm.limit')} ${limitText(a.limit)}</span>`;
  return html`<span>${pick(a.text)}</span>`;
}

/** "北片区 › 艾克涂装 › 喷漆房" */
export function placeText(a) {
  const here = site.get();
  const enterprise = here.enterprise(a.enterprise);
  const names = [here.areaName(enterprise?.area), here.enterpriseName(a.enterprise), here.workplaceName(a.workplace)];
  return names.filter(Boolean).join(' › ') || t('overview.system');
}

/** Who did it: a person, or the gateway and by what. */
export function whoText(by) {
  if (!by) return t('alarm.by_system');
  if (by === 'auto:valid_data') return t('stamp.auto.valid_data');
  if (by.startsWith('auto:instrument:')) return t('stamp.auto.instrument', { id: by.slice('auto:instrument:'.length) });
  return by.startsWith('auto:') ? by.slice('auto:'.length) : by;
}

/** How long it has stood, ticking; of what is over how long it lasted. */
export function Lasting({ alarm: a }) {
  const now = useNow();
  const end = a.level === 'none' && a.returned_at ? ms(a.returned_at) : now;
  return html`<span class="lasting">${duration(end - ms(a.detected_at))}</span>`;
}

/** The state in words: of one that is over and acknowledged, what it still waits for. `short`: beside a level's badge. */
export function stateText(a, short = false) {
  if (a.ended) return t('alarms.ended');
  if (a.state === 'NORM' && nextStep(a) !== 'dispose') return t('level.none');
  const key = `state.${a.state === 'NORM' ? 'undisposed' : a.state}`;
  return short && hasWords(`${key}.short`) ? t(`${key}.short`) : t(key);
}

/** Its level; of what is over and waits for its reset that. */
export const shownLevel = (a) => (waitsForReset(a) ? 'latched' : a.level);

/** A level of which nobody is told. */
export const silencedText = (level) => `${t(`level.${level}`)} (${t('overview.silenced')})`;

/** Of a workplace: nobody is told of the worst; or nothing stands, and something waits for a person. */
export const badgeText = (s) => (s.muted ? silencedText(s.level)
  : s.level === 'normal' && s.unacknowledged + s.undisposed > 0 ? t('overview.pending') : undefined);

/** That nobody is told, by whom or what: where nothing stands this says more than "returned". */
export const SilencedState = ({ alarm }) => html`<span class="muted"><${Icon} name="mute" size=${14} /> ${stateText(alarm)}</span>`;

/** The same as a badge; of what nobody is told that, too. */
export function AlarmLevel({ alarm: a, large = false }) {
  const level = shownLevel(a);
  return html`<${LevelBadge} level=${level} large=${large}
    text=${isSilenced(a) && level !== 'none' ? silencedText(level) : undefined} />`;
}

/** 发现 预警 确认 处置 in a row, each by a sign, a word, its time or its target. */
export function Stamps({ alarm, full = false }) {
  const now = useNow();
  return html`<ol class=${full ? 'stamps full' : 'stamps'} aria-label=${t('stamp.steps')}>
    ${stamps(alarm).map((s) => {
      const kind = s.missed ? 'missed' : s.at ? 'done' : s.owed ? 'pending' : 'spared';
      return html`<li key=${s.name} class=${`stamp ${s.at ? 'has-time' : ''} ${kind}`}>
        <span class="mark"><${Icon} name=${kind === 'spared' ? 'dash' : s.at ? 'check' : s.missed ? 'close' : 'open'} size=${12} /></span>
        <span class="stamp-name">${t(`stamp.${s.name}`)}</span>
        <span class="stamp-when">${s.at ? html`<${Time} at=${s.at} />`
          : kind === 'spared' ? t('stamp.not_owed')
          : s.due && !s.missed ? t('stamp.due', { time: shortTime(s.due, now, false) }) : s.missed ? '' : t('stamp.pending')}</span>
        ${s.missed && html`<span class="stamp-missed">${t(s.at ? 'stamp.done_late' : 'stamp.missed')}</span>`}
        ${full && s.at && s.by && html`<span class="stamp-by">${s.name === 'detected' || s.name === 'warned' ? basisText(s.by, alarm.unit) : whoText(s.by)}</span>`}
        ${full && s.due && (s.at || s.missed) && html`<span class="stamp-by">${t('stamp.due', { time: shortTime(s.due, now, false) })}</span>`}
      </li>`;
    })}
  </ol>`;
}

/** A button that opens the dialog of an action. */
export function ActionButton({ alarm, action, primary = false }) {
  return html`<button type="button" class=${primary ? 'primary' : ''} aria-haspopup="dialog"
    onClick=${() => askAction(action, { alarm })}>${t(`action.${action}`)}</button>`;
}

export const alarmLink = (a) => link(`/alarms/${part(a.id)}`);
export const pointLink = (id) => link(`/point/${part(id)}`);
export const workplaceLink = (id) => link(`/workplace/${part(id)}`);

/** Of several alarms the one that matters most. */
export const worstOf = (list) => [...list].sort(byRank)[0] ?? null;

/** An alarm as a row of a list: the whole row leads to its details, the button does the next step. */
export function AlarmRow({ alarm: a }) {
  const step = nextStep(a);
  return html`<article class=${`alarm-row edge-${shownLevel(a)}${step === 'ack' ? ' unread' : ''}`}>
    <div class="alarm-level"><${LevelBadge} level=${shownLevel(a)} /><span class="alarm-state">${stateText(a, true)}</span>
      ${a.level === 'none' && a.highest !== 'none' && html`<span class="sub alarm-was">${t('alarm.was', { level: t(`level.${a.highest}`) })}</span>`}</div>
    <div class="alarm-what">
      <a class="stretched" href=${alarmLink(a)}><${AlarmTitle} alarm=${a} /></a>
      <p class="alarm-reason"><${AlarmReason} alarm=${a} /></p>
      <p class="alarm-place">${placeText(a)}</p>
    </div>
    <${Stamps} alarm=${a} />
    <div class="alarm-time"><span>${t('overview.since')} <${Lasting} alarm=${a} /></span></div>
    <div class="alarm-do">${step && html`<${ActionButton} alarm=${a} action=${step} primary=${step === 'ack'} />`}</div>
  </article>`;
}
