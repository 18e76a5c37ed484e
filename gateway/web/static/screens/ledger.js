// The chain of each enterprise: its records in words, its head to copy down, and whether it is whole.
import { html, useEffect, useRef, useState } from '../lib/html.js';
import { api, ApiError, query as withQuery } from '../lib/api.js';
import { dateTime, duration, limitText, number, withUnit, zoneText } from '../lib/format.js';
import { hasWords, pick, t } from '../lib/i18n.js';
import { useLoad } from '../lib/load.js';
import { replace } from '../lib/router.js';
import { session } from '../lib/session.js';
import { useSite } from '../lib/site.js';
import { Empty, ErrorBox, Field, Loading, Screen, Time, toast } from '../lib/ui.js';

const page = 100;

async function copy(text) {
  try {
    await navigator.clipboard.writeText(text);
  } catch {
    // Without https there is no clipboard to ask for.
    const area = document.createElement('textarea');
    area.value = text;
    document.body.append(area);
    area.select();
    document.execCommand('copy');
    area.remove();
  }
  toast(t('ledger.copied'));
}

function Copyable({ name, value }) {
  return html`<dt>${name}</dt><dd class="copyable"><code>${value ?? '—'}</code>
    ${value && html`<button type="button" class="plain no-print" onClick=${() => copy(String(value))}>${t('ledger.copy')}<span class="sr"> ${name}</span></button>`}</dd>`;
}

function Head({ chain, keyId }) {
  const head = chain.head;
  return html`<section class="card"><div class="card-head"><h2>${t('ledger.head')}</h2>
      ${head && html`<button type="button" class="no-print" onClick=${() => copy(JSON.stringify(head))}>${t('ledger.copy_all')}</button>`}</div>
    <p class="sub">${t('ledger.head_why')}</p>
    ${head ? html`<dl class="facts">
      <${Copyable} name=${t('ledger.seq')} value=${head.seq} /><${Copyable} name=${t('ledger.hash')} value=${head.hash} />
      <${Copyable} name=${t('ledger.signature')} value=${head.signature} /><${Copyable} name=${t('ledger.key_id')} value=${head.key_id} />
      <${Copyable} name=${t('ledger.signed_at')} value=${head.at} /></dl>` : html`<dl class="facts"><${Copyable} name=${t('ledger.hash')} value=${chain.hash} /><${Copyable} name=${t('ledger.key_id')} value=${keyId} /></dl>
      <p class="sub">${t('ledger.no_head')}</p>`}
  </section>`;
}

function Verify({ enterprise }) {
  const [state, setState] = useState(null);
  useEffect(() => setState(null), [enterprise]);
  const run = async () => {
    setState({ busy: true });
    try {
      setState({ answer: await api.post('/api/v1/ledger/verify', enterprise ? { enterprise } : {}), at: Date.now() });
    } catch (error) {
      setState({ error });
    }
  };
  const answer = state?.answer;
  return html`<section class="card"><h2>${t('ledger.verify')}</h2>
    <p class="sub">${t('ledger.verify_why')}</p>
    <p><button type="button" class="primary no-print" disabled=${!!state?.busy} onClick=${run}>${t(state?.busy ? 'ledger.verifying' : 'ledger.verify_now')}</button>
      ${state?.busy && html` <progress aria-label=${t('ledger.verifying')}></progress>`}</p>
    <div aria-live="polite">
      ${state?.error && html`<${ErrorBox} error=${state.error} />`}
      ${answer && html`<p class=${answer.sound ? 'sound' : 'unsound'}><strong>${answer.sound ? '✓ ' : '✗ '}${t(answer.sound ? 'ledger.sound' : 'ledger.unsound')}</strong>
          <span class="sub"> ${t('ledger.took', { time: answer.took_ms < 1000 ? `${answer.took_ms} ms` : duration(answer.took_ms) })} · <${Time} at=${state.at} /></span></p>
        <pre class="report" tabindex="0">${[answer.report ?? []].flat().join('\n')}</pre>`}
    </div>
    <details><summary>${t('ledger.outside')}</summary><div class="outside">
      <p>${t('ledger.outside_why')}</p>
      <pre tabindex="0" aria-label=${t('ledger.outside')}>${`hazgate subscribe --url mqtts://BROKER:8884 --site ${session.get().site} --output kept.jsonl --key ledger.pub \\
  --username USER --password-file FILE --ca ca.pem
hazgate verify kept.jsonl --key ledger.pub
hazgate verify hazgate.sqlite --key ledger.pub --head heads`}</pre>
      <p>${t('ledger.outside_key')}</p></div></details>
  </section>`;
}

// --- records ---------------------------------------------------------------------------------------------------------

/** What a record says; a kind that this page does not know is shown by its own words. */
function recordText(r) {
  if (pick(r.text)) return pick(r.text);
  if (r.kind === 'key') return t(r.seq === 1 || !r.endorsement ? 'ledger.key_first' : 'ledger.key_next', { id: r.key_id ?? '—' });
  if (r.kind === 'rules') return t('ledger.rules', { n: r.count ?? r.changes?.length ?? '—', who: r.who ?? '—' });
  return t('ledger.unknown_kind', { kind: r.kind });
}

const kindText = (r) => {
  const key = r.kind === 'exceedance' ? `ledger.kind.${r.event}` : `ledger.kind.${r.kind}`;
  return hasWords(key) ? t(key) : r.kind;
};

function Changes({ list }) {
  return html`<ul class="changes">${list.map((c, i) => html`<li key=${i}><code>${c.subject}</code> <code>${c.rule}</code>: ${c.before ?? t('ledger.nothing')} → ${c.after ?? t('ledger.nothing')}</li>`)}</ul>`;
}

function Record({ record: r }) {
  const site = useSite();
  const place = [r.workplace_name || (r.workplace && site.workplaceName(r.workplace)), r.point].filter(Boolean).join(' · ');
  return html`<li class="record">
    <div class="record-seq">${t('ledger.nth', { n: r.seq })}<span class="sub"><${Time} at=${r.at} whole /></span></div>
    <div class="record-what">
      <p><strong>${kindText(r)}</strong> ${place && html`<span class="sub">${place}</span>`}</p>
      <p>${recordText(r)}</p>
      ${r.kind === 'exceedance' && r.limit && Number.isFinite(r.limit.value) && html`<p class="sub">${Number.isFinite(r.measured) ? `${r.at_least ? `${t('alarm.at_least')} ` : ''}${withUnit(r.measured, r.unit, r.limit.value)} · ` : ''}${limitText(r.limit)} · ${r.limit.source}${Number.isFinite(r.coverage) ? ` · ${t('exposure.coverage')} ${number(Math.floor(r.coverage * 1000) / 10)} %` : ''}${Number.isFinite(r.duration_s) ? ` · ${duration(r.duration_s * 1000)}` : ''}</p>`}
      ${r.changes && html`<${Changes} list=${r.changes} />`}
      <details><summary>${t('ledger.whole')}</summary><pre class="report" tabindex="0" aria-label=${t('ledger.nth', { n: r.seq })}>${JSON.stringify(r, null, 1)}</pre></details>
    </div></li>`;
}

/**
 * The records of a chain from `after` on until `enough(records)`, and whether more follow. The gateway cuts a page by its
 * bytes, too: a short one is not the last.
 */
async function read(chain, after, enough) {
  const records = [];
  for (;;) {
    const answer = await api.get(withQuery('/api/v1/exceedances', { enterprise: chain.enterprise, after_seq: records.at(-1)?.seq ?? after }));
    if (answer.ok === false) throw new ApiError(503, answer.error?.code ?? 'store', answer.error);
    const mine = (r) => (!r.enterprise || r.enterprise === chain.enterprise) && (!chain.gateway || !r.gateway || r.gateway === chain.gateway);
    const page = answer.records.filter((r) => mine(r) && r.seq > (records.at(-1)?.seq ?? after)).sort((a, b) => a.seq - b.seq);
    records.push(...page);
    const told = answer.chains.find((c) => c.enterprise === chain.enterprise && (!chain.gateway || c.gateway === chain.gateway)) ?? answer.chains[0];
    const more = !!told?.more && page.length > 0;
    if (!more || enough(records)) return { records, more };
  }
}

/** Newest first, a hundred at a time; or from a number on, upwards. */
function Records({ chain, from }) {
  const upwards = Number(from) > 0;
  const [state, setState] = useState({ list: null, error: null, busy: true, more: false });
  const turn = useRef(0);
  const load = async (list) => {
    const mine = ++turn.current;
    const set = (next) => mine === turn.current && setState(next);
    set((s) => ({ ...s, busy: true, error: null }));
    try {
      if (upwards) {
        const found = await read(chain, list.length ? list.at(-1).seq : Number(from) - 1, (records) => records.length >= page);
        set({ list: [...list, ...found.records], error: null, busy: false, more: found.more });
      } else {
        const below = list.length ? list.at(-1).seq : chain.records + 1;
        const first = Math.max(1, below - page);
        // The first time up to the end as it is now: what was written since the head was asked for is the newest.
        const found = await read(chain, first - 1, (records) => list.length > 0 && records.at(-1).seq >= below - 1);
        const older = found.records.filter((r) => list.length === 0 || r.seq < below).reverse();
        set({ list: [...list, ...older], error: null, busy: false, more: first > 1 && older.length > 0 });
      }
    } catch (error) {
      set((s) => ({ ...s, error, busy: false }));
    }
  };
  useEffect(() => {
    setState({ list: null, error: null, busy: true, more: false });
    load([]);
    return () => ++turn.current;
  }, [chain.enterprise, chain.gateway, from]);
  const jump = (event) => {
    event.preventDefault();
    replace('/ledger', { enterprise: chain.enterprise, from: new FormData(event.target).get('from') });
  };
  const { list, error, busy, more } = state;
  return html`<section class="card"><div class="card-head"><h2>${t('ledger.records')}</h2>
      <form class="inline-form no-print" onSubmit=${jump}>
        <${Field} label=${t('ledger.from')}>${(about) => html`<input ...${about} name="from" type="number" min="1" max=${Math.max(1, chain.records)} defaultValue=${from ?? ''} />`}<//>
        <button type="submit">${t('trend.show')}</button>
        ${upwards && html`<button type="button" onClick=${() => replace('/ledger', { enterprise: chain.enterprise })}>${t('ledger.newest')}</button>`}</form></div>
    <p class="sub">${t(upwards ? 'ledger.upwards' : 'ledger.downwards', { n: from, zone: zoneText() })}</p>
    ${list?.length === 0 && !busy && html`<${Empty}>${t('ledger.no_records')}<//>`}
    ${list?.length > 0 && html`<ol class="records">${list.map((r) => html`<${Record} key=${`${r.seq} ${r.hash}`} record=${r} />`)}</ol>`}
    <${ErrorBox} error=${error} onRetry=${() => load(list ?? [])} />
    ${busy ? html`<${Loading} />` : more && html`<p class="more-rows no-print"><button type="button" onClick=${() => load(list)}>${t('ui.more')}</button></p>`}
  </section>`;
}

export default function Ledger({ query }) {
  const site = useSite();
  const { data, error, reload } = useLoad(() => api.get('/api/v1/ledger'), []);
  const chains = data?.chains ?? [];
  const chain = chains.find((c) => c.enterprise === query.enterprise) ?? chains[0];
  return html`<${Screen} title=${t('nav.ledger')} sub=${t('ledger.sub')}>
    <${ErrorBox} error=${error} onRetry=${reload} />
    ${!data && !error && html`<${Loading} />`}
    ${data && !chain && html`<${Empty}>${t('ledger.none')}<//>`}
    ${chain && html`
      ${chains.length > 1 && html`<div class="toolbar no-print"><label>${t('alarms.enterprise')} <select value=${chain.enterprise} onChange=${(e) => replace('/ledger', { enterprise: e.target.value })}>
        ${chains.map((c) => html`<option key=${c.enterprise} value=${c.enterprise}>${site.enterpriseName(c.enterprise)} (${c.records})</option>`)}</select></label></div>`}
      <p class="chain-line"><strong>${session.get().site}/${chain.enterprise}/${chain.gateway}</strong> ${t('ledger.count', { n: chain.records })}${chain.at ? ` · ${t('ledger.last')} ${dateTime(chain.at)}` : ''}</p>
      <div class="columns"><${Head} chain=${chain} keyId=${data.key_id} /><${Verify} enterprise=${chain.enterprise} /></div>
      <${Records} chain=${chain} from=${query.from} />`}
  <//>`;
}
