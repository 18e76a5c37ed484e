// Who may use the page, and what they did.
import { html, useState } from '../lib/html.js';
import { api, query as withQuery } from '../lib/api.js';
import { hasWords, t } from '../lib/i18n.js';
import { useLoad } from '../lib/load.js';
import { part, replace } from '../lib/router.js';
import { session } from '../lib/session.js';
import { useSite } from '../lib/site.js';
import { Dialog, Empty, ErrorBox, Field, Icon, Loading, Screen, Tabs, Time, toast } from '../lib/ui.js';
import { NewPassword } from './password.js';

const roles = ['admin', 'operator', 'enterprise', 'regulator'];
const path = (name) => `/api/v1/users/${part(name)}`;

/** A dialog with a form: `send(form)` does it, `done` says so. */
function FormDialog({ title, intro, submit, send, onClose, onDone, danger = false, children }) {
  const [error, setError] = useState(null);
  const [busy, setBusy] = useState(false);
  const go = async (event) => {
    event.preventDefault();
    setBusy(true);
    setError(null);
    try {
      await send(Object.fromEntries(new FormData(event.target)));
      onDone();
    } catch (e) {
      setError(e);
      setBusy(false);
    }
  };
  return html`<${Dialog} title=${title} onClose=${onClose}><form onSubmit=${go}>
    ${intro && html`<p class="what">${intro}</p>`}
    ${children?.(error)}
    <${ErrorBox} error=${error} />
    <div class="dialog-foot"><button type="button" onClick=${onClose}>${t('ui.cancel')}</button>
      <button type="submit" class=${danger ? 'danger' : 'primary'} disabled=${busy}>${busy ? t('ui.busy') : submit}</button></div>
  </form><//>`;
}

function RoleFields({ user, error }) {
  const site = useSite();
  const [role, setRole] = useState(user?.role ?? 'operator');
  return html`
    <${Field} label=${t('users.role')} error=${error?.field?.('role')} hint=${t(`users.role.${role}`)}>${(about) => html`<select ...${about} name="role" value=${role} onChange=${(e) => setRole(e.target.value)}>
      ${roles.map((r) => html`<option key=${r} value=${r}>${t(`role.${r}`)}</option>`)}</select>`}<//>
    ${role === 'enterprise' && html`<${Field} label=${t('alarms.enterprise')} error=${error?.field?.('enterprise')}>${(about) => html`<select ...${about} name="enterprise" required>
      ${site.enterprises.map((e) => html`<option key=${e.id} value=${e.id} selected=${e.id === user?.enterprise}>${e.name || e.id}</option>`)}</select>`}<//>`}`;
}

const roleOf = (form) => ({ role: form.role, enterprise: form.role === 'enterprise' ? form.enterprise : null });

/** Both entries must be the same before anything is sent. */
function same(form) {
  if (form.password !== form.again) throw { text: t('password.mismatch') };
  return form.password;
}

function Actions({ user, onDone }) {
  const [open, setOpen] = useState(null);
  const close = () => setOpen(null);
  const finish = (words) => () => {
    close();
    toast(words);
    onDone();
  };
  const name = user.name;
  const self = name === session.get().user;
  const button = (what) => html`<button type="button" onClick=${() => setOpen(what)}>${t(`users.${what}`)}<span class="sr"> ${name}</span></button>`;
  return html`<div class="user-actions">
    ${button('change')}${button('password')}${user.sessions > 0 && button('end')}${!self && button(user.disabled ? 'enable' : 'disable')}
    ${open === 'change' && html`<${FormDialog} title=${t('users.change_of', { name })} submit=${t('users.save')} onClose=${close} onDone=${finish(t('users.saved', { name }))}
      intro=${self ? t('users.self') : ''} send=${(form) => api.patch(path(name), roleOf(form))}>${(error) => html`<${RoleFields} user=${user} error=${error} />`}<//>`}
    ${open === 'password' && html`<${FormDialog} title=${t('users.password_of', { name })} submit=${t('users.save')} onClose=${close} onDone=${finish(t('users.password_done', { name }))}
      send=${async (form) => api.put(`${path(name)}/password`, { password: same(form) })}>${(error) => html`<${NewPassword} error=${error} />`}<//>`}
    ${open === 'end' && html`<${FormDialog} title=${t('users.end_of', { name })} intro=${t('users.end_why', { n: user.sessions })} submit=${t('users.end')} danger onClose=${close} onDone=${finish(t('users.ended', { name }))}
      send=${() => api.del(`${path(name)}/sessions`)} />`}
    ${(open === 'disable' || open === 'enable') && html`<${FormDialog} title=${t(`users.${open}_of`, { name })} intro=${t(`users.${open}_why`)} submit=${t(`users.${open}`)} danger=${open === 'disable'} onClose=${close}
      onDone=${finish(t('users.saved', { name }))} send=${() => api.patch(path(name), { disabled: open === 'disable' })} />`}
  </div>`;
}

function Users() {
  const site = useSite();
  const [adding, setAdding] = useState(false);
  const { data, error, reload } = useLoad(() => api.get('/api/v1/users'), []);
  const added = () => {
    setAdding(false);
    toast(t('users.added'));
    reload();
  };
  return html`<div>
    <p class="toolbar no-print"><button type="button" class="primary" onClick=${() => setAdding(true)}>${t('users.add')}</button></p>
    <${ErrorBox} error=${error} onRetry=${reload} />
    ${!data && !error && html`<${Loading} />`}
    ${data && html`<ul class="users">${data.users.map((u) => html`<li key=${u.name} class=${u.disabled ? 'card user off' : 'card user'}>
      <div><h2>${u.name}${u.disabled && html` <span class="hatched small"><${Icon} name="close" size=${12} /> ${t('users.disabled')}</span>`}</h2>
        <p>${t(`role.${u.role}`)}${u.enterprise ? ` · ${site.enterpriseName(u.enterprise)}` : ''}</p></div>
      <dl class="noise-facts"><div><dt>${t('users.last')}</dt><dd>${u.last_sign_in_at ? html`<${Time} at=${u.last_sign_in_at} whole />` : t('users.never')}</dd></div>
        <div><dt>${t('users.sessions')}</dt><dd>${u.sessions}</dd></div><div><dt>${t('users.created')}</dt><dd><${Time} at=${u.created_at} whole /></dd></div></dl>
      <${Actions} user=${u} onDone=${reload} /></li>`)}</ul>`}
    ${adding && html`<${FormDialog} title=${t('users.add')} submit=${t('users.create')} onClose=${() => setAdding(false)} onDone=${added}
      send=${async (form) => api.post('/api/v1/users', { name: form.name, ...roleOf(form), password: same(form) })}>${(e) => html`
        <${Field} label=${t('signin.user')} hint=${t('setup.user_hint')} error=${e?.field?.('name')}>${(about) => html`<input ...${about} name="name" autocomplete="off" autocapitalize="none" spellcheck="false" required />`}<//>
        <${RoleFields} error=${e} /><${NewPassword} error=${e} />`}<//>`}
  </div>`;
}

const actionText = (action) => (hasWords(`audit.${action}`) ? t(`audit.${action}`) : action);

function Audit() {
  const [state, setState] = useState({ list: [], next: null });
  const { data, error, loading, reload } = useLoad(() => api.get('/api/v1/audit?limit=100').then((answer) => {
    setState({ list: answer.entries, next: answer.next });
    return answer;
  }), []);
  const [busy, setBusy] = useState(false);
  const [moreError, setMoreError] = useState(null);
  const more = async () => {
    setBusy(true);
    setMoreError(null);
    try {
      const answer = await api.get(withQuery('/api/v1/audit', { limit: 100, before: state.next }));
      setState({ list: [...state.list, ...answer.entries], next: answer.next });
    } catch (e) {
      setMoreError(e);
    }
    setBusy(false);
  };
  return html`<div>
    <p class="toolbar no-print"><button type="button" onClick=${reload} disabled=${loading}>${t('users.refresh')}</button></p>
    <${ErrorBox} error=${error} onRetry=${reload} />
    ${!data && !error && html`<${Loading} />`}
    ${data && state.list.length === 0 && html`<${Empty}>${t('audit.none')}<//>`}
    ${state.list.length > 0 && html`<div class="card scroll-x" tabindex="0" role="region" aria-label=${t('users.audit')}><table>
      <thead><tr><th scope="col" class="number">${t('audit.number')}</th><th scope="col">${t('audit.time')}</th><th scope="col">${t('audit.user')}</th><th scope="col">${t('audit.what')}</th><th scope="col">${t('audit.detail')}</th><th scope="col">${t('audit.address')}</th></tr></thead>
      <tbody>${state.list.map((e) => html`<tr key=${e.id}><td class="number">${e.id}</td><td class="nowrap"><${Time} at=${e.at} whole /></td><th scope="row">${e.user || '—'}</th><td>${actionText(e.action)}</td><td class="detail">${e.detail}</td><td>${e.address}</td></tr>`)}</tbody></table></div>`}
    <${ErrorBox} error=${moreError} onRetry=${more} />
    ${state.next !== null && state.next !== undefined && html`<p class="more-rows no-print"><button type="button" disabled=${busy} onClick=${more}>${t(busy ? 'ui.busy' : 'ui.more')}</button></p>`}
  </div>`;
}

export default function UsersScreen({ query }) {
  const tabs = [{ id: 'users', label: t('nav.users') }, { id: 'audit', label: t('users.audit') }];
  const active = query.tab === 'audit' ? 'audit' : 'users';
  return html`<${Screen} title=${t('nav.users')}>
    <${Tabs} tabs=${tabs} active=${active} label=${t('nav.users')} onChange=${(tab) => replace('/users', { tab: tab === 'users' ? '' : tab })}>
      ${active === 'users' ? html`<${Users} />` : html`<${Audit} />`}<//><//>`;
}
