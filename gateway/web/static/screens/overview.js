// Where it is worst, why, and what to do next; below it every workplace as a tile. The wall shows this.
import { html, useState } from '../lib/html.js';
import { byRank, nextStep } from '../lib/alarms.js';
import {
  ActionButton, AlarmLevel, alarmLink, AlarmReason, AlarmTitle, badgeText, Lasting, nextWords, NowFigure, placeText, pointLink, shownLevel, silencedText, stateText,
  subjectName, worstOf, workplaceLink,
} from '../lib/alarmparts.js';
import { OverdueNotice } from '../lib/duties.js';
import { pick, t, tn } from '../lib/i18n.js';
import { isCut, isSilenced, levelRank, summary, useAlarms, useConnection, useStatus, useSummaries, useSummary, waitsForReset } from '../lib/live.js';
import { link } from '../lib/router.js';
import { useSite } from '../lib/site.js';
import { remember, remembered } from '../lib/store.js';
import { Icon, LevelBadge, Loading, Screen, Time } from '../lib/ui.js';

/** From bad to good; what is not known is worse than what is. */
const order = ['danger', 'exceed', 'warning', 'notice', 'latched', 'unknown', 'partial', 'normal'];
const isTrouble = (s) => s.level !== 'normal' || s.unacknowledged > 0 || s.undisposed > 0 || s.latched > 0;

function totals(site) {
  const all = site.workplaces.map((w) => summary(w.id));
  const counts = new Map(order.map((level) => [level, 0]));
  for (const s of all) counts.set(s.level, counts.get(s.level) + 1);
  return {
    counts,
    points: all.reduce((n, s) => n + s.points, 0),
    silent: all.reduce((n, s) => n + s.silent, 0),
    trouble: all.filter(isTrouble).length,
  };
}

/** Nothing to do; but what is silent is not quiet. */
function Calm({ site }) {
  useSummaries();
  const { points, silent } = totals(site);
  if (isCut(useConnection())) {
    return html`<section class="worst edge-unknown" aria-label=${t('overview.worst')}>
      <div class="worst-head"><${LevelBadge} level="unknown" large /><p class="worst-text">${t('overview.cut')}</p></div></section>`;
  }
  return html`<section class=${silent ? 'worst edge-unknown' : 'worst edge-normal'} aria-label=${t('overview.worst')}>
    <div class="worst-head"><${LevelBadge} level=${silent ? 'partial' : 'normal'} large />
      <p class="worst-text">${t('overview.calm')}</p></div>
    <p>${silent ? t('overview.calm_silent', { silent, all: points }) : t('overview.calm_points', { known: points, all: points })}</p>
  </section>`;
}

/** What stands although nobody is told of it must not be out of sight. */
function Silenced({ alarms }) {
  const standing = alarms.filter((a) => isSilenced(a) && levelRank(a.level) >= levelRank('exceed'));
  return standing.map((a) => html`<p key=${a.id} class="silenced-line"><${AlarmLevel} alarm=${a} />
    <a href=${alarmLink(a)}>${subjectName(a)} · ${placeText(a)}</a> <span>${nextWords(a)}</span></p>`);
}

/** The single worst thing: what, where, since when, and the next step. */
function Worst({ site }) {
  const alarms = useAlarms().filter((a) => a.level !== 'none' || nextStep(a)).sort(byRank);
  const a = alarms[0];
  if (!a) return html`<${Calm} site=${site} />`;
  const step = nextStep(a);
  const point = site.pointById(a.point);
  return html`<section class=${`worst edge-${shownLevel(a)}`} aria-labelledby="worst-title">
    <h2 id="worst-title" class="kicker">${t('overview.worst')}</h2>
    <div class="worst-head"><${AlarmLevel} alarm=${a} large />
      <p class="worst-text live-data"><${AlarmTitle} alarm=${a} /></p></div>
    <p class="worst-long">${pick(a.text)}</p>
    <dl class="worst-facts">
      <div><dt>${t('overview.where')}</dt><dd>${a.workplace ? html`<a href=${workplaceLink(a.workplace)}>${placeText(a)}</a>` : placeText(a)}</dd></div>
      <div><dt>${t('overview.since')}</dt><dd><strong><${Lasting} alarm=${a} /></strong> (<${Time} at=${a.detected_at} />)</dd></div>
      <div><dt>${t('alarm.state')}</dt><dd>${stateText(a)}</dd></div>
      ${point && html`<div><dt>${t('overview.now')}</dt><dd><${NowFigure} point=${point} alarm=${a} /></dd></div>`}
    </dl>
    <div class="worst-next">
      <div>
        <h3>${t('overview.next')}</h3>
        <p>${nextWords(a)}</p>
        ${a.advice && a.level !== 'none' && html`<p class="advice"><strong>${t('alarm.advice')}${t('ui.colon')}</strong>${pick(a.advice)}</p>`}
      </div>
      <div class="actions">
        ${step && html`<${ActionButton} alarm=${a} action=${step} primary />`}
        <a class="button" href=${alarmLink(a)}>${t('overview.open_alarm')}</a>
        ${a.point && html`<a class="button" href=${pointLink(a.point)}>${t('alarm.open_point')}</a>`}
      </div>
    </div>
    <${Silenced} alarms=${alarms.slice(1)} />
    ${alarms.length > 1 && html`<p class="more-alarms"><a href=${link('/alarms')}>${tn('overview.others', alarms.length - 1)}</a></p>`}
  </section>`;
}

function Counts({ site }) {
  useSummaries();
  const { counts } = totals(site);
  return html`<ul class="counts" aria-label=${t('overview.counts')}>
    ${order.filter((level) => counts.get(level) > 0).map((level) => html`<li key=${level}>
      <${LevelBadge} level=${level} /> <span>${tn('overview.count', counts.get(level))}</span></li>`)}
  </ul>`;
}

/** What is worst of a workplace in a line. */
function Why({ s }) {
  const a = worstOf(s.alarms.filter((each) => each.level !== 'none' || waitsForReset(each)));
  if (!a) return null;
  return html`<span class="tile-why live-data"><${AlarmTitle} alarm=${a} /> <span class="tile-limit"><${AlarmReason} alarm=${a} /></span></span>`;
}

function Tile({ workplace, onlyTrouble }) {
  const s = useSummary(workplace.id);
  if (onlyTrouble && !isTrouble(s)) return null;
  const facts = [
    s.unacknowledged > 0 && t('overview.unacknowledged', { n: s.unacknowledged }),
    s.latched > 0 && t('overview.latched', { n: s.latched }),
    s.undisposed > 0 && t('overview.undisposed', { n: s.undisposed }),
    s.silent === 0 && tn('overview.points', s.points),
  ].filter(Boolean);
  return html`<li><a class=${`tile edge-${s.level}${s.silent === s.points ? ' silent' : ''}`} href=${workplaceLink(workplace.id)}>
    <span class="tile-head"><span class="tile-name">${workplace.name || workplace.id}</span>
      <${LevelBadge} level=${s.level} text=${badgeText(s)} /></span>
    <${Why} s=${s} />
    <span class="tile-facts">${facts.map((fact) => html`<span key=${fact}>${fact}</span>`)}
      ${s.silenced > 0 && html`<span class="muted"><${Icon} name="mute" size=${12} /> ${tn('overview.silenced_n', s.silenced)}</span>`}
      ${s.silent > 0 && html`<span class="hatched">${t('overview.silent', { silent: s.silent, all: s.points })}</span>`}</span>
  </a></li>`;
}

function Enterprise({ enterprise, site, onlyTrouble }) {
  useSummaries();
  const workplaces = site.workplacesOf(enterprise.id);
  const all = workplaces.map((w) => summary(w.id));
  if (!workplaces.length || (onlyTrouble && !all.some(isTrouble))) return null;
  const worst = order.find((level) => all.some((s) => s.level === level));
  return html`<section class="enterprise card">
    <h3><span>${enterprise.name || enterprise.id}</span><${LevelBadge} level=${worst} text=${all.every((s) => s.level !== worst || s.muted) && worst !== 'normal' ? silencedText(worst) : undefined} /></h3>
    <ul class="tiles">${workplaces.map((w) => html`<${Tile} key=${w.id} workplace=${w} onlyTrouble=${onlyTrouble} />`)}</ul>
  </section>`;
}

function Areas({ site, onlyTrouble }) {
  const known = new Set(site.areas.map((a) => a.id));
  const areas = [...site.areas, ...(site.enterprises.some((e) => !known.has(e.area)) ? [{ id: null }] : [])];
  return areas.map((area) => {
    const enterprises = site.enterprises.filter((e) => (known.has(e.area) ? e.area : null) === area.id);
    return html`<section class="area" key=${area.id}>
      ${area.id && html`<h2>${area.name || area.id}</h2>`}
      <div class="enterprises">${enterprises.map((e) => html`<${Enterprise} key=${e.id} enterprise=${e} site=${site}
        onlyTrouble=${onlyTrouble} />`)}</div>
    </section>`;
  });
}

const isTroubled = (state) => !!state && state !== 'ok' && state !== 'none';

/** Buses, outputs and the gateway's own parts stand at no workplace. */
function OwnTrouble() {
  const own = useAlarms().filter((a) => !a.workplace && (a.level !== 'none' || waitsForReset(a))).sort(byRank);
  const now = useStatus();
  // What is not yet an alarm: a broker may be away for half a minute before it is one.
  const parts = ['broker', 'store'].filter((part) => isTroubled(now?.[part]) && !own.some((a) => a.part === part));
  if (!own.length && !parts.length) return null;
  return html`<section class="area"><h2>${t('overview.system')}</h2>
    <ul class="tiles">${own.map((a) => html`<li key=${a.id}><a class=${`tile edge-${shownLevel(a)}`} href=${alarmLink(a)}>
      <span class="tile-head"><span class="tile-name"><${AlarmTitle} alarm=${a} /></span><${AlarmLevel} alarm=${a} /></span>
      <span class="tile-why">${pick(a.text)}</span></a></li>`)}
      ${parts.map((part) => html`<li key=${part}><div class="tile edge-notice"><span class="tile-head"><span class="tile-name">${t(`alarms.part.${part}`)}</span></span>
        <span class="tile-why">${t('overview.trouble', { why: now[part] })}</span></div></li>`)}</ul>
  </section>`;
}

function NoneLeft({ site }) {
  useSummaries();
  return totals(site).trouble === 0 && html`<p class="empty">${t('overview.all_calm')}</p>`;
}

export default function Overview() {
  const site = useSite();
  const { state } = useConnection();
  const [onlyTrouble, setOnlyTrouble] = useState(remembered('only-trouble') === 'yes');
  const choose = (event) => {
    setOnlyTrouble(event.target.checked);
    remember('only-trouble', event.target.checked ? 'yes' : 'no');
  };
  // Before the first frame nothing is known, and "unknown" everywhere would only frighten.
  if (state === 'connecting' || state === 'off') return html`<${Screen} title=${t('overview.title')}><${Loading} /><//>`;
  return html`<${Screen} title=${t('overview.title')} actions=${html`<label class="check">
      <input type="checkbox" checked=${onlyTrouble} onChange=${choose} /> ${t('overview.only_trouble')}</label>`}>
    <${Worst} site=${site} />
    <${OverdueNotice} />
    <${Counts} site=${site} />
    <${OwnTrouble} />
    <${Areas} site=${site} onlyTrouble=${onlyTrouble} />
    ${onlyTrouble && html`<${NoneLeft} site=${site} />`}
  <//>`;
}
