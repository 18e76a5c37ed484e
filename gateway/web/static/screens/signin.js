// Sign in.
import { html, useState } from '../lib/html.js';
import { api } from '../lib/api.js';
import { Alone } from '../lib/frame.js';
import { setUtcOffset } from '../lib/format.js';
import { t } from '../lib/i18n.js';
import { session } from '../lib/session.js';
import { ErrorBox, Field } from '../lib/ui.js';

export default function SignIn() {
  const [error, setError] = useState(null);
  const [busy, setBusy] = useState(false);
  const expired = session.get().expired;
  const submit = async (event) => {
    event.preventDefault();
    const form = new FormData(event.target);
    setBusy(true);
    setError(null);
    try {
      const answer = await api.post('/api/v1/session', { user: form.get('user').trim(), password: form.get('password') });
      setUtcOffset(answer.utc_offset_minutes);
      session.set(answer);
    } catch (e) {
      setError(e);
      setBusy(false);
    }
  };
  return html`<${Alone} title=${t('signin.title')}>
    ${expired && !error && html`<p class="notice" role="status">${t('signin.expired')}</p>`}
    <form onSubmit=${submit}>
      <${Field} label=${t('signin.user')} error=${error?.field?.('user')}>${(about) => html`
        <input ...${about} name="user" autocomplete="username" autocapitalize="none" spellcheck=${false} required autofocus />`}<//>
      <${Field} label=${t('signin.password')} error=${error?.field?.('password')}>${(about) => html`
        <input ...${about} name="password" type="password" autocomplete="current-password" required />`}<//>
      <${ErrorBox} error=${error} />
      <button type="submit" class="primary" disabled=${busy}>${t(busy ? 'ui.busy' : 'signin.submit')}</button>
    </form>
    <p class="hint">${t('signin.help')}</p>
  <//>`;
}
