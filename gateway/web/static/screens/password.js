// Another password for oneself.
import { html, useState } from '../lib/html.js';
import { api } from '../lib/api.js';
import { t } from '../lib/i18n.js';
import { session } from '../lib/session.js';
import { ErrorBox, Field, Screen, toast } from '../lib/ui.js';

/** A new password, twice: inputs "password" and "again". */
export function NewPassword({ error, mismatch, field = 'password' }) {
  return html`
    <${Field} label=${t('password.new')} hint=${t('password.hint')} error=${error?.field?.(field)}>${(about) => html`
      <input ...${about} name="password" type="password" autocomplete="new-password" required />`}<//>
    <${Field} label=${t('password.again')} error=${mismatch ? t('password.mismatch') : ''}>${(about) => html`
      <input ...${about} name="again" type="password" autocomplete="new-password" required />`}<//>`;
}

export default function Password() {
  const [error, setError] = useState(null);
  const [mismatch, setMismatch] = useState(false);
  const [busy, setBusy] = useState(false);
  const submit = async (event) => {
    event.preventDefault();
    const target = event.target;
    const form = new FormData(target);
    const differs = form.get('password') !== form.get('again');
    setMismatch(differs);
    if (differs) return;
    setBusy(true);
    setError(null);
    try {
      await api.put('/api/v1/session/password', { old: form.get('old'), new: form.get('password') });
      target.reset();
      toast(t('password.done'));
    } catch (e) {
      setError(e);
    }
    setBusy(false);
  };
  return html`<${Screen} title=${t('nav.password')} sub=${session.get().user}>
    <form class="card narrow" onSubmit=${submit}>
      <input type="hidden" autocomplete="username" value=${session.get().user} />
      <${Field} label=${t('password.old')} error=${error?.field?.('old')}>${(about) => html`
        <input ...${about} name="old" type="password" autocomplete="current-password" required />`}<//>
      <${NewPassword} error=${error} mismatch=${mismatch} field="new" />
      <${ErrorBox} error=${error} />
      <button type="submit" class="primary" disabled=${busy}>${t(busy ? 'ui.busy' : 'password.submit')}</button>
    </form>
  <//>`;
}
