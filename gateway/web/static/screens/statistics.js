// A similarly exposed group and what its results say as a whole: the sentence first, then the figures behind it.
import { html, useEffect, useState } from '../lib/html.js';
import { api, query as withQuery } from '../lib/api.js';
import { today, yearUntil } from '../lib/dates.js';
import { limitText, number, percent, unitText } from '../lib/format.js';
import { language, pick, t, tn } from '../lib/i18n.js';
import { useLoad } from '../lib/load.js';
import { agentText, Long, OutcomeSign, RecordFilter, recordLink, SaveButton, useSaving } from '../lib/recordparts.js';
import { link, replace } from '../lib/router.js';
import { useSite } from '../lib/site.js';
import { Back, Empty, ErrorBox, Loading, Screen } from '../lib/ui.js';

const root = '/api/v1/statistics';
const sources = ['laboratory', 'online'];
/** A group is a name, or the workplace where there is none. */
const groupText = (site, id, name) => name || site.workplaceName(id);

function Groups({ values }) {
  const site = useSite();
  const { data, error, loading, reload } = useLoad(() => api.get(withQuery(root, { enterprise: values.enterprise, from: values.from, to: values.to })), [values.enterprise, values.from, values.to]);
  const list = data?.groups ?? [];
  const open = (g) => link('/statistics', { ...values, enterprise: g.enterprise, group: g.group, agent: g.agent, source: g.source });
  return html`<div>
    <${ErrorBox} error=${error} onRetry=${reload} />
    ${loading && !data && html`<${Loading} />`}
    ${data && list.length === 0 && html`<${Empty}>${t('statistics.none')}<//>`}
    ${list.length > 0 && html`<div class="card scroll-x" tabindex="0" role="region" aria-label=${t('statistics.groups')}><table>
      <thead><tr><th scope="col">${t('record.field.group')}</th><th scope="col">${t('record.field.agent')}</th><th scope="col" class="number">${t('statistics.n')}</th><th scope="col" class="number">${t('statistics.below_loq')}</th><th scope="col">${t('statistics.source')}</th>
        ${site.enterprises.length > 1 && html`<th scope="col">${t('alarms.enterprise')}</th>`}</tr></thead>
      <tbody>${list.map((g) => html`<tr key=${`${g.enterprise} ${g.group} ${g.agent} ${g.source}`}><th scope="row"><a href=${open(g)}>${groupText(site, g.group, g.group_name)}<span class="sr"> ${agentText(g)} ${t(`statistics.source.${g.source}`)}</span></a></th><td><${Long}>${agentText(g)}<//></td><td class="number">${g.n}</td><td class="number">${g.below_loq}</td>
        <td>${t(`statistics.source.${g.source}`)}</td>${site.enterprises.length > 1 && html`<td>${site.enterpriseName(g.enterprise)}</td>`}</tr>`)}</tbody>
    </table></div>`}
  </div>`;
}

const figureText = (value, unit) => (Number.isFinite(value) ? `${number(value)}${unit && unit !== '1' ? ` ${unitText(unit)}` : ''}` : '—');

function Figures({ data }) {
  return html`<section class="card"><h2>${t('statistics.figures')}</h2><div class="scroll-x" tabindex="0" role="region" aria-label=${t('statistics.figures')}><table class="figures">
    <thead><tr><th scope="col">${t('statistics.figure')}</th><th scope="col" class="number">${t('statistics.value')}</th><th scope="col" class="number">${t('statistics.interval')}</th></tr></thead>
    <tbody>${data.figures.map((f) => html`<tr key=${f.key}><th scope="row">${pick(f.name)}</th><td class="number"><strong>${figureText(f.value, f.unit)}</strong></td>
      <td class="number">${Number.isFinite(f.low) || Number.isFinite(f.high) ? html`${figureText(f.low, '1')} – ${figureText(f.high, '1')} <span class="sub">${percent(f.level)}</span>` : '—'}</td></tr>`)}</tbody>
  </table></div></section>`;
}

function Tests({ list }) {
  if (!list?.length) return null;
  return html`<section class="card"><h2>${t('statistics.tests')}</h2><ul class="tests">${list.map((each) => html`<li key=${each.key}><h3>${pick(each.name)} <${OutcomeSign} outcome=${each.outcome} /></h3><p>${pick(each.text)}</p></li>`)}</ul></section>`;
}

function Plot({ asked, data }) {
  const from = withQuery(`${root}/plot`, { ...asked, language: language.get() });
  const [failed, setFailed] = useState(false);
  useEffect(() => setFailed(false), [from]);
  return html`<section class="card"><h2>${t('statistics.plot')}</h2>
    ${failed ? html`<p class="sub">${t('statistics.no_plot')}</p>` : html`<img class="plot-image" src=${from} alt=${t('statistics.plot_words', { n: data.n, agent: agentText(data), text: pick(data.text) })} onError=${() => setFailed(true)} />`}</section>`;
}

function Observations({ data }) {
  return html`<section class="card"><h2>${t('statistics.observations')}</h2><div class="scroll-x" tabindex="0" role="region" aria-label=${t('statistics.observations')}><table>
    <thead><tr><th scope="col">${t('record.field.date')}</th><th scope="col">${t('record.field.subject')}</th><th scope="col" class="number">${t('statistics.value')}</th></tr></thead>
    <tbody>${data.observations.map((o, i) => html`<tr key=${i}><th scope="row">${o.assessment ? html`<a href=${recordLink({ id: o.assessment })}>${o.date}<span class="sr"> ${t('statistics.observation', { n: i + 1 })}</span></a>` : o.date}</th><td><${Long}>${o.subject || '—'}<//></td>
      <td class="number">${o.below_loq ? '< ' : ''}${figureText(o.value, data.unit)}</td></tr>`)}</tbody></table></div></section>`;
}

function Group({ values }) {
  const saving = useSaving();
  const asked = { enterprise: values.enterprise, group: values.group, agent: values.agent, from: values.from, to: values.to, source: values.source };
  const { data, error, loading, reload } = useLoad(() => api.get(withQuery(`${root}/group`, asked)), [JSON.stringify(asked)]);
  const exported = (format) => withQuery(`${root}/export`, { ...asked, format });
  return html`<div>
    <div class="toolbar no-print">
      <span class="segments" role="group" aria-label=${t('statistics.source')}>${sources.map((source) => html`<button type="button" key=${source} aria-pressed=${source === values.source ? 'true' : 'false'} onClick=${() => replace('/statistics', { ...values, source })}>${t(`statistics.source.${source}`)}</button>`)}</span>
      ${data && html`<span class="file-group" role="group" aria-label=${t('record.export')}><span class="sub">${t('record.export')}</span>
        ${[['expostats', 'Expostats'], ['ihstat', 'IHSTAT'], ['en689', 'EN 689']].map(([format, name]) => html`<${SaveButton} key=${format} saving=${saving} from=${exported(format)}>${name}<//>`)}</span>`}
    </div>
    <${ErrorBox} error=${saving.error} />
    <${ErrorBox} error=${error} onRetry=${reload} />
    ${loading && !data && html`<${Loading} />`}
    ${data && !error && html`<div aria-busy=${loading ? 'true' : 'false'}>
      <section class="sentence card"><p class="sentence-text">${pick(data.text)}</p>
        <p class="sub">${tn('statistics.n_of', data.n, { below: data.below_loq })}${t('list.semicolon')}${data.limit ? html`${t('exposure.limit')} ${limitText(data.limit)} <span class="clause">${data.limit.source}</span>` : t('verdict.no_limit')}</p></section>
      <div class="columns statistics"><div><${Figures} data=${data} /><${Tests} list=${data.tests} /></div><div><${Plot} asked=${asked} data=${data} /><${Observations} data=${data} /></div></div></div>`}
  </div>`;
}

export default function Statistics({ query }) {
  const site = useSite();
  const year = yearUntil(today());
  const values = { ...query, from: query.from || year.from, to: query.to || year.to, source: sources.includes(query.source) ? query.source : 'laboratory' };
  const one = !!(values.group && values.agent);
  const all = { enterprise: one && site.enterprises.length > 1 ? '' : values.enterprise, from: query.from, to: query.to };
  const title = one ? `${groupText(site, values.group)} · ${site.agentName(values.agent)}` : t('nav.statistics');
  return html`<${Screen} title=${title} sub=${one ? `${values.from} – ${values.to}` : t('statistics.sub')} actions=${one && html`<${Back} href=${link('/statistics', all)}>${t('statistics.groups')}<//><button type="button" onClick=${() => print()}>${t('exposures.print')}</button>`}>
    <${RecordFilter} key=${JSON.stringify(values)} values=${values} withEnterprise=${!one} onShow=${(form) => replace('/statistics', { ...form, source: one ? form.source : '' })} />
    ${one ? html`<${Group} values=${values} />` : html`<${Groups} values=${values} />`}<//>`;
}
