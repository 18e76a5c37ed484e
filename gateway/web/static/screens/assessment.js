// One assessment: what was measured, what the law says of it, and every version with who changed what and why.
import { html, useState } from '../lib/html.js';
import { api } from '../lib/api.js';
import { number, unitText, withUnit } from '../lib/format.js';
import { t } from '../lib/i18n.js';
import { WorkplaceName } from '../lib/links.js';
import { useLoad } from '../lib/load.js';
import {
  agentText, Differences, differences, factsOf, fieldLabel, Judgement, oneLine, originText, path as root, SaveButton, sampleResult, sampleTime, useSaving, Withdrawn,
} from '../lib/recordparts.js';
import { link, part } from '../lib/router.js';
import { hasRole, writeRoles } from '../lib/session.js';
import { useSite } from '../lib/site.js';
import { Back, Dialog, ErrorBox, Field, Icon, Loading, Screen, Time, toast } from '../lib/ui.js';

const path = (id) => `${root}/${part(id)}`;

function Withdraw({ a, onClose, onDone }) {
  const [error, setError] = useState(null);
  const [busy, setBusy] = useState(false);
  const submit = async (event) => {
    event.preventDefault();
    const why = oneLine(new FormData(event.target).get('why'));
    setBusy(true);
    setError(null);
    try {
      await api.post(`${path(a.id)}/withdraw`, { version: a.version, why });
      toast(t('record.withdraw_done'));
      onDone();
    } catch (e) {
      setError(e);
      setBusy(false);
    }
  };
  return html`<${Dialog} title=${t('record.withdraw')} onClose=${onClose}><form onSubmit=${submit}>
    <p class="about">${a.date} ${agentText(a)}</p><p class="hint what">${t('record.withdraw_what')}</p>
    <${Field} label=${t('record.why')} error=${error?.field?.('why')}>${(about) => html`<textarea ...${about} name="why" maxlength="160" rows="3" required autofocus></textarea>`}<//>
    <${ErrorBox} error=${error} />
    <div class="dialog-foot"><button type="button" onClick=${onClose}>${t('ui.cancel')}</button>
      <button type="submit" class="danger" disabled=${busy}>${t(busy ? 'ui.busy' : 'record.withdraw')}</button></div>
  </form><//>`;
}

function Samples({ a }) {
  const converted = a.samples.some((s) => s.unit !== a.unit);
  const has = (name) => a.samples.some((s) => s[name] !== null && s[name] !== undefined);
  return html`<section class="card"><h2>${t('record.samples')}</h2>
    <div class="scroll-x" tabindex="0" role="region" aria-label=${t('record.samples')}><table>
      <thead><tr><th scope="col" class="number">${t('record.sample.n')}</th><th scope="col">${t('record.sample.time')}</th><th scope="col">${t('record.sample.result')}</th>${converted && html`<th scope="col">${t('record.sample.converted', { unit: unitText(a.unit) })}</th>`}
        ${has('volume_l') && html`<th scope="col" class="number">${t('record.sample.volume_l')}</th>`}${has('stands_for_min') && html`<th scope="col" class="number">${t('record.sample.stands_for_min')}</th>`}</tr></thead>
      <tbody>${a.samples.map((s, i) => html`<tr key=${i}><th scope="row" class="number">${i + 1}</th><td class="nowrap">${sampleTime(s)}</td><td class="nowrap"><strong>${sampleResult(s)}</strong>${s.below_loq && html` <span class="sub">${t('flag.L')}</span>`}</td>
        ${converted && html`<td class="nowrap">${s.below_loq ? '< ' : ''}${withUnit(s.value, a.unit)}</td>`}
        ${has('volume_l') && html`<td class="number">${number(s.volume_l)}</td>`}${has('stands_for_min') && html`<td class="number">${number(s.stands_for_min)}</td>`}</tr>`)}</tbody>
    </table></div></section>`;
}

function Attachments({ list }) {
  const saving = useSaving();
  return html`<section class="card"><h2>${t('record.attachments')}</h2>
    ${list.length === 0 && html`<p class="sub">${t('record.no_attachments')}</p>`}
    <ul class="attachments">${list.map((f) => html`<li key=${f.hash}><${SaveButton} saving=${saving} from=${`/api/v1/attachments/${part(f.hash)}`} name=${f.file} plain><${Icon} name="reports" size=${14} /> ${f.file}<//>
      <span class="clause">SHA-256 <code title=${f.hash}>${f.hash.slice(0, 16)}…</code></span></li>`)}</ul>
    <${ErrorBox} error=${saving.error} /></section>`;
}

function Version({ now, before }) {
  return html`<li>
    <p><strong>${t('record.version_n', { n: now.version })}</strong> <span class="sub"><${Time} at=${now.at} whole /> · ${now.by} · ${originText(now)}</span> ${now.withdrawn && html`<${Withdrawn} />`}</p>
    ${now.why && html`<p class="why">${t('record.why')}${t('ui.colon')}${now.why}</p>`}
    ${before ? html`<${Differences} list=${differences(before, now)} />` : html`<p class="sub">${t('record.first_version')}</p>`}
  </li>`;
}

export default function Assessment({ params }) {
  const site = useSite();
  const [withdrawing, setWithdrawing] = useState(false);
  const { data, error, reload } = useLoad(() => api.get(path(params.id)), [params.id]);
  const a = data?.assessment;
  const back = html`<${Back} href=${link('/assessments')}>${t('nav.assessments')}<//>`;
  if (!a) {
    return html`<${Screen} title=${t('nav.assessments')} actions=${back}>${error
      ? html`<${ErrorBox} error=${error.status === 404 ? { text: t('record.not_found') } : error} onRetry=${reload} />` : html`<${Loading} />`}<//>`;
  }
  const versions = data.versions;
  const newest = [...versions].reverse();
  const mayChange = hasRole(writeRoles) && !a.withdrawn;
  return html`<${Screen} title=${`${agentText(a)} · ${a.date}`} sub=${`${site.enterpriseName(a.enterprise)} › ${site.workplaceName(a.workplace)}`}
      actions=${html`${back}${mayChange && html`<a class="button" href=${link(`/assessments/${part(a.id)}/correct`)}>${t('record.correct')}</a>
        <button type="button" aria-haspopup="dialog" onClick=${() => setWithdrawing(true)}>${t('record.withdraw')}</button>`}<button type="button" onClick=${() => print()}>${t('exposures.print')}</button>`}>
    ${a.withdrawn && html`<p class="notice withdrawn-line"><${Withdrawn} /> ${t('record.withdrawn_why', { why: a.why ?? '—' })}</p>`}
    <section class=${a.withdrawn ? 'card withdrawn' : 'card'}><h2>${t('exposure.verdict')}</h2><${Judgement} judgement=${a.judgement} unit=${a.unit} /></section>
    <${Samples} a=${a} />
    <section class="card"><h2>${t('record.facts')}</h2><dl class="facts">
      <dt>${t('record.number')}</dt><dd>${a.id}${a.version > 1 && html` <span class="mark-version">${t('record.corrected', { n: a.version })}</span>`}</dd>
      ${factsOf(a).map(([name, text]) => html`<dt key=${`t${name}`}>${fieldLabel(name)}</dt><dd key=${name}>${name === 'workplace' ? html`<${WorkplaceName} id=${a.workplace} />` : name === 'agent' ? html`${text} <span class="clause">${a.agent}</span>` : text}</dd>`)}</dl></section>
    <${Attachments} list=${a.attachments ?? []} />
    <section class="card"><h2>${t('record.versions')}</h2><p class="sub">${t('record.versions_why')}</p>
      <ol class="versions">${newest.map((v) => html`<${Version} key=${v.version} now=${v} before=${versions.find((each) => each.version === v.version - 1)} />`)}</ol></section>
    ${withdrawing && html`<${Withdraw} a=${a} onClose=${() => setWithdrawing(false)} onDone=${() => { setWithdrawing(false); reload(); }} />`}
  <//>`;
}
