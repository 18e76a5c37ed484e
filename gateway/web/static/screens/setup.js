// The first administrator, by the one-time token that the gateway has written to its data_dir; it may come in the address.
import { html, useEffect, useState } from '../lib/html.js';
import { api } from '../lib/api.js';
import { Alone } from '../lib/frame.js';
import { setUtcOffset } from '../lib/format.js';
import { t } from '../lib/i18n.js';
import { currentRoute, go, replace } from '../lib/router.js';
import { session } from '../lib/session.js';
import { ErrorBox, Field } from '../lib/ui.js';
import { NewPassword } from './password.js';

export default function Setup() {
  const [token] = useState(() => currentRoute().query.token ?? '');
  const [error, setError] = useState(null);
  const [busy, setBusy] = useState(false);
  const [mismatch, setMismatch] = useState(false);
  // A secret does not stay in the address, where it would be in the history and in every photograph of the screen.
  useEffect(() => {
    if (currentRoute().query.token) replace('/setup');
  }, []);
  const submit = async (event) => {
    event.preventDefault();
    const form = new FormData(event.target);
    const differs = form.get('password') !== form.get('again');
    setMismatch(differs);
    if (differs) return;
    setBusy(true);
    setError(null);
    try {
      const answer = await api.post('/api/v1/setup', {
        token: form.get('token').trim(), user: form.get('user').trim(), password: form.get('password'),
      });
      setUtcOffset(answer.utc_offset_minutes);
      session.set(answer);
      go('/');
    } catch (e) {
      setError(e);
      setBusy(false);
    }
  };
  return html`<${Alone} title=${t('setup.title')}>
    <p>${t('setup.why')}</p>
    <form onSubmit=${submit}>
      <${Field} label=${t('setup.token')} hint=${t('setup.token_hint')} error=${error?.field?.('token')}>${(about) => html`
        <input ...${about} name="token" defaultValue=${token} autocomplete="off" autocapitalize="none" spellcheck=${false} required
          autofocus=${!token} />`}<//>
      <${Field} label=${t('signin.user')} hint=${t('setup.user_hint')} error=${error?.field?.('user')}>${(about) => html`
        <input ...${about} name="user" autocomplete="username" autocapitalize="none" spellcheck=${false} required autofocus=${!!token} />`}<//>
      <${NewPassword} error=${error} mismatch=${mismatch} />
      <${ErrorBox} error=${error} />
      <button type="submit" class="primary" disabled=${busy}>${t(busy ? 'ui.busy' : 'setup.submit')}</button>
    </form>
  <//>`;
}
