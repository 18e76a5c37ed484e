// What a shift comes to, wherever it is shown: the figure that decides, its limit with the clause, and what it rests on.
import { html } from './html.js';
import { isLaw, limitText, ms, number, percent, unitText, withUnit } from './format.js';
import { pick, t } from './i18n.js';
import { site } from './site.js';
import { LevelBadge, Time } from './ui.js';

/** Below it there is no judgement that all is well. */
const leastCoverage = 0.75;

/** "level" (noise), "impulse", "heat" or "concentration": those of one kind never go by the names of another. */
export function kindOf(e) {
  if (e.impulses !== undefined) return 'impulse';
  if (e.lex_8h_so_far !== undefined) return 'level';
  return e.wbgt_so_far !== undefined ? 'heat' : 'concentration';
}

const stelOf = (e) => site.get()?.agent(e.agent)?.limits.find((l) => l.kind === 'PC-STEL') ?? null;

/** The figure that decides: {name, value, limit, atLeast}. */
export function decisive(e) {
  const kind = kindOf(e);
  if (kind === 'impulse') return { name: t('exposure.impulses', { n: e.impulses }), value: e.max, limit: e.limit, atLeast: e.at_least };
  if (kind === 'concentration' && e.limit?.kind === 'MAC') return { name: t('exposure.max'), value: e.max, limit: e.limit, atLeast: e.at_least };
  const stel = stelOf(e);
  if (kind === 'concentration' && !e.limit && stel) {
    const value = [e.stel_max, e.stel_at_least].filter(Number.isFinite).sort((a, b) => b - a)[0] ?? null;
    return { name: t('exposure.stel_max'), value, limit: stel, atLeast: e.at_least || Number.isFinite(e.stel_at_least) };
  }
  const names = { level: ['lex_8h', 'lex_8h_so_far', 'lex_40h'], heat: ['wbgt', 'wbgt_so_far', 'wbgt'], concentration: ['twa', 'twa_so_far', 'twa_week'] }[kind];
  const week = e.rule === '40h' || e.rule === 'week';
  const whole = e.final && Number.isFinite(e[names[0]]);
  const name = week ? names[2] : whole ? names[0] : names[1];
  const gaps = (e.coverage ?? 0) < leastCoverage || (e.final && !whole);
  return { name: t(`exposure.${name}`), value: e[name] ?? null, limit: e.limit, atLeast: e.at_least || (gaps && e.rule !== 'mean') };
}

/** "至少 61.2 mg/m³", or why there is none. */
export function ExposureFigure({ exposure: e }) {
  const d = decisive(e);
  if (!Number.isFinite(d.value)) {
    return html`<span class="figure unknown"><span class="hatched">${t(e.time_s?.below_loq > 0 ? 'exposure.below_loq' : 'exposure.no_data')}</span></span>`;
  }
  return html`<span class="figure">${d.atLeast && html`<span class="mean">${t('alarm.at_least')}</span> `}<span class="num">${number(d.value, d.limit?.value ?? null)}</span>
    <span class="unit"> ${unitText(e.unit)}</span><span class="mean">${d.name}</span></span>`;
}

const levels = { compliant: 'normal', exceeds: 'exceed', insufficient: 'unknown', no_limit: 'partial' };

export function verdictText(e) {
  if (e.verdict === 'exceeds' && e.rule === 'mean' && !e.final) return t('verdict.exceeds_so_far');
  return t(e.verdict === 'compliant' && !e.final ? 'verdict.compliant_so_far' : `verdict.${e.verdict}`);
}

export const Verdict = ({ exposure }) => html`<span class="verdict"><${LevelBadge} level=${levels[exposure.verdict] ?? 'unknown'}
  text=${verdictText(exposure)} /></span>`;

/** A limit with its clause; what no law says is named so. */
export function LimitWithClause({ limit }) {
  if (!limit) return html`<span class="sub">${t('verdict.no_limit')}</span>`;
  return html`<span>${limitText(limit)}</span> ${isLaw(limit)
    ? html`<span class="clause">${limit.source}</span>` : html`<span class="clause">${t('alarm.not_law')}${limit.source ? ` · ${limit.source}` : ''}</span>`}`;
}

/** The limit that the exposure is held against, also where it is that of short times. */
export const limitOf = (e) => decisive(e).limit ?? null;

/** "1.22 倍"; of levels the difference, because a ratio of decibels says nothing. */
export function ratioText(e) {
  const d = decisive(e);
  if (!d.limit || !Number.isFinite(d.value)) return '—';
  if (/^(dB|degC)/.test(e.unit)) {
    const by = d.value - d.limit.value;
    return `${by > 0 ? '+' : ''}${number(by, 0)} ${unitText(e.unit).replace(/\(.\)/, '')}`;
  }
  const ratio = e.ratio ?? d.value / d.limit.value;
  return t('alarm.ratio_n', { n: ratio > 0 && ratio < 0.001 ? '< 0.001' : number(ratio, 1) });
}

export const breachText = (breach) => t(`breach.${breach}`);

const parts = ['measured', 'below_loq', 'over_range', 'fault', 'link_lost', 'calibrating', 'maintenance', 'stopped', 'missing'];
/** What is below the quantification limit is a part of what is measured. */
const shareOf = (time, name) => (name === 'measured' ? Math.max(0, (time.measured ?? 0) - (time.below_loq ?? 0)) : time[name] ?? 0);

export function minutes(seconds) {
  if (seconds < 60) return t('time.s', { s: Math.round(seconds) });
  const m = Math.floor(seconds / 60);
  return m < 60 ? t('time.min', { min: m }) : t('time.h_min', { h: Math.floor(m / 60), min: m % 60 });
}

export function sharesText(e) {
  return parts.filter((name) => shareOf(e.time_s ?? {}, name) > 0)
    .map((name) => `${t(`share.${name}`)} ${minutes(shareOf(e.time_s, name))}`).join(t('list.comma'));
}

/** How much of the time so far has valid data, as a bar, a figure, and words for a screen reader. */
export function Coverage({ exposure: e }) {
  const time = e.time_s ?? {};
  const all = parts.reduce((sum, name) => sum + shareOf(time, name), 0);
  return html`<span class="coverage">
    <span class="coverage-bar" role="img" aria-label=${t('exposure.coverage_words', { percent: percent(e.coverage), shares: sharesText(e) || '—' })} title=${sharesText(e)}>
      ${all > 0 && parts.map((name) => shareOf(time, name) > 0 && html`<span key=${name} class=${`share share-${name}`} style=${{ flexGrow: String(shareOf(time, name) / all) }}></span>`)}
    </span>
    <span class=${(e.coverage ?? 0) < leastCoverage ? 'coverage-n low' : 'coverage-n'}>${percent(e.coverage)}</span></span>`;
}

/** The keys of the bar. */
export const CoverageKey = () => html`<ul class="coverage-key">${parts.map((name) => html`<li key=${name}><span class="coverage-bar"><span class=${`share share-${name}`}></span></span>
  ${t(`share.${name}`)}</li>`)}</ul>`;

/** The words of the rule by which a mean is judged. */
export const ruleText = (rule) => t(`rule.${rule}`);

/** Everything there is to know, as terms and figures. */
export function ExposureFacts({ exposure: e }) {
  const kind = kindOf(e), unit = e.unit, bound = e.limit?.value ?? null;
  const stel = stelOf(e);
  const figure = (value, limit = null) => (Number.isFinite(value) ? withUnit(value, unit, limit) : null);
  const rows = [
    ['shift', html`${e.day} ${e.shift} · <${Time} at=${e.begin} whole /> – <${Time} at=${e.end} whole />`],
    ['state', e.final ? t('exposure.final') : html`${t('exposure.running')} <${Time} at=${e.at} whole />`],
    ['verdict', html`<${Verdict} exposure=${e} />`],
    ['sentence', pick(e.text)],
    ['limit', html`<${LimitWithClause} limit=${limitOf(e)} />`],
    ['rule', ruleText(e.rule)],
    ['ratio', ratioText(e)],
    ...(kind === 'concentration' ? [
      ['twa_so_far', figure(e.twa_so_far, bound)], ['twa_projected', e.final ? null : figure(e.twa_projected, bound)], ['twa', figure(e.twa, bound)],
      ['mean', figure(e.mean)], ['twa_week', figure(e.twa_week, bound)],
      ['reduction_factor', Number.isFinite(e.reduction_factor) && e.reduction_factor !== 1 ? number(e.reduction_factor) : null],
      ['stel_max', Number.isFinite(e.stel_max) ? html`${figure(e.stel_max, stel?.value ?? null)}${e.stel_max_at && html` · <${Time} at=${e.stel_max_at} />`}` : null],
      ['stel_at_least', Number.isFinite(e.stel_at_least) ? `${t('alarm.at_least')} ${figure(e.stel_at_least, stel?.value ?? null)}` : null],
      ['stel_limit', stel ? html`<${LimitWithClause} limit=${stel} />` : null],
      ['episodes', e.episodes ? episodesText(e.episodes) : null],
      ['mixture_index', Number.isFinite(e.mixture_index) ? t('exposure.mixture_n', { n: number(e.mixture_index, 1) }) : null],
      ['class', e.class ? t('exposure.class_n', { n: e.class }) : null],
    ] : kind === 'level' ? [
      ['laeq', figure(e.laeq)], ['lex_8h_so_far', figure(e.lex_8h_so_far, bound)], ['lex_8h_projected', e.final ? null : figure(e.lex_8h_projected, bound)],
      ['lex_8h', figure(e.lex_8h, bound)], ['lex_40h', figure(e.lex_40h, bound)],
    ] : kind === 'heat' ? [
      ['wbgt_so_far', figure(e.wbgt_so_far, bound)], ['wbgt_projected', e.final ? null : figure(e.wbgt_projected, bound)], ['wbgt', figure(e.wbgt, bound)],
    ] : [['impulse_count', String(e.impulses)]]),
    ['limit_at', e.final || !e.limit || kind === 'impulse' ? null : limitAt(e)],
    ['max', Number.isFinite(e.max) ? html`${figure(e.max)}${e.max_at && html` · <${Time} at=${e.max_at} />`}` : null],
    ['at_least', e.at_least ? t('exposure.at_least_why') : null],
    ['coverage', html`<${Coverage} exposure=${e} />`],
    ['time', sharesText(e)],
    ['breaches', e.breaches?.length ? e.breaches.map(breachText).join(t('list.comma')) : t('exposure.no_breach')],
  ];
  return html`<dl class="facts">${rows.filter(([, value]) => value !== null && value !== '' && value !== undefined).map(([name, value]) =>
    html`<dt key=${`t${name}`}>${t(`exposure.${name}`)}</dt><dd key=${name}>${value}</dd>`)}</dl>`;
}

/** When the limit will be passed; a mean of heat may come back below it. */
export function limitAt(e) {
  const d = decisive(e);
  if (d.value > d.limit?.value) return t('exposure.passed');
  if (e.limit_at) return html`<${Time} at=${e.limit_at} />`;
  const projected = e.twa_projected ?? e.lex_8h_projected ?? e.wbgt_projected;
  return Number.isFinite(projected) && projected <= e.limit.value ? t('exposure.not_reached') : '—';
}

function episodesText(s) {
  if (!s.count) return t('exposure.no_episodes');
  return t('exposure.episodes_n', { n: s.count, longest: number(s.longest_minutes, 15), closest: s.closest_minutes === null ? '—' : number(s.closest_minutes, 60) });
}

/** Of the exposures that a point has now, one for each of its shifts: that of the shift that runs first, then the newest. */
export function byRunning(now) {
  const runs = (e) => !e.final && ms(e.begin) <= now && now < ms(e.end);
  return (a, b) => runs(b) - runs(a) || ms(b.begin) - ms(a.begin);
}

/** Newest shift first, then what exceeds before the rest. */
export function byShift(a, b) {
  const rank = (e) => ['exceeds', 'insufficient', 'compliant', 'no_limit'].indexOf(e.verdict);
  return ms(b.begin) - ms(a.begin) || rank(a) - rank(b) || (b.ratio ?? 0) - (a.ratio ?? 0) || a.point.localeCompare(b.point);
}

