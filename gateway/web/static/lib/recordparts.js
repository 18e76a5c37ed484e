// What the screens of the enterprise's record share: judgements in words, differences of versions, filters, and files.
import { html, useId, useState } from './html.js';
import { isDate } from './dates.js';
import { saveFile } from './download.js';
import { number, percent, unitText, withUnit } from './format.js';
import { hasWords, language, pick, t } from './i18n.js';
import { link, part } from './router.js';
import { capital, site, useSite } from './site.js';
import { Field, Icon } from './ui.js';

export const path = '/api/v1/assessments';
export const templatePath = (format) => `${path}/template?format=${format}&language=${language.get()}`;
export const recordLink = (a) => link(`/assessments/${part(a.id)}`);

/** A sign by shape, word and colour. Unlike that of a live level it stays what it is when the line breaks. */
export const Sign = ({ level, large = false, children }) => html`<span class=${`level level-${level}${large ? ' large' : ''}`}>
  <${Icon} name=${level} size=${large ? 20 : 14} /><span>${children}</span></span>`;

const levels = { compliant: 'normal', exceeds: 'exceed', insufficient: 'unknown', no_limit: 'partial' };
export const VerdictSign = ({ verdict, large }) => html`<span class="verdict"><${Sign} level=${levels[verdict] ?? 'unknown'} large=${large}>${t(`verdict.${verdict}`)}<//></span>`;

const outcomes = { compliance: 'normal', non_compliance: 'exceed', no_decision: 'unknown', plausible: 'none', rejected: 'notice' };
export const OutcomeSign = ({ outcome, large }) => html`<span class="verdict"><${Sign} level=${outcomes[outcome] ?? 'unknown'} large=${large}>${t(`outcome.${outcome}`)}<//></span>`;

/** The words of a code, or the code itself where the page does not know it. */
const word = (prefix, code) => (hasWords(`${prefix}.${code}`) ? t(`${prefix}.${code}`) : code ?? '');

export const agentText = (a) => capital(pick(a.agent_name)) || site.get().agentName(a.agent);
const kindText = (kind) => String(kind).replace(/^LEX_/, 'L_EX,');
const present = (value) => value !== null && value !== undefined && value !== '';

// --- a judgement -----------------------------------------------------------------------------------------------------

const ratioOf = (line) => (Number.isFinite(line.figure) && line.limit_value > 0 && !line.below_loq ? line.figure / line.limit_value : -1);

/** The line by which the verdict stands: what exceeds first, then what comes closest to its limit. */
export function decisiveLine(judgement) {
  const rank = (line) => (line.verdict === 'exceeds' ? 2 : Number.isFinite(line.figure) ? 1 : 0);
  return [...(judgement?.lines ?? [])].sort((a, b) => rank(b) - rank(a) || ratioOf(b) - ratioOf(a))[0] ?? null;
}

/** "至少 2.1 mg/m³", as it is reported. */
export function LineFigure({ line }) {
  if (!Number.isFinite(line.figure) && !line.reported) return html`<span class="hatched small">${t('record.no_figure')}</span>`;
  return html`<span class="value">${line.at_least && `${t('alarm.at_least')} `}<span class="num">${line.reported ?? number(line.figure, line.limit_value)}</span> <span class="unit">${unitText(line.unit)}</span></span>`;
}

/** Where rounding leads over the limit, the figure before it. */
const Rounding = ({ line }) => line.rounds_across && html` <span class="sub">${t('record.rounds_across', { value: number(line.figure, line.limit_value) })}</span>`;

/** "PC-TWA 3 mg/m³", and what it was made from where it is reduced. */
export function lineLimit(line) {
  const text = `${kindText(line.limit)} ${withUnit(line.limit_value, line.unit)}`;
  const other = Number.isFinite(line.printed_limit) && line.printed_limit !== line.limit_value;
  return other ? `${text} ${t('record.printed_limit', { value: number(line.printed_limit) })}` : text;
}

/** The decisive figure beside its limit, in a list. */
export function Decisive({ judgement }) {
  const line = decisiveLine(judgement);
  if (!line) return html`<span class="sub">${t('verdict.no_limit')}</span>`;
  return html`<span class="decisive"><span class="nowrap">${line.figure_name} <${LineFigure} line=${line} /></span><${Rounding} line=${line} /> <span class="sub limit-text">${lineLimit(line)}</span></span>`;
}

const breachWords = (breach) => word('breach', breach);

function judgementFacts(j, unit) {
  const rows = [
    ['class', j.class && t('exposure.class_n', { n: j.class })],
    ['ratio', Number.isFinite(j.ratio) && t('alarm.ratio_n', { n: number(j.ratio, 1) })],
    ['average', Number.isFinite(j.average) && withUnit(j.average, unit)],
    ['short_time', Number.isFinite(j.short_time) && withUnit(j.short_time, unit)],
    ['rule', j.rule && word('rule', j.rule)],
    ['reduction_factor', Number.isFinite(j.reduction_factor) && j.reduction_factor !== 1 && number(j.reduction_factor)],
    ['sampled_share', Number.isFinite(j.sampled_share) && percent(j.sampled_share)],
    ['breaches', j.breaches?.length > 0 && j.breaches.map(breachWords).join(t('list.semicolon'))],
  ];
  return rows.filter(([, value]) => value);
}

/** The verdict, each figure beside its limit with the clause, and what a reader has to know. */
export function Judgement({ judgement: j, unit }) {
  return html`<div class="judgement">
    <p class="judgement-head"><${VerdictSign} verdict=${j.verdict} large /> <span>${pick(j.text)}</span></p>
    ${j.lines.length > 0 && html`<div class="scroll-x" tabindex="0" role="region" aria-label=${t('record.lines')}><table>
      <thead><tr><th scope="col">${t('record.figure')}</th><th scope="col">${t('exposure.limit')}</th><th scope="col">${t('exposure.verdict')}</th><th scope="col">${t('alarm.clause')}</th></tr></thead>
      <tbody>${j.lines.map((line, i) => html`<tr key=${i}><th scope="row">${line.figure_name} <${LineFigure} line=${line} /><${Rounding} line=${line} /></th><td>${lineLimit(line)}<br /><span class="clause">${line.source}</span></td>
        <td><${VerdictSign} verdict=${line.verdict} /></td><td class="clause">${line.clause}</td></tr>`)}</tbody></table></div>`}
    ${j.notes?.length > 0 && html`<ul class="notes">${j.notes.map((n) => html`<li key=${n.code}><${Icon} name="notice" size=${14} /> <span>${pick(n)}</span></li>`)}</ul>`}
    <dl class="facts">${judgementFacts(j, unit).map(([name, value]) => html`<dt key=${`t${name}`}>${t(`record.${name}`)}</dt><dd key=${name}>${value}</dd>`)}</dl>
  </div>`;
}

// --- fields and versions ---------------------------------------------------------------------------------------------

const hours = (value) => (present(value) ? `${value} h` : '');

/** [name, text of it], in the order in which they are entered. */
const fields = [
  ['workplace', (a) => site.get().workplaceName(a.workplace)],
  ['agent', (a) => agentText(a)],
  ['date', (a) => a.date],
  ['subject_kind', (a) => word('subject', a.subject_kind)],
  ['subject', (a) => a.subject],
  ['group', (a) => a.group],
  ['laboratory', (a) => a.laboratory],
  ['report_no', (a) => a.report_no],
  ['method', (a) => a.method],
  ['shift_hours', (a) => hours(a.shift_hours)],
  ['days_per_week', (a) => (present(a.days_per_week) ? t('record.days_n', { n: a.days_per_week }) : '')],
  ['exposure_hours', (a) => hours(a.exposure_hours)],
  ['sio2_percent', (a) => (present(a.sio2_percent) ? `${a.sio2_percent} %` : '')],
  ['work_class', (a) => (present(a.work_class) ? word('work_class', a.work_class) : '')],
  ['toxicity', (a) => (present(a.toxicity) ? word('toxicity', a.toxicity) : '')],
  ['note', (a) => a.note],
];

export const fieldLabel = (name) => t(`record.field.${name}`);
/** [label, text] of all that is filled in. */
export const factsOf = (a) => fields.map(([name, textOf]) => [name, textOf(a)]).filter(([, text]) => present(text));

const nextDay = (s) => (present(s.start) && present(s.end) && s.end <= s.start ? ` ${t('record.next_day')}` : '');
/** A sample that itself begins after midnight says so; so does an end behind it. */
export const sampleTime = (s) => `${s.day_offset > 0 ? `${t('record.next_day')} ` : ''}${s.start ?? ''} – ${s.end ?? ''}${nextDay(s)}`;
export const sampleResult = (s) => `${s.result ?? ''} ${unitText(s.unit)}`.trim();

const ofSample = [
  ['time', sampleTime],
  ['result', sampleResult],
  ['volume_l', (s) => (present(s.volume_l) ? `${s.volume_l} L` : '')],
  ['stands_for_min', (s) => (present(s.stands_for_min) ? `${s.stands_for_min} min` : '')],
];

/** What became different from one version to the next: [{label, before, after}], in words. */
export function differences(before, after) {
  const found = [];
  const look = (label, one, two) => {
    if (String(one ?? '') !== String(two ?? '')) found.push({ label, before: one, after: two });
  };
  for (const [name, textOf] of fields) look(fieldLabel(name), textOf(before), textOf(after));
  const [old, now] = [before.samples ?? [], after.samples ?? []];
  for (let i = 0; i < Math.max(old.length, now.length); ++i) {
    const name = t('record.sample_n', { n: i + 1 });
    const whole = (s) => s && ofSample.map(([, textOf]) => textOf(s)).filter(present).join(t('list.comma'));
    if (!old[i] || !now[i]) look(name, whole(old[i]), whole(now[i]));
    else for (const [key, textOf] of ofSample) look(`${name} ${t(`record.sample.${key}`)}`, textOf(old[i]), textOf(now[i]));
  }
  const files = (a) => (a.attachments ?? []).map((f) => `${f.file} (${f.hash.slice(0, 8)})`).join(t('list.comma'));
  look(t('record.attachments'), files(before), files(after));
  look(t('record.state'), t(before.withdrawn ? 'record.withdrawn' : 'record.valid'), t(after.withdrawn ? 'record.withdrawn' : 'record.valid'));
  return found;
}

export const Differences = ({ list }) => html`<ul class="differences">${list.map((d, i) => html`<li key=${i}><strong>${d.label}</strong>${t('ui.colon')}<del>${d.before || t('record.empty')}</del> → <ins>${d.after || t('record.empty')}</ins></li>`)}</ul>`;

export const Withdrawn = () => html`<span class="hatched small"><${Icon} name="close" size=${12} /> ${t('record.withdrawn')}</span>`;

export const originText = (a) => (a.origin === 'form' || !a.origin ? t('record.origin_form') : t('record.origin_file', { file: a.origin }));

// --- what is asked for -----------------------------------------------------------------------------------------------

/** What somebody typed as an agent: a word of the configuration, or the name of one that is known here. */
export function agentOf(text) {
  const typed = (text ?? '').trim();
  const same = (name) => (name ?? '').toLowerCase() === typed.toLowerCase();
  const known = (site.get().agents ?? []).find((a) => same(a.id) || same(a.zh) || same(a.en));
  return known?.id ?? typed;
}

/** A name as long as somebody liked it, in a table. */
export const Long = ({ children }) => html`<span class="long-name">${children}</span>`;

/** Typed freely, with what is known here to choose from; the name of what is typed stands below it. */
export function AgentInput({ label, value, onInput, error, hint, ...rest }) {
  const here = useSite();
  const id = useId();
  const known = here.agent(agentOf(value));
  const name = known ? `${here.agentName(known.id)} · ${unitText(known.unit)}` : null;
  return html`<${Field} label=${label} error=${error} hint=${name ?? hint}>${(about) => html`<input ...${about} ...${rest} list=${id} autocomplete="off" spellcheck="false" value=${value} onInput=${(e) => onInput(e.target.value)} />
    <datalist id=${id}>${(here.agents ?? []).map((a) => html`<option key=${a.id} value=${a.id}>${here.agentName(a.id)}</option>`)}</datalist>`}<//>`;
}

/** Whether a workplace is one where people work: what is assessed. */
export const postsOf = (here, enterprise) => here.workplaces.filter((w) => w.kind !== 'ambient' && (!enterprise || w.enterprise === enterprise));

/** Enterprise (where there are several), workplace and agent (where asked for), and a period. `onShow(values)`. */
export function RecordFilter({ values, onShow, withPlace = false, withWithdrawn = false, withEnterprise = true }) {
  const here = useSite();
  const [form, setForm] = useState(values);
  const [error, setError] = useState('');
  const set = (change) => setForm({ ...form, ...change });
  const several = withEnterprise && here.enterprises.length > 1;
  const submit = (event) => {
    event.preventDefault();
    if (!isDate(form.from) || !isDate(form.to) || form.from > form.to) return setError(t('record.bad_range'));
    setError('');
    return onShow({ ...form, agent: agentOf(form.agent) });
  };
  const option = (item, chosen) => html`<option key=${item.id} value=${item.id} selected=${item.id === chosen}>${item.name || item.id}</option>`;
  return html`<form class="inline-form record-filter no-print" role="search" aria-label=${t('alarms.filter')} onSubmit=${submit}>
    ${several && html`<${Field} label=${t('alarms.enterprise')}>${(about) => html`<select ...${about} name="enterprise" value=${form.enterprise ?? ''} onChange=${(e) => set({ enterprise: e.target.value, workplace: '' })}>
      <option value="">${t('ui.all')}</option>${here.enterprises.map((e) => option(e, form.enterprise))}</select>`}<//>`}
    ${withPlace && html`<${Field} label=${t('nav.workplace')}>${(about) => html`<select ...${about} name="workplace" value=${form.workplace ?? ''} onChange=${(e) => set({ workplace: e.target.value })}>
      <option value="">${t('ui.all')}</option>${postsOf(here, form.enterprise).map((w) => option(w, form.workplace))}</select>`}<//>
      <${AgentInput} label=${fieldLabel('agent')} value=${form.agent ?? ''} onInput=${(agent) => set({ agent })} name="agent" placeholder=${t('ui.all')} />`}
    <${Field} label=${t('trend.from')} error=${error}>${(about) => html`<input ...${about} type="date" name="from" required value=${form.from} onInput=${(e) => set({ from: e.target.value })} />`}<//>
    <${Field} label=${t('trend.to')}>${(about) => html`<input ...${about} type="date" name="to" required value=${form.to} onInput=${(e) => set({ to: e.target.value })} />`}<//>
    ${withWithdrawn && html`<label class="check"><input type="checkbox" name="withdrawn" checked=${form.withdrawn === 'true'} onChange=${(e) => set({ withdrawn: e.target.checked ? 'true' : '' })} /> ${t('record.with_withdrawn')}</label>`}
    <button type="submit" class="primary">${t('trend.show')}</button>
  </form>`;
}

/** Why, in the one line that a version keeps. */
export const oneLine = (text) => text.trim().replace(/\s*[\r\n]+\s*/g, ' ');

// --- files -----------------------------------------------------------------------------------------------------------

/** {busy, error, save(path, name)}: one file at a time, under the name that the gateway gives it where there is no other. */
export function useSaving() {
  const [state, setState] = useState({ busy: null, error: null });
  const save = async (wanted, name = null) => {
    setState({ busy: wanted, error: null });
    try {
      await saveFile(wanted, name);
      setState({ busy: null, error: null });
    } catch (error) {
      setState({ busy: null, error });
    }
  };
  return { ...state, save };
}

export const SaveButton = ({ saving, from, name = null, plain = false, children }) => html`<button type="button" class=${plain ? 'plain file' : ''} disabled=${saving.busy !== null} onClick=${() => saving.save(from, name)}>
  ${saving.busy === from ? t('ui.busy') : children}</button>`;

/** "75 %" of the judged, with the counts behind it. */
export function rateText(rate) {
  const counts = ['compliant', 'exceeds', 'insufficient', 'no_limit'].filter((name) => rate[name] > 0).map((name) => `${t(`verdict.${name}`)} ${rate[name]}`);
  return { share: Number.isFinite(rate.rate) ? percent(rate.rate) : t('posts.no_rate'), counts: counts.join(t('list.semicolon')) };
}
