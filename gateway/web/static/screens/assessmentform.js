// An assessment by hand, or the correction of one: every field, the samples, the laboratory's report, and what it comes
// to before it is stored.
import { html, useEffect, useMemo, useRef, useState } from '../lib/html.js';
import { api, query as withQuery } from '../lib/api.js';
import { addDays, isDate, today } from '../lib/dates.js';
import { unitText } from '../lib/format.js';
import { hasWords, t } from '../lib/i18n.js';
import { useLoad } from '../lib/load.js';
import { AgentInput, agentOf, agentText, Differences, differences, fieldLabel, Judgement, oneLine, path as root, postsOf, recordLink } from '../lib/recordparts.js';
import { go, link, part } from '../lib/router.js';
import { isSame, session } from '../lib/session.js';
import { useSite } from '../lib/site.js';
import { Back, ErrorBox, Field, Icon, Loading, Screen, toast } from '../lib/ui.js';

const units = ['mg/m3', 'ug/m3', 'ppm', 'ppb', '1/cm3', 'dB(A)', 'dB(C)', 'degC'];
const workClasses = ['I', 'II', 'III', 'IV'];
const toxicities = ['light', 'moderate', 'high', 'extreme'];
const greatestFile = 10 * 1024 * 1024;

/** What is being written, so that another language or a look elsewhere does not lose it: {key, form, base}. */
let draft = null;
let signedIn = session.get();
session.listen((now) => {
  if (!isSame(signedIn, now)) draft = null;
  signedIn = now;
});

const members = ['workplace', 'agent', 'date', 'report_no', 'laboratory', 'method', 'subject_kind', 'subject', 'group', 'shift_hours', 'days_per_week', 'exposure_hours', 'sio2_percent', 'work_class', 'toxicity', 'note'];
const ofSample = ['start', 'end', 'result', 'unit', 'volume_l', 'stands_for_min'];
const needed = ['workplace', 'agent', 'date', 'laboratory', 'method', 'subject_kind', 'subject', 'start', 'end', 'result', 'why'];
const starred = (label, name) => (needed.includes(name) ? `${label} *` : label);
const text = (value) => (value === null || value === undefined ? '' : String(value));

let sampleKey = 0;
const sample = (values = {}) => ({ key: ++sampleKey, day_offset: values.day_offset ?? 0, ...Object.fromEntries(ofSample.map((name) => [name, text(values[name])])) });

function empty(query) {
  return {
    ...Object.fromEntries(members.map((name) => [name, ''])), workplace: query.workplace ?? '', agent: query.agent ?? '', date: today(), subject_kind: 'person',
    shift_hours: '8', days_per_week: '5', samples: [sample()], attachments: [],
  };
}

const formOf = (a) => ({
  ...Object.fromEntries(members.map((name) => [name, text(a[name])])), samples: a.samples.map(sample), attachments: [...(a.attachments ?? [])],
});

const filled = (values, names) => Object.fromEntries(names.map((name) => [name, text(values[name]).trim()]).filter(([, value]) => value !== ''));

/** A begin after midnight is told with its day. */
const withDay = (body, s, date) => (s.day_offset > 0 && body.start && isDate(date) ? { ...body, start: `${addDays(date, s.day_offset)} ${body.start}` } : body);

const bodyOf = (form, sent = true) => ({
  ...filled({ ...form, agent: agentOf(form.agent) }, members), samples: form.samples.map(sent ? (s) => withDay(filled(s, ofSample), s, form.date) : (s) => ({ ...filled(s, ofSample), day_offset: s.day_offset })), attachments: form.attachments.map(({ hash, file }) => ({ hash, file })),
});

/** What I changed of `old`, on top of what somebody else made of it meanwhile. */
function merged(mine, old, theirs) {
  const plain = (value) => JSON.stringify(value, (key, each) => (key === 'key' ? undefined : each));
  return Object.fromEntries(Object.keys(mine).map((name) => [name, plain(mine[name]) === plain(old[name]) ? theirs[name] : mine[name]]));
}

/** The form in the shape of an assessment, so that both can be compared. */
const asAssessment = (form, base) => ({ ...base, agent_name: agentOf(form.agent) === base?.agent ? base.agent_name : null, ...bodyBlank(), ...bodyOf(form, false) });
const bodyBlank = () => Object.fromEntries(members.map((name) => [name, null]));

/** A text field; `number` for what is reckoned with. The gateway judges what stands in it. */
function Input({ name, form, set, errors, hint, type = 'text', number = false, label, ...rest }) {
  return html`<${Field} label=${starred(label ?? fieldLabel(name), name)} error=${errors[name]} hint=${hint ?? (hasWords(`record.hint.${name}`) ? t(`record.hint.${name}`) : '')}>${(about) => html`
    <input ...${about} ...${rest} name=${name} type=${type} inputmode=${number ? 'decimal' : undefined} autocomplete="off" value=${form[name]} onInput=${(e) => set(name, e.target.value)} />`}<//>`;
}

function Select({ name, form, set, errors, options, hint }) {
  return html`<${Field} label=${starred(fieldLabel(name), name)} error=${errors[name]} hint=${hint ?? (hasWords(`record.hint.${name}`) ? t(`record.hint.${name}`) : '')}>${(about) => html`<select ...${about} name=${name} value=${form[name]} onChange=${(e) => set(name, e.target.value)}>
    ${options.map(([value, words]) => html`<option key=${value} value=${value} selected=${value === form[name]}>${words}</option>`)}</select>`}<//>`;
}

function Sample({ s, i, set, errors, onRemove, removable }) {
  const field = (name, type, rest = {}) => html`<${Field} label=${starred(t(`record.sample.${name}`), name)} error=${errors[`samples[${i}].${name}`]}>${(about) => html`
    <input ...${about} ...${rest} name=${`samples[${i}].${name}`} type=${type} autocomplete="off" value=${s[name]} onInput=${(e) => set({ [name]: e.target.value })} />`}<//>`;
  const known = units.includes(s.unit) || !s.unit ? units : [...units, s.unit];
  return html`<fieldset class="sample"><legend>${t('record.sample_n', { n: i + 1 })}</legend>
    ${errors[`samples[${i}]`] && html`<p class="error">${errors[`samples[${i}]`]}</p>`}
    <div class="sample-fields">
      ${field('start', 'time')}${field('end', 'time')}
      ${field('result', 'text', { inputmode: 'text', spellcheck: 'false' })}
      <${Field} label=${t('record.sample.unit')} error=${errors[`samples[${i}].unit`]}>${(about) => html`<select ...${about} name=${`samples[${i}].unit`} value=${s.unit} onChange=${(e) => set({ unit: e.target.value })}>
        <option value="" selected=${!s.unit}>${t('record.unit_default')}</option>${known.map((u) => html`<option key=${u} value=${u} selected=${u === s.unit}>${unitText(u)}</option>`)}</select>`}<//>
      <label class="check next-day"><input type="checkbox" name=${`samples[${i}].next_day`} checked=${s.day_offset > 0} onChange=${(e) => set({ day_offset: e.target.checked ? 1 : 0 })} /> ${t('record.starts_next_day')}</label>
      ${field('volume_l', 'text', { inputmode: 'decimal' })}${field('stands_for_min', 'text', { inputmode: 'decimal' })}
      <button type="button" class="remove" disabled=${!removable} onClick=${onRemove}><${Icon} name="close" size=${14} /> ${t('record.remove_sample')}<span class="sr"> ${i + 1}</span></button>
    </div></fieldset>`;
}

function Samples({ form, change, errors }) {
  const ref = useRef(null);
  const [focus, setFocus] = useState(null);
  useEffect(() => {
    if (focus === null) return;
    ref.current.querySelectorAll('fieldset')[focus]?.querySelector('input')?.focus();
    setFocus(null);
  }, [focus]);
  const set = (i) => (values) => change({ samples: form.samples.map((s, j) => (i === j ? { ...s, ...values } : s)) });
  const add = () => {
    const last = form.samples.at(-1);
    change({ samples: [...form.samples, sample({ start: last?.end, unit: last?.unit, day_offset: last?.day_offset || (last?.end && last.end <= last.start ? 1 : 0) })] });
    setFocus(form.samples.length);
  };
  const remove = (i) => {
    change({ samples: form.samples.filter((_, j) => j !== i) });
    setFocus(Math.max(0, i - 1));
  };
  return html`<section class="card" ref=${ref}><h2>${t('record.samples')}</h2>
    <p class="hint">${t('record.samples_hint')}</p>
    ${errors.samples && html`<p class="error" role="alert">${errors.samples}</p>`}
    ${form.samples.map((s, i) => html`<${Sample} key=${s.key} s=${s} i=${i} set=${set(i)} errors=${errors} removable=${form.samples.length > 1} onRemove=${() => remove(i)} />`)}
    <p><button type="button" onClick=${add}><${Icon} name="plus" size=${14} /> ${t('record.add_sample')}</button></p>
  </section>`;
}

function Attachments({ form, change, errors }) {
  const [busy, setBusy] = useState('');
  const [error, setError] = useState(null);
  const latest = useRef(form);
  latest.current = form;
  const choose = async (event) => {
    const files = [...event.target.files];
    event.target.value = '';
    setError(null);
    for (const file of files) {
      if (file.size > greatestFile) {
        setError({ text: t('record.too_large', { file: file.name, most: greatestFile / 1024 / 1024 }) });
        continue;
      }
      setBusy(file.name);
      try {
        const answer = await api.upload(withQuery('/api/v1/attachments', { file: file.name }), await file.arrayBuffer(), 'application/pdf');
        const rest = latest.current.attachments.filter((each) => each.hash !== answer.hash);
        change({ attachments: [...rest, { hash: answer.hash, file: answer.file }] });
      } catch (e) {
        setError(e);
      }
    }
    setBusy('');
  };
  return html`<section class="card"><h2>${t('record.attachments')}</h2>
    <${Field} label=${t('record.attach')} hint=${t('record.attach_hint', { most: greatestFile / 1024 / 1024 })} error=${Object.entries(errors).find(([name]) => name.startsWith('attachments'))?.[1]}>${(about) => html`
      <input ...${about} type="file" name="attachment" accept="application/pdf,.pdf" multiple disabled=${busy !== ''} onChange=${choose} />`}<//>
    <p class="sub" role="status">${busy && t('record.uploading', { file: busy })}</p>
    <${ErrorBox} error=${error} />
    <ul class="attachments">${form.attachments.map((f) => html`<li key=${f.hash}><${Icon} name="reports" size=${14} /> <span>${f.file}</span> <span class="clause">SHA-256 <code>${f.hash.slice(0, 16)}…</code></span>
      <button type="button" class="plain" onClick=${() => change({ attachments: form.attachments.filter((each) => each.hash !== f.hash) })}>${t('record.detach')}<span class="sr"> ${f.file}</span></button></li>`)}</ul>
  </section>`;
}

/** Somebody was faster: what he changed, and what may be done about it. */
function Conflict({ mine, theirs, onTake, onDrop }) {
  return html`<div class="error-box conflict" role="alert"><div>
    <p><strong>${t('record.conflict', { by: theirs.by, n: theirs.version })}</strong> ${theirs.why && `${t('record.why')}${t('ui.colon')}${theirs.why}`}</p>
    <p>${t('record.conflict_changed')}</p><${Differences} list=${differences(mine, theirs)} />
    <p class="actions">${!theirs.withdrawn && html`<button type="button" onClick=${onTake}>${t('record.conflict_take')}</button>`}<button type="button" onClick=${onDrop}>${t('record.conflict_drop')}</button></p>
  </div></div>`;
}

function Form({ base: given, query, place }) {
  const here = useSite();
  const ref = useRef(null);
  const [kept, setKept] = useState(() => (draft?.key === place ? draft : null));
  const [base, setBase] = useState(kept?.base ?? given);
  const [form, setForm] = useState(kept?.form ?? (given ? formOf(given) : empty(query)));
  const [why, setWhy] = useState(kept?.why ?? '');
  const [state, setState] = useState({ busy: '', error: null, errors: {} });
  const [checked, setChecked] = useState(null);
  const [conflict, setConflict] = useState(null);
  const dirty = useRef(!!kept);
  useEffect(() => {
    if (dirty.current) draft = { key: place, form, base, why };
  }, [form, base, why]);
  const change = (values) => {
    dirty.current = true;
    setForm((now) => ({ ...now, ...values }));
    setChecked((now) => now && { ...now, old: true });
    const touched = Object.keys(values);
    setState((s) => ({ ...s, errors: Object.fromEntries(Object.entries(s.errors).filter(([name]) => !touched.some((each) => name === each))) }));
  };
  const set = (name, value) => change({ [name]: value });
  const fields = { form, set, errors: state.errors };
  const changes = useMemo(() => (base ? differences(base, asAssessment(form, base)) : []), [form, base]);

  const run = async (busy, ask) => {
    setState({ busy, error: null, errors: {} });
    try {
      await ask();
      setState({ busy: '', error: null, errors: {} });
    } catch (error) {
      const errors = Object.fromEntries((error.fields ?? []).map((f) => [f.name, error.field(f.name)]));
      setState({ busy: '', error, errors });
      if (error.code === 'changed_since' && base) setConflict((await api.get(`${root}/${part(base.id)}`).catch(() => null))?.assessment ?? null);
    }
  };
  useEffect(() => {
    if (Object.keys(state.errors).length) ref.current.querySelector('[aria-invalid=true]')?.focus();
  }, [state.error]);
  const check = () => run('check', async () => {
    const answer = base ? await api.put(`${root}/${part(base.id)}?dry=true`, { ...bodyOf(form), version: base.version, why: oneLine(why) || t('record.check') })
      : await api.post(`${root}?dry=true`, bodyOf(form));
    setChecked({ ...answer.assessment, old: false });
  });
  const save = () => {
    if (base && !changes.length) return setState({ busy: '', error: { text: t('record.no_change') }, errors: {} });
    if (base && !why.trim()) return setState({ busy: '', error: { text: t('record.need_why') }, errors: { why: t('action.need_note') } });
    return run('save', async () => {
      const body = bodyOf(form);
      const answer = base ? await api.put(`${root}/${part(base.id)}`, { ...body, version: base.version, why: oneLine(why) }) : await api.post(root, body);
      forget();
      toast(t(base ? 'record.corrected_done' : 'record.stored'));
      go(recordLink(answer.assessment).slice(1));
    });
  };
  // The first of the two buttons is what Enter in a field presses: nothing is stored by a slip.
  const submit = (event) => {
    event.preventDefault();
    return event.submitter?.value === 'save' ? save() : check();
  };
  const forget = () => {
    dirty.current = false;
    draft = null;
  };
  const again = () => {
    forget();
    setKept(null);
    setForm(given ? formOf(given) : empty(query));
    setBase(given);
    setWhy('');
    setChecked(null);
  };
  const take = (mine) => {
    dirty.current = true;
    setForm(mine);
    setBase(conflict);
    setConflict(null);
    setState({ busy: '', error: null, errors: {} });
  };
  const places = postsOf(here);
  const ofEnterprise = (w) => (here.enterprises.length > 1 ? `${here.enterpriseName(w.enterprise)} › ${w.name || w.id}` : w.name || w.id);
  // What stands at no field of this form is told below.
  const shown = ref.current ? [...ref.current.querySelectorAll('[name]')].map((e) => e.name) : [];
  const loose = Object.entries(state.errors).filter(([name]) => !shown.includes(name) && !/^(samples|attachments)/.test(name));
  return html`<form ref=${ref} class="record-form" noValidate onSubmit=${submit}>
    ${kept && html`<p class="notice draft-line">${t('record.draft')} <button type="button" onClick=${again}>${t('record.draft_drop')}</button></p>`}
    <p class="hint">${t('record.needed')}</p>
    <section class="card"><h2>${t('record.section.where')}</h2><div class="form-grid">
      <${Select} name="workplace" ...${fields} options=${[['', t('record.choose')], ...places.map((w) => [w.id, ofEnterprise(w)])]} />
      <${AgentInput} label=${starred(fieldLabel('agent'), 'agent')} hint=${t('record.hint.agent')} error=${state.errors.agent} name="agent" value=${form.agent} onInput=${(value) => set('agent', value)} />
      <${Input} name="date" type="date" ...${fields} />
      <${Select} name="subject_kind" ...${fields} options=${['person', 'fixed'].map((kind) => [kind, t(`subject.${kind}`)])} />
      <${Input} name="subject" ...${fields} hint=${t(`record.hint.subject.${form.subject_kind}`)} />
      <${Input} name="group" ...${fields} />
    </div></section>
    <section class="card"><h2>${t('record.section.laboratory')}</h2><div class="form-grid">
      <${Input} name="laboratory" ...${fields} /><${Input} name="report_no" ...${fields} /><${Input} name="method" ...${fields} />
    </div></section>
    <section class="card"><h2>${t('record.section.time')}</h2><div class="form-grid">
      <${Input} name="shift_hours" number ...${fields} /><${Input} name="days_per_week" number ...${fields} /><${Input} name="exposure_hours" number ...${fields} />
    </div></section>
    <${Samples} form=${form} change=${change} errors=${state.errors} />
    <section class="card"><h2>${t('record.section.grading')}</h2><p class="hint">${t('record.section.grading_hint')}</p><div class="form-grid">
      <${Input} name="sio2_percent" number ...${fields} />
      <${Select} name="work_class" ...${fields} options=${[['', t('record.empty')], ...workClasses.map((c) => [c, t(`work_class.${c}`)])]} />
      <${Select} name="toxicity" ...${fields} options=${[['', t('record.empty')], ...toxicities.map((c) => [c, t(`toxicity.${c}`)])]} />
      <div class="wide-field"><${Field} label=${fieldLabel('note')} error=${state.errors.note}>${(about) => html`<textarea ...${about} name="note" rows="2" maxlength="1000" value=${form.note} onInput=${(e) => set('note', e.target.value)}></textarea>`}<//></div>
    </div></section>
    <${Attachments} form=${form} change=${change} errors=${state.errors} />
    ${base && html`<section class="card"><h2>${t('record.changes')}</h2>
      <div aria-live="polite">${changes.length ? html`<${Differences} list=${changes} />` : html`<p class="sub">${t('record.no_change')}</p>`}</div>
      <${Field} label=${starred(t('record.why'), 'why')} hint=${t('record.why_hint')} error=${state.errors.why}>${(about) => html`<textarea ...${about} name="why" rows="2" maxlength="160" value=${why} onInput=${(e) => { dirty.current = true; setWhy(e.target.value); }}></textarea>`}<//></section>`}
    <div aria-live="polite">${checked && html`<section class=${checked.old ? 'card checked old' : 'card checked'}><h2>${t('record.checked')}</h2>
      ${checked.old && html`<p class="notice">${t('record.checked_old')}</p>`}<${Judgement} judgement=${checked.judgement} unit=${checked.unit} /></section>`}</div>
    ${conflict ? html`<${Conflict} mine=${base} theirs=${conflict} onTake=${() => take(merged(form, formOf(base), formOf(conflict)))} onDrop=${() => take(formOf(conflict))} />` : html`<${ErrorBox} error=${state.error} />`}
    ${loose.length > 0 && html`<ul class="error">${loose.map(([name, words]) => html`<li key=${name}>${name}${t('ui.colon')}${words}</li>`)}</ul>`}
    <p class="hint">${t('action.signed', { user: session.get().user })}</p>
    <div class="form-foot">
      <a class="button" href=${base ? recordLink(base) : link('/assessments')} onClick=${forget}>${t('ui.cancel')}</a>
      <button type="submit" value="check" disabled=${state.busy !== ''}>${t(state.busy === 'check' ? 'ui.busy' : 'record.check')}</button>
      <button type="submit" value="save" class="primary" disabled=${state.busy !== ''}>${t(state.busy === 'save' ? 'ui.busy' : base ? 'record.save_correction' : 'record.save')}</button>
    </div>
  </form>`;
}

function Correct({ id, query }) {
  const { data, error, reload } = useLoad(() => api.get(`${root}/${part(id)}`), [id]);
  const a = data?.assessment;
  if (!a) {
    return html`<${Screen} title=${t('record.correct')} actions=${html`<${Back} href=${link('/assessments')}>${t('nav.assessments')}<//>`}>
      ${error ? html`<${ErrorBox} error=${error.status === 404 ? { text: t('record.not_found') } : error} onRetry=${reload} />` : html`<${Loading} />`}<//>`;
  }
  return html`<${Screen} title=${t('record.correct_of', { what: `${agentText(a)} · ${a.date}` })} sub=${t('record.correct_why')} actions=${html`<${Back} href=${recordLink(a)}>${t('record.back')}<//>`}>
    ${a.withdrawn ? html`<p class="notice">${t('record.withdrawn_fixed')}</p>` : html`<${Form} base=${a} query=${query} place=${`correct ${id}`} />`}<//>`;
}

export default function AssessmentForm({ params, query }) {
  if (params.id) return html`<${Correct} id=${params.id} query=${query} />`;
  return html`<${Screen} title=${t('record.new_title')} actions=${html`<${Back} href=${link('/assessments')}>${t('nav.assessments')}<//>`}>
    <${Form} base=${null} query=${query} place=${`new ${query.workplace ?? ''} ${query.agent ?? ''}`} /><//>`;
}
