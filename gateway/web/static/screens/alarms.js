// The alarms, the most urgent first; what has ended comes page by page from the gateway.
import { html, useEffect, useMemo, useRef, useState } from '../lib/html.js';
import { byRank, levels } from '../lib/alarms.js';
import { AlarmRow, placeText, subjectName } from '../lib/alarmparts.js';
import { api, query as withQuery } from '../lib/api.js';
import { SoundSwitch } from '../lib/frame.js';
import { pick, t, tn } from '../lib/i18n.js';
import { alarmById, isSilenced, levelRank, useAlarms, useStatus, waitsForReset } from '../lib/live.js';
import { useMedia } from '../lib/load.js';
import { replace } from '../lib/router.js';
import { useSite } from '../lib/site.js';
import { Empty, ErrorBox, Field, Loading, Screen, Time, VirtualList } from '../lib/ui.js';

const shows = {
  open: () => true,
  unacknowledged: (a) => !a.acknowledged && !isSilenced(a),
  standing: (a) => a.level !== 'none',
  latched: waitsForReset,
  undisposed: (a) => a.level === 'none' && !!a.targets?.disposal_owed && !a.disposed_at,
  silenced: isSilenced,
  all: () => true,
};

const haystack = (a) =>
  [a.id, a.point, a.device, a.bus, a.output, subjectName(a), placeText(a), a.agent, pick(a.text)].join(' ').toLowerCase();

/** Ended and open ones as the gateway keeps them, newest first. */
function useArchive(wanted, filter) {
  const [state, setState] = useState({ list: [], next: null, loading: false, error: null });
  const turn = useRef(0);
  const load = async (before) => {
    const mine = before ? turn.current : ++turn.current;
    setState((s) => ({ ...s, loading: true, error: null }));
    try {
      const answer = await api.get(withQuery('/api/v1/alarms', { state: 'all', limit: 100, before, ...filter }));
      if (mine !== turn.current) return;
      setState((s) => ({ list: before ? [...s.list, ...answer.alarms] : answer.alarms, next: answer.next, loading: false, error: null }));
    } catch (error) {
      if (mine === turn.current) setState((s) => ({ ...s, loading: false, error }));
    }
  };
  useEffect(() => {
    if (wanted) load(null);
    return () => ++turn.current;
  }, [wanted, filter.level, filter.enterprise]);
  return { ...state, more: () => load(state.next), again: () => load(null) };
}

function Filters({ query, change }) {
  const site = useSite();
  const select = (name, label, options) => html`<${Field} label=${label}>${(about) => html`
    <select ...${about} value=${query[name] ?? options[0][0]} onChange=${(e) => change(name, e.target.value)}>
      ${options.map(([value, text]) => html`<option key=${value} value=${value} selected=${value === (query[name] ?? options[0][0])}>${text}</option>`)}</select>`}<//>`;
  return html`<form class="filters" role="search" aria-label=${t('alarms.filter')} onSubmit=${(e) => e.preventDefault()}>
    ${select('show', t('alarms.state'), Object.keys(shows).map((name) => [name, t(`alarms.show.${name}`)]))}
    ${select('level', t('alarms.level'), [['', t('ui.all')],
      ...levels.map((l) => [l, l === 'danger' ? t('level.danger') : t('alarms.level_from', { level: t(`level.${l}`) })])])}
    ${site.enterprises.length > 1 && select('enterprise', t('alarms.enterprise'), [['', t('ui.all')],
      ...site.enterprises.map((e) => [e.id, e.name || e.id])])}
    <${Field} label=${t('alarms.search')}>${(about) => html`<input ...${about} type="search" value=${query.search ?? ''}
      placeholder=${t('alarms.search_hint')} onInput=${(e) => change('search', e.target.value)} />`}<//>
  </form>`;
}

/** More alarms than a person can answer: what is done first is then a choice, and the list says that it is one. */
function Flood() {
  const now = useStatus()?.alarms;
  if (!now?.in_flood_since) return null;
  return html`<p class="flood" role="status"><strong>${t('alarms.flood')}</strong> ${t('alarms.flood_since')} <${Time} at=${now.in_flood_since} />${t('list.semicolon')}
    ${t('alarms.flood_count', { last: now.annunciated_last_10min ?? '—', now: now.annunciated_10min ?? '—' })} <span class="sub">${t('alarms.flood_why')}</span></p>`;
}

export default function Alarms({ query }) {
  const live = useAlarms();
  // As high as the rows of style.css at these widths.
  const phone = useMedia('(max-width: 760px)');
  const tablet = useMedia('(max-width: 1020px)');
  const show = shows[query.show] ? query.show : 'open';
  const archive = useArchive(show === 'all', { level: query.level, enterprise: query.enterprise });
  const change = (name, value) => replace('/alarms', { ...query, [name]: name === 'show' && value === 'open' ? '' : value });
  const search = (query.search ?? '').trim().toLowerCase();
  const source = show === 'all' ? archive.list.map((a) => alarmById(a.id) ?? a) : live;
  const list = useMemo(() => {
    const fits = source.filter((a) => shows[show](a)
      && (!query.level || levelRank(a.highest) >= levelRank(query.level))
      && (!query.enterprise || a.enterprise === query.enterprise)
      && (!search || haystack(a).includes(search)));
    return show === 'all' ? fits : fits.sort(byRank);
  }, [source, show, query.level, query.enterprise, search]);
  return html`<${Screen} title=${t('alarms.title')} actions=${html`<${SoundSwitch} withWords />`}>
    <${Flood} />
    <${Filters} query=${query} change=${change} />
    <p class="sub" role="status">${tn('alarms.count', list.length)}</p>
    <${ErrorBox} error=${show === 'all' ? archive.error : null} onRetry=${archive.again} />
    ${list.length === 0 && !archive.loading && html`<${Empty}>${t('alarms.empty')}<//>`}
    <${VirtualList} items=${list} rowHeight=${phone ? 268 : tablet ? 180 : 108} keyOf=${(a) => a.id} label=${t('alarms.list')}
      render=${(a) => html`<${AlarmRow} alarm=${a} />`} />
    ${archive.loading && html`<${Loading} />`}
    ${show === 'all' && archive.next && !archive.loading && html`<p class="more-alarms">
      <button type="button" onClick=${archive.more}>${t('ui.more')}</button></p>`}
  <//>`;
}
