// What a person does with an alarm: in words what it means, a note, and the gateway's refusal where it refuses. The
// dialog belongs to the frame, not to the button: rows come and go with every frame, and what one writes must stay.
import { html, useRef, useState } from './html.js';
import { longestShelf, needsNote, verdicts } from './alarms.js';
import { api } from './api.js';
import { pick, t } from './i18n.js';
import { takeAlarm, useAlarm } from './live.js';
import { part } from './router.js';
import { isSame, session } from './session.js';
import { site } from './site.js';
import { cell, useCell } from './store.js';
import { Dialog, ErrorBox, Field, toast } from './ui.js';

const shelves = [15, 30, 60, 120, 240, longestShelf];
/** Whoever judges must have seen what he judges. */
const ofRevision = ['confirm', 'dispose', 'reset'];

const noteLabel = (action) =>
  action === 'dispose' ? 'action.measure' : action === 'comment' ? 'action.note_required'
    : needsNote(action) ? 'action.reason' : 'action.note';

function Verdicts() {
  return html`<fieldset><legend>${t('action.verdict')}</legend>
    ${verdicts.map((v) => html`<label key=${v} class="check choice">
      <input type="radio" name="verdict" value=${v} required /> <span>${t(`verdict.${v}`)}</span></label>`)}</fieldset>`;
}

function Minutes() {
  return html`<${Field} label=${t('action.minutes')}>${(about) => html`<select ...${about} name="minutes">
    ${shelves.map((m) => html`<option key=${m} value=${m} selected=${m === 60}>
      ${m < 60 ? t('action.minutes.n', { n: m }) : t('action.minutes.h', { n: m / 60 })}</option>`)}</select>`}<//>`;
}

const asked = cell(null);

// What one person began to write is nothing for the next one who signs in here.
let signedIn = session.get();
session.listen((now) => {
  if (!isSame(signedIn, now)) asked.set(null);
  signedIn = now;
});

/** Opens the dialog of an action on an `alarm`, or on a `point` that has none (out_of_service, in_service, comment). */
export const askAction = (action, { alarm = null, point = null, onDone = null }) => asked.set({ action, alarm, point, onDone });

export function ActionHost() {
  const now = useCell(asked);
  return now && html`<${ActionDialog} ...${now} onClose=${() => asked.get() === now && asked.set(null)} />`;
}

function ActionDialog({ action, alarm: given, point, onDone, onClose }) {
  const live = useAlarm(given?.id);
  const alarm = live ?? given;
  const [error, setError] = useState(null);
  const [missing, setMissing] = useState(false);
  const [busy, setBusy] = useState(false);
  const seen = useRef(alarm?.revision);
  const submit = async (event) => {
    event.preventDefault();
    const form = new FormData(event.target);
    const note = form.get('note').trim();
    setMissing(needsNote(action) && !note);
    if (needsNote(action) && !note) return;
    const body = {};
    if (note) body.note = note;
    if (form.get('verdict')) body.verdict = form.get('verdict');
    if (form.get('minutes')) body.minutes = Number(form.get('minutes'));
    if (alarm && ofRevision.includes(action)) body.revision = seen.current;
    setBusy(true);
    setError(null);
    try {
      const subject = alarm ? `alarms/${part(alarm.id)}` : `points/${part(point.id)}`;
      const answer = await api.post(`/api/v1/${subject}/${action}`, body);
      takeAlarm(answer.alarm);
      onDone?.(answer.alarm);
      toast(t('action.done', { action: t(`action.${action}`) }));
      onClose();
    } catch (e) {
      // The dialog shows the alarm as it is now; the next attempt is about that.
      seen.current = alarm?.revision;
      setError(e);
      setBusy(false);
    }
  };
  return html`<${Dialog} title=${t(`action.${action}`)} onClose=${onClose}>
    <form onSubmit=${submit}>
      <p class="about">${alarm ? pick(alarm.text) : site.get().pointName(point)}</p>
      <p class="hint what">${t(`action.${action}.what`)}</p>
      ${action === 'confirm' && html`<${Verdicts} />`}
      ${action === 'shelve' && html`<${Minutes} />`}
      <${Field} label=${t(noteLabel(action))} error=${missing ? t('action.need_note') : error?.field?.('note')}>${(about) => html`
        <textarea ...${about} name="note" maxlength="1000" rows="3" autofocus=${needsNote(action)}></textarea>`}<//>
      <${ErrorBox} error=${error} />
      <p class="hint">${t('action.signed', { user: session.get().user })}</p>
      <div class="dialog-foot">
        <button type="button" onClick=${onClose}>${t('ui.cancel')}</button>
        <button type="submit" class="primary" disabled=${busy} autofocus=${!needsNote(action) && action !== 'confirm'}>
          ${t(busy ? 'ui.busy' : `action.${action}`)}</button>
      </div>
    </form>
  <//>`;
}
