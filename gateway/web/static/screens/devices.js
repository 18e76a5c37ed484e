// Buses and devices: who answers, what is wrong in plain words; and what registers may mean, for commissioning.
import { html, useEffect, useMemo, useState } from '../lib/html.js';
import { api, query as withQuery } from '../lib/api.js';
import { ms, number } from '../lib/format.js';
import { pick, t } from '../lib/i18n.js';
import { WorkplaceName } from '../lib/links.js';
import { alarmsOfDevice, lateAfter } from '../lib/live.js';
import { useLoad } from '../lib/load.js';
import { link, part } from '../lib/router.js';
import { hasRole } from '../lib/session.js';
import { useSite } from '../lib/site.js';
import { Age, Empty, ErrorBox, Field, LevelBadge, Loading, Screen } from '../lib/ui.js';

const again = 10000;
const rowsAtOnce = 200;

const Health = ({ good }) => html`<${LevelBadge} level=${good ? 'normal' : 'unknown'} text=${t(good ? 'devices.answers' : 'devices.silent')} />`;

function Buses({ buses }) {
  if (buses.length === 0) return null;
  return html`<section class="card"><h2>${t('devices.buses')}</h2><div class="scroll-x" tabindex="0" role="region" aria-label=${t('devices.buses')}><table>
    <thead><tr><th scope="col">${t('alarm.bus')}</th><th scope="col">${t('devices.transport')}</th><th scope="col">${t('alarm.state')}</th><th scope="col">${t('devices.trouble')}</th>
      <th scope="col" class="number">${t('devices.polls')}</th><th scope="col" class="number">${t('devices.failed')}</th><th scope="col" class="number">${t('devices.skipped')}</th><th scope="col" class="number">${t('devices.reopened')}</th></tr></thead>
    <tbody>${buses.map((b) => html`<tr key=${b.id}><th scope="row">${b.id}</th><td>${b.transport}</td>
      <td><${LevelBadge} level=${b.open ? (b.trouble ? 'partial' : 'normal') : 'unknown'} text=${t(b.open ? 'devices.open' : 'devices.closed')} /></td>
      <td>${b.trouble || '—'}</td><td class="number">${b.polls ?? '—'}</td><td class="number">${b.failed ?? '—'}${b.polls > 0 && b.failed > 0 ? html` <span class="sub">${number(b.failed / b.polls * 100)} %</span>` : ''}</td>
      <td class="number">${b.skipped ?? '—'}</td><td class="number">${b.reopened ?? '—'}</td></tr>`)}</tbody></table></div></section>`;
}

function DeviceRow({ device: d }) {
  const site = useSite();
  const alarm = alarmsOfDevice(d.id)[0];
  const known = site.device(d.id);
  const voc = known?.voc;
  return html`<tr><th scope="row">${voc ? html`<a href=${link(`/voc/${part(d.id)}`)}>${d.id}</a>` : d.id}<br /><span class="sub">${known?.profile}</span></th>
    <td>${d.bus ?? '—'}</td><td><${WorkplaceName} id=${d.workplace} /><br /><span class="sub">${site.enterpriseName(site.workplace(d.workplace)?.enterprise)}</span></td>
    <td><${Health} good=${d.answering} /></td>
    <td>${pick(d.trouble) || '—'}${alarm && html` <a href=${link(`/alarms/${part(alarm.id)}`)}>${t('devices.alarm')}</a>`}</td>
    <td><${Age} at=${d.last_poll_at} late=${lateAfter(d)} /></td>
    <td class="number">${number(d.period_s)} s</td></tr>`;
}

// --- registers -------------------------------------------------------------------------------------------------------

const tables = ['holding', 'input', 'coil', 'discrete'];
const hex = (word) => `0x${word.toString(16).toUpperCase().padStart(4, '0')}`;

/** Types down, word orders across: what stands at one address. */
function Meanings({ answer, address }) {
  const here = answer.interpretations.filter((i) => i.address === address);
  const types = [...new Set(here.map((i) => i.type))], orders = [...new Set(here.map((i) => i.word_order || ''))];
  const at = (type, order) => here.find((i) => i.type === type && (i.word_order || '') === order);
  return html`<div class="scroll-x" tabindex="0" role="region" aria-label=${t('registers.meanings', { address })}><table>
    <caption>${t('registers.meanings', { address })}</caption>
    <thead><tr><th scope="col">${t('registers.type')}</th>${orders.map((o) => html`<th scope="col" class="number" key=${o}>${o || t('registers.no_order')}</th>`)}</tr></thead>
    <tbody>${types.map((type) => html`<tr key=${type}><th scope="row">${type}</th>${orders.map((order) => {
      const found = at(type, order);
      return html`<td class="number" key=${order}>${!found ? '' : found.value === null ? html`<span class="sub">${t('registers.not_a_number')}</span>` : meaning(found.value)}</td>`;
    })}</tr>`)}</tbody></table></div>`;
}

/** As it stands, for it is compared with a display: whole numbers whole, others with seven figures. */
function meaning(value) {
  if (typeof value !== 'number') return String(value);
  if (Number.isInteger(value) && Math.abs(value) < 1e15) return String(value);
  return String(Number(value.toPrecision(7)));
}

function Registers({ devices }) {
  const [answer, setAnswer] = useState(null);
  const [address, setAddress] = useState(0);
  const [error, setError] = useState(null);
  const [busy, setBusy] = useState(false);
  const submit = async (event) => {
    event.preventDefault();
    const form = Object.fromEntries(new FormData(event.target));
    setBusy(true);
    setError(null);
    try {
      const got = await api.get(withQuery(`/api/v1/devices/${part(form.device)}/registers`, { table: form.table, first: form.first, count: form.count }));
      setAnswer({ ...got, at: Date.now() });
      setAddress(got.first);
    } catch (e) {
      setError(e);
    }
    setBusy(false);
  };
  return html`<section class="card no-print"><h2>${t('registers.title')}</h2>
    <p class="sub">${t('registers.sub')}</p>
    <form class="inline-form" onSubmit=${submit}>
      <${Field} label=${t('alarm.device')}>${(about) => html`<select ...${about} name="device">${devices.map((d) => html`<option key=${d.id} value=${d.id}>${d.id}</option>`)}</select>`}<//>
      <${Field} label=${t('registers.table')}>${(about) => html`<select ...${about} name="table">${tables.map((name) => html`<option key=${name} value=${name}>${t(`registers.table.${name}`)}</option>`)}</select>`}<//>
      <${Field} label=${t('registers.first')}>${(about) => html`<input ...${about} name="first" type="number" min="0" max="65535" required defaultValue="0" />`}<//>
      <${Field} label=${t('registers.count')}>${(about) => html`<input ...${about} name="count" type="number" min="1" max="64" required defaultValue="8" />`}<//>
      <button type="submit" class="primary" disabled=${busy}>${t(busy ? 'ui.busy' : 'registers.read')}</button>
    </form>
    <${ErrorBox} error=${error} />
    ${answer && html`<div class="registers" aria-live="polite">
      <div class="scroll-x" tabindex="0" role="region" aria-label=${t('registers.words')}><table>
        <caption>${answer.device} · ${t(`registers.table.${answer.table}`)} <${Age} at=${answer.at} /></caption>
        <thead><tr><th scope="col">${t('registers.address')}</th><th scope="col" class="number">${t('registers.hex')}</th><th scope="col" class="number">${t('registers.decimal')}</th></tr></thead>
        <tbody>${answer.words.map((word, i) => html`<tr key=${i} class=${answer.first + i === address ? 'chosen' : ''}>
          <th scope="row"><button type="button" class="plain" aria-pressed=${answer.first + i === address ? 'true' : 'false'} onClick=${() => setAddress(answer.first + i)}>${answer.first + i}</button></th>
          <td class="number mono">${hex(word)}</td><td class="number mono">${word}</td></tr>`)}</tbody></table></div>
      <${Meanings} answer=${answer} address=${address} /></div>`}
  </section>`;
}

export default function Devices() {
  const site = useSite();
  const [text, setText] = useState('');
  const [onlyTrouble, setOnlyTrouble] = useState(false);
  const [count, setCount] = useState(rowsAtOnce);
  const { data, error, reload } = useLoad(() => api.get('/api/v1/devices'), []);
  useEffect(() => {
    const timer = setInterval(() => {
      if (!document.hidden) reload();
    }, again);
    return () => clearInterval(timer);
  }, []);
  const devices = data?.devices ?? [];
  const list = useMemo(() => {
    const words = text.trim().toLowerCase();
    return devices.filter((d) => (!onlyTrouble || !d.answering || d.trouble)
      && (!words || `${d.id} ${site.device(d.id)?.profile ?? ''} ${d.bus ?? ''} ${site.workplaceName(d.workplace)}`.toLowerCase().includes(words)))
      .sort((a, b) => a.answering - b.answering);
  }, [data, text, onlyTrouble]);
  const silent = devices.filter((d) => !d.answering).length;
  return html`<${Screen} title=${t('nav.devices')} sub=${data ? t('devices.sub', { n: devices.length, silent, p99: number(data.lateness_p99_ms), worst: number(data.lateness_worst_ms) }) : ''}
      actions=${data && html`<span class="sub"><${Age} at=${ms(data.at)} /></span>`}>
    <${ErrorBox} error=${error} onRetry=${reload} />
    ${!data && !error && html`<${Loading} />`}
    ${data && html`<${Buses} buses=${data.buses ?? []} />
      <section class="card"><h2>${t('devices.devices')}</h2>
        <div class="toolbar no-print"><label>${t('alarms.search')} <input type="search" value=${text} onInput=${(e) => setText(e.target.value)} /></label>
          <label class="check"><input type="checkbox" checked=${onlyTrouble} onChange=${(e) => setOnlyTrouble(e.target.checked)} /> ${t('devices.only_trouble')}</label></div>
        ${list.length === 0 ? html`<${Empty}>${t('devices.none')}<//>` : html`<div class="scroll-x" tabindex="0" role="region" aria-label=${t('devices.devices')}><table>
          <thead><tr><th scope="col">${t('alarm.device')}</th><th scope="col">${t('alarm.bus')}</th><th scope="col">${t('nav.workplace')}</th><th scope="col">${t('alarm.state')}</th><th scope="col">${t('devices.trouble')}</th>
            <th scope="col">${t('devices.last')}</th><th scope="col" class="number">${t('devices.period')}</th></tr></thead>
          <tbody>${list.slice(0, count).map((d) => html`<${DeviceRow} key=${d.id} device=${d} />`)}</tbody></table></div>`}
        ${list.length > count && html`<p class="more-rows"><button type="button" onClick=${() => setCount(count + rowsAtOnce)}>${t('exposures.show_more', { n: list.length - count })}</button></p>`}
      </section>
      ${hasRole(['admin', 'operator']) && devices.length > 0 && html`<${Registers} devices=${devices} />`}`}
  <//>`;
}
