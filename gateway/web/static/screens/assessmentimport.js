// A laboratory's file: checked first, line by line, and stored when somebody has seen what it comes to.
import { html, useEffect, useRef, useState } from '../lib/html.js';
import { api, query as withQuery } from '../lib/api.js';
import { hasWords, pick, t, tn } from '../lib/i18n.js';
import { agentText, Decisive, Long, path as root, SaveButton, templatePath, useSaving, VerdictSign } from '../lib/recordparts.js';
import { link } from '../lib/router.js';
import { useSite } from '../lib/site.js';
import { Back, ErrorBox, Field, Icon, Screen } from '../lib/ui.js';

const columns = ['report_no', 'laboratory', 'workplace', 'group', 'agent', 'date', 'subject_kind', 'subject', 'method', 'start', 'end', 'result', 'unit', 'volume_l', 'stands_for_min',
  'shift_hours', 'days_per_week', 'exposure_hours', 'sio2_percent', 'work_class', 'toxicity', 'note'];

/** How many of the assessments may be stored; beyond what the preview holds, only the gateway knows. */
const soundOf = (answer) => answer.good ?? (answer.preview.length < 50 ? answer.preview.length : answer.assessments);

/** "检测结果 (result)": in the reader's words and as the file may have it. */
function columnText(column) {
  if (!column) return '—';
  const words = ['start', 'end', 'result', 'unit', 'volume_l', 'stands_for_min'].includes(column) ? `record.sample.${column}` : `record.field.${column}`;
  return hasWords(words) ? `${t(words)} (${column})` : column;
}

function Problems({ answer }) {
  const list = answer.problems;
  return html`<section class="card import-problems"><h2><${Icon} name="warning" size=${18} /> ${tn('import.problems', list.length + answer.more_problems)}</h2>
    <p class="sub">${t('import.problems_why')}</p>
    <div class="scroll-x" tabindex="0" role="region" aria-label=${t('import.problem_list')}><table>
      <thead><tr><th scope="col" class="number">${t('import.line')}</th><th scope="col">${t('import.column')}</th><th scope="col">${t('import.reason')}</th></tr></thead>
      <tbody>${list.map((p, i) => html`<tr key=${i}><th scope="row" class="number">${p.line || '—'}</th><td>${columnText(p.column)}</td><td>${pick(p)}</td></tr>`)}</tbody>
    </table></div>
    ${answer.more_problems > 0 && html`<p>${t('import.more_problems', { n: answer.more_problems })}</p>`}</section>`;
}

function Preview({ answer }) {
  const site = useSite();
  const list = answer.preview;
  if (!list.length) return null;
  return html`<section class="card"><h2>${t('import.preview')}</h2><p class="sub">${t('import.preview_why', { n: list.length, all: Math.max(soundOf(answer), list.length) })}</p>
    <div class="scroll-x" tabindex="0" role="region" aria-label=${t('import.preview')}><table class="assessments">
      <thead><tr><th scope="col">${t('record.field.date')}</th><th scope="col">${t('nav.workplace')}</th><th scope="col">${t('record.field.agent')}</th><th scope="col">${t('record.field.subject')}</th>
        <th scope="col" class="number">${t('record.samples')}</th><th scope="col">${t('record.decisive')}</th><th scope="col">${t('exposure.verdict')}</th></tr></thead>
      <tbody>${list.map((a, i) => html`<tr key=${i}><th scope="row"><span class="nowrap">${a.date}</span><br /><span class="sub">${a.report_no}</span></th><td><${Long}>${site.workplaceName(a.workplace)}<//></td><td><${Long}>${agentText(a)}<//></td>
        <td><${Long}>${a.subject || '—'} <span class="sub nowrap">${t(`subject.${a.subject_kind}`)}</span><//></td><td class="number">${a.samples.length}</td>
        <td><${Decisive} judgement=${a.judgement} /></td><td><${VerdictSign} verdict=${a.judgement.verdict} /></td></tr>`)}</tbody>
    </table></div></section>`;
}

export default function AssessmentImport() {
  const saving = useSaving();
  const [file, setFile] = useState(null);  // {name, bytes}: what was checked is what is stored
  const [state, setState] = useState({ busy: '', error: null, answer: null, done: null });
  const [over, setOver] = useState(false);
  const result = useRef(null);
  const turn = useRef(0);
  const send = (chosen, values) => api.upload(withQuery(`${root}/import`, { file: chosen.name, ...values }), chosen.bytes);

  const check = async (picked) => {
    const mine = ++turn.current;
    setState({ busy: t('import.checking', { file: picked.name }), error: null, answer: null, done: null });
    setFile(null);
    try {
      const chosen = { name: picked.name, bytes: await picked.arrayBuffer() };
      const answer = await send(chosen, { dry: 'true' });
      if (mine !== turn.current) return;
      setFile(chosen);
      setState({ busy: '', error: null, answer, done: null });
    } catch (error) {
      if (mine === turn.current) setState({ busy: '', error, answer: null, done: null });
    }
  };
  const store = async (keep) => {
    setState((s) => ({ ...s, busy: t('import.storing', { file: file.name }), error: null }));
    try {
      const done = await send(file, { keep });
      setState((s) => (done.stored > 0 ? { ...s, busy: '', done } : { ...s, busy: '', answer: { ...done }, error: { text: t('import.nothing_stored') } }));
    } catch (error) {
      setState((s) => ({ ...s, busy: '', error }));
    }
  };
  const { busy, error, answer, done } = state;
  useEffect(() => {
    if (answer || done) result.current?.focus();
  }, [answer, done]);
  const drop = (event) => {
    event.preventDefault();
    setOver(false);
    const [picked] = event.dataTransfer.files;
    if (picked && !busy) check(picked);
  };
  const choose = (event) => {
    const [picked] = event.target.files;
    if (picked) check(picked);
    event.target.value = '';
  };
  const again = () => {
    setFile(null);
    setState({ busy: '', error: null, answer: null, done: null });
  };
  const wrong = answer ? answer.problems.length + answer.more_problems : 0;
  const good = answer ? soundOf(answer) : 0, all = answer ? Math.max(answer.assessments, good) : 0;
  return html`<${Screen} title=${t('import.title')} sub=${t('import.sub')} actions=${html`<${Back} href=${link('/assessments')}>${t('nav.assessments')}<//>`}>
    <section class=${over ? 'card drop over' : 'card drop'} onDragOver=${(e) => { e.preventDefault(); setOver(true); }} onDragLeave=${() => setOver(false)} onDrop=${drop}>
      <${Field} label=${t('import.file')} hint=${t('import.file_hint')}>${(about) => html`<input ...${about} type="file" name="file" accept=".csv,.xlsx,text/csv,application/vnd.openxmlformats-officedocument.spreadsheetml.sheet" disabled=${busy !== ''} onChange=${choose} />`}<//>
      <div class="toolbar"><span class="sub">${t('record.template')}</span><${SaveButton} saving=${saving} from=${templatePath('csv')}>CSV<//><${SaveButton} saving=${saving} from=${templatePath('xlsx')}>XLSX<//></div>
      <${ErrorBox} error=${saving.error} />
      <details><summary>${t('import.columns')}</summary><p class="sub">${t('import.columns_why')}</p><ul class="column-list">${columns.map((c) => html`<li key=${c}>${columnText(c)}</li>`)}</ul></details>
    </section>
    <div role="status">${busy && html`<p class="busy-line"><progress aria-label=${busy}></progress> ${busy}</p>`}</div>
    <${ErrorBox} error=${error} />
    ${answer && !done && html`<section class="import-result" ref=${result} tabindex="-1" aria-label=${t('import.result')}>
      <p class="import-head">${wrong ? html`<${Icon} name="warning" size=${18} />` : html`<${Icon} name="normal" size=${18} />`} <span><strong>${file?.name}</strong>${t('ui.colon')}${t('import.found', { rows: answer.rows, n: all })}${wrong ? tn('import.problems', wrong) : t('import.no_problems')}</span></p>
      ${wrong > 0 && html`<${Problems} answer=${answer} />`}
      <${Preview} answer=${answer} />
      <div class="form-foot">
        <button type="button" onClick=${again}>${t('import.drop')}</button>
        ${wrong > 0 && good > 0 && html`<button type="button" disabled=${busy !== ''} onClick=${() => store('good')}>${t('import.store_good', good < all ? `${good} / ${all}` : good)}</button>`}
        <button type="button" class="primary" disabled=${busy !== '' || wrong > 0 || good === 0} aria-describedby=${wrong ? 'store-all-why' : undefined} onClick=${() => store('all')}>${t('import.store_all', all)}</button>
      </div>
      ${wrong > 0 && html`<p class="hint" id="store-all-why">${t('import.store_all_why')}</p>`}
    </section>`}
    ${done && html`<section class="card import-result" ref=${result} tabindex="-1" aria-label=${t('import.result')}>
      <p class="import-head sound"><${Icon} name="normal" size=${20} /> <strong>${t('import.done', { n: done.stored, file: file.name })}</strong></p>
      ${done.problems.length + done.more_problems > 0 && html`<p>${t('import.done_left', { n: done.problems.length + done.more_problems })}</p>`}
      <p class="actions"><a class="button primary" href=${link('/assessments')}>${t('import.to_list')}</a><button type="button" onClick=${again}>${t('import.another')}</button></p>
    </section>`}
  <//>`;
}
