// What the law asks for again and again: tests, calibrations, health surveillance; what is overdue first.
import { html, useState } from '../lib/html.js';
import { api, query as withQuery } from '../lib/api.js';
import { today } from '../lib/dates.js';
import { forgetDuties, isOverdue, takeDuties } from '../lib/duties.js';
import { pick, t, tn } from '../lib/i18n.js';
import { WorkplaceName } from '../lib/links.js';
import { useLoad, useMedia } from '../lib/load.js';
import { Long, Sign } from '../lib/recordparts.js';
import { link, replace } from '../lib/router.js';
import { hasRole, session, writeRoles } from '../lib/session.js';
import { useSite } from '../lib/site.js';
import { Dialog, Empty, ErrorBox, Field, Icon, Loading, Screen, toast } from '../lib/ui.js';

const soon = 30;
const states = { overdue: 'exceed', never: 'unknown', soon: 'warning', due: 'normal' };
const isNever = (d) => d.state.startsWith('never');
const rank = ['overdue', 'never', 'soon', 'due'];
const stateOf = (d) => (isNever(d) ? 'never' : d.state === 'due' && d.days <= soon ? 'soon' : d.state);

export const byUrgency = (a, b) => rank.indexOf(stateOf(a)) - rank.indexOf(stateOf(b)) || (a.due ?? '').localeCompare(b.due ?? '') || a.id.localeCompare(b.id);

function StateSign({ duty: d }) {
  const state = stateOf(d);
  const days = Math.abs(d.days ?? 0);
  return html`<span class="verdict"><${Sign} level=${states[state] ?? 'unknown'}>${state === 'never' || d.days === null || d.days === undefined ? t(`duties.state.${state}`) : tn(`duties.days.${state}`, days)}<//></span>`;
}

const Source = ({ duty: d }) => html`<span>${tn('duties.every', d.months)} <span class="clause">${d.source}${d.confidence ? ` · ${t('posts.confidence', { confidence: d.confidence })}` : ''}</span></span>`;

function Action({ duty: d, onDone }) {
  if (!hasRole(writeRoles)) return null;
  const of = html`<span class="sr"> ${pick(d.name)}</span>`;
  if (d.kind === 'test') return html`<a class="button" href=${link('/assessments/new', { workplace: d.workplace, agent: d.agent })}>${t('duties.enter_test')}${of}</a>`;
  return html`<button type="button" aria-haspopup="dialog" onClick=${() => onDone(d)}>${t('duties.enter')}${of}</button>`;
}

function DoneDialog({ duty: d, onClose, onDone }) {
  const [error, setError] = useState(null);
  const [busy, setBusy] = useState(false);
  const submit = async (event) => {
    event.preventDefault();
    const form = new FormData(event.target);
    const body = { kind: d.kind, date: form.get('date') };
    if (d.device) body.device = d.device;
    else body.workplace = d.workplace;
    if (d.agent) body.agent = d.agent;
    if (form.get('note').trim()) body.note = form.get('note').trim();
    setBusy(true);
    setError(null);
    try {
      await api.post('/api/v1/duties', body);
      forgetDuties();
      toast(t('duties.done'));
      onDone();
    } catch (e) {
      setError(e);
      setBusy(false);
    }
  };
  const wrong = (name) => error?.field?.(name);
  return html`<${Dialog} title=${t('duties.enter')} onClose=${onClose}><form onSubmit=${submit}>
    <p class="about">${pick(d.name)}</p>
    <${Field} label=${t('duties.date')} hint=${t('duties.date_hint')} error=${wrong('date')}>${(about) => html`<input ...${about} type="date" name="date" required max=${today()} defaultValue=${today()} />`}<//>
    <${Field} label=${t('action.note')} hint=${t(`duties.note_hint.${d.kind}`)} error=${wrong('note')}>${(about) => html`<textarea ...${about} name="note" rows="3" maxlength="1000"></textarea>`}<//>
    <${ErrorBox} error=${error} />
    <p class="hint">${t('action.signed', { user: session.get().user })}</p>
    <div class="dialog-foot"><button type="button" onClick=${onClose}>${t('ui.cancel')}</button>
      <button type="submit" class="primary" disabled=${busy}>${t(busy ? 'ui.busy' : 'duties.save')}</button></div>
  </form><//>`;
}

export default function Duties({ query }) {
  const site = useSite();
  const narrow = useMedia('(max-width: 900px)');
  const [doing, setDoing] = useState(null);
  const { data, error, loading, reload } = useLoad(async () => {
    const answer = await api.get(withQuery('/api/v1/duties', { enterprise: query.enterprise }));
    if (!query.enterprise) takeDuties(answer.duties);
    return answer;
  }, [query.enterprise]);
  const list = [...(data?.duties ?? [])].sort(byUrgency);
  const late = list.filter(isOverdue).length, never = list.filter(isNever).length;
  const done = () => {
    setDoing(null);
    reload();
  };
  return html`<${Screen} title=${t('nav.duties')} sub=${t('duties.sub')} actions=${html`<button type="button" onClick=${() => print()}>${t('exposures.print')}</button>`}>
    ${site.enterprises.length > 1 && html`<div class="toolbar no-print"><label>${t('alarms.enterprise')} <select value=${query.enterprise ?? ''} onChange=${(e) => replace('/duties', { enterprise: e.target.value })}>
      <option value="">${t('ui.all')}</option>${site.enterprises.map((e) => html`<option key=${e.id} value=${e.id} selected=${e.id === query.enterprise}>${e.name || e.id}</option>`)}</select></label></div>`}
    <${ErrorBox} error=${error} onRetry=${reload} />
    ${loading && !data && html`<${Loading} />`}
    ${data && html`<p class=${late ? 'overdue-line' : 'counts-line'} role="status">${late > 0 && html`<${Icon} name="warning" />`}<span>${late > 0 && html`<strong>${tn('duties.overdue_n', late)}</strong>${t('list.semicolon')}`}${never > 0 && `${tn('duties.never_n', never)}${t('list.semicolon')}`}${tn('duties.count', list.length)}</span></p>`}
    ${data && list.length === 0 && html`<${Empty}>${t('duties.none')}<//>`}
    ${list.length > 0 && (narrow ? html`<ul class="record-cards">${list.map((d) => html`<li key=${d.id} class=${isOverdue(d) ? 'card late' : 'card'}>
        <div class="card-head"><h2>${pick(d.name)}</h2><${StateSign} duty=${d} /></div>
        <p>${d.workplace && html`<${WorkplaceName} id=${d.workplace} />`}</p><p>${t('duties.last')}${t('ui.colon')}${d.last ?? t('duties.never_done')}${t('list.semicolon')}${t('duties.due')}${t('ui.colon')}${d.due ?? '—'}</p><p><${Source} duty=${d} /></p>
        <p class="no-print"><${Action} duty=${d} onDone=${setDoing} /></p></li>`)}</ul>`
      : html`<div class="card scroll-x" tabindex="0" role="region" aria-label=${t('nav.duties')}><table class="duties">
        <thead><tr><th scope="col">${t('alarm.state')}</th><th scope="col">${t('duties.what')}</th><th scope="col">${t('nav.workplace')}</th><th scope="col">${t('duties.last')}</th><th scope="col">${t('duties.due')}</th><th scope="col">${t('duties.why')}</th>
          ${hasRole(writeRoles) && html`<th scope="col" class="no-print"><span class="sr">${t('duties.enter')}</span></th>`}</tr></thead>
        <tbody>${list.map((d) => html`<tr key=${d.id} class=${isOverdue(d) ? 'late' : ''}><td><${StateSign} duty=${d} /></td><th scope="row"><${Long}>${pick(d.name)}<//></th><td>${d.workplace && html`<${Long}><${WorkplaceName} id=${d.workplace} /><//>`}${site.enterprises.length > 1 && html`<br /><span class="sub">${site.enterpriseName(d.enterprise)}</span>`}</td>
          <td class="nowrap">${d.last ?? t('duties.never_done')}</td><td class="nowrap">${d.due ?? '—'}</td><td><${Long}><${Source} duty=${d} /><//></td>
          ${hasRole(writeRoles) && html`<td class="no-print"><${Action} duty=${d} onDone=${setDoing} /></td>`}</tr>`)}</tbody></table></div>`)}
    ${doing && html`<${DoneDialog} duty=${doing} onClose=${() => setDoing(null)} onDone=${done} />`}
  <//>`;
}
