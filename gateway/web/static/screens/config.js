// The configuration as it is, with what is wrong with it beside the lines. It is changed on the gateway, not here.
import { html, useMemo, useRef } from '../lib/html.js';
import { api } from '../lib/api.js';
import { t } from '../lib/i18n.js';
import { useLoad } from '../lib/load.js';
import { ErrorBox, Icon, Loading, Screen } from '../lib/ui.js';

export default function Config() {
  const { data, error, loading, reload } = useLoad(() => api.get('/api/v1/config'), []);
  const box = useRef(null);
  const lines = useMemo(() => (data?.text ?? '').replace(/\n$/, '').split('\n'), [data]);
  const problems = data?.problems ?? [];
  const here = (p) => !p.file || p.file === data.file || data.file.endsWith(`/${p.file}`);
  const at = useMemo(() => {
    const found = new Map();
    for (const p of problems) if (data && here(p)) found.set(p.line, [...(found.get(p.line) ?? []), p]);
    return found;
  }, [data]);
  const show = (line) => {
    const row = box.current?.querySelector(`[data-line="${line}"]`);
    row?.scrollIntoView({ block: 'center' });
    row?.focus({ preventScroll: true });
  };
  return html`<${Screen} title=${t('nav.config')} sub=${data ? data.file : ''} actions=${html`<button type="button" disabled=${loading} onClick=${reload}>${t('users.refresh')}</button>`}>
    <${ErrorBox} error=${error} onRetry=${reload} />
    ${!data && !error && html`<${Loading} />`}
    ${data && html`
      <p class="notice">${t(data.changed ? 'config.changed' : 'config.same')}</p>
      <section class="card"><h2>${t('config.problems', { n: problems.length })}</h2>
        ${problems.length === 0 ? html`<p class="sound">✓ ${t('config.sound')}</p>` : html`<ul class="problems">${problems.map((p, i) => html`<li key=${i}><${Icon} name="warning" />
          ${here(p) ? html`<button type="button" class="plain" onClick=${() => show(p.line)}>${t('config.at', { line: p.line, column: p.column })}</button>`
            : html`<span class="mono">${p.file}:${p.line}:${p.column}</span>`} <span>${p.text}</span></li>`)}</ul>`}
        <p class="hint">${t('config.how')}</p></section>
      <section class="card"><h2>${t('config.text')}</h2>
        <div class="scroll-x" tabindex="0" role="region" aria-label=${data.file}><table class="source" ref=${box}><tbody>${lines.map((line, i) => {
          const wrong = at.get(i + 1);
          return html`<tr key=${i} data-line=${i + 1} tabindex=${wrong ? -1 : undefined} class=${wrong ? 'wrong' : ''}><th scope="row">${i + 1}</th><td><code>${line || ' '}</code>
            ${wrong?.map((p, k) => html`<p key=${k} class="line-problem"><${Icon} name="warning" size=${14} /> ${t('config.column', { n: p.column })} ${p.text}</p>`)}</td></tr>`;
        })}</tbody></table></div></section>`}
  <//>`;
}
