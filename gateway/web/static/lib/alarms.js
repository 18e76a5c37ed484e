// What an alarm asks for: its rank among others, the next step, and what may be done with it now.
import { isLatched, isSilenced, levelRank, waitsForReset } from './live.js';

export const levels = ['notice', 'warning', 'exceed', 'danger'];
export const actions = [
  'ack', 'confirm', 'reset', 'dispose', 'shelve', 'unshelve', 'out_of_service', 'in_service', 'comment',
];
export const verdicts = ['real', 'false_alarm', 'device_fault', 'planned_work'];
/** Of a shift; the gateway refuses more. */
export const longestShelf = 480;

const missed = (a) => !!(a.targets?.warn_missed || a.targets?.confirm_missed || a.targets?.dispose_missed);

/** Worst first: what stands before what is over, loud before silenced, then level, unacknowledged, latched, missed, ratio, age. */
export function byRank(a, b) {
  const keys = (x) => [
    x.level !== 'none', !isSilenced(x), levelRank(x.level), !x.acknowledged, waitsForReset(x), levelRank(x.highest), missed(x), x.ratio ?? 0,
  ];
  const left = keys(a), right = keys(b);
  for (let i = 0; i < left.length; ++i) if (Number(left[i]) !== Number(right[i])) return right[i] - left[i];
  return Date.parse(a.detected_at) - Date.parse(b.detected_at);
}

const warningOrAbove = (a) => levelRank(a.highest) >= levelRank('warning');

/** The action that an alarm waits for, or null where it waits for nobody. */
export function nextStep(a) {
  if (a.ended || isSilenced(a)) return null;
  if (!a.acknowledged) return 'ack';
  if (!a.confirmed_at && warningOrAbove(a)) return 'confirm';
  if (a.level !== 'none') return null;
  if (isLatched(a)) return 'reset';
  return a.targets?.disposal_owed && !a.disposed_at ? 'dispose' : null;
}

/** What makes sense now; the gateway has the last word. */
export function possible(a) {
  if (a.ended) return [];
  const over = a.level === 'none';
  const makes = {
    ack: !a.acknowledged && !isSilenced(a),
    confirm: !a.disposed_at && a.activations > 0,
    reset: over && isLatched(a),
    dispose: over && !isLatched(a) && !a.disposed_at && a.activations > 0 && (!!a.confirmed_at || !warningOrAbove(a)),
    shelve: !a.shelved_until && !a.out_of_service && !over && a.level !== 'danger',
    unshelve: !!a.shelved_until,
    out_of_service: !a.out_of_service,
    in_service: !!a.out_of_service,
    comment: true,
  };
  return actions.filter((name) => makes[name]);
}

/** Without words these are refused. */
export const needsNote = (action) => ['dispose', 'shelve', 'out_of_service', 'comment'].includes(action);

/** The four stamps, with what each has to be done by; `owed`: whether it belongs to an alarm of this level at all. */
export function stamps(a) {
  const t = a.targets ?? {};
  return [
    { name: 'detected', at: a.detected_at, by: a.detected_by, due: null, missed: false, owed: true },
    { name: 'warned', at: a.warned_at, by: a.warned_by, due: t.warn_at, missed: t.warn_missed,
      owed: warningOrAbove(a) || !!t.warn_at },
    { name: 'confirmed', at: a.confirmed_at, by: a.confirmed_by, due: t.confirm_at, missed: t.confirm_missed,
      owed: warningOrAbove(a) || !!t.confirm_at },
    { name: 'disposed', at: a.disposed_at, by: a.disposed_by, due: t.dispose_at, missed: t.dispose_missed,
      owed: !!t.disposal_owed || !!a.disposed_at },
  ];
}

/** Whether it rings until somebody has taken note of it. */
export const rings = (a) => !a.ended && !a.acknowledged && !isSilenced(a) && levelRank(a.level) >= levelRank('exceed');
