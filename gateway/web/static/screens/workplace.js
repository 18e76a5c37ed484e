// A workplace: its alarms, and every point with its figure.
import { html } from '../lib/html.js';
import { byRank } from '../lib/alarms.js';
import { AlarmLevel, AlarmRow, badgeText, pointLink, shownLevel, SilencedState } from '../lib/alarmparts.js';
import { limitText } from '../lib/format.js';
import { t, tn } from '../lib/i18n.js';
import { alarmOfPoint, isKnown, isSilenced, useReading, useSummary } from '../lib/live.js';
import { useMedia } from '../lib/load.js';
import { link } from '../lib/router.js';
import { useSite } from '../lib/site.js';
import { Back, Empty, Icon, LevelBadge, PointFigure, Screen, VirtualList } from '../lib/ui.js';

/** A point without a figure is unknown; one without an alarm and with set points is normal; others are only shown. */
function PointLevel({ point, alarm }) {
  const known = isKnown(useReading(point.index));
  if (alarm && shownLevel(alarm) !== 'none') return html`<${AlarmLevel} alarm=${alarm} />`;
  const state = alarm && isSilenced(alarm) && html` <${SilencedState} alarm=${alarm} />`;
  if (!known) return html`<${LevelBadge} level="unknown" />${state}`;
  return html`${point.set_points?.length ? html`<${LevelBadge} level="normal" />` : html`<span class="sub">${t('workplace.only_shown')}</span>`}${state}`;
}

function PointRow({ point }) {
  const site = useSite();
  const alarm = alarmOfPoint(point.id);
  // Beside an alarm stands what it is held against.
  const limit = alarm && alarm.level !== 'none' && alarm.limit ? alarm.limit : site.mainSetPoint(point)?.limit;
  return html`<div class="point-row">
    <a class="stretched" href=${pointLink(point.id)}>${site.pointName(point)}</a>
    <span class="point-id">${point.id}</span>
    <span class="point-figure"><${PointFigure} point=${point} /></span>
    <span class="point-limit">${limit ? limitText(limit) : ''}</span>
    <span class="point-level"><${PointLevel} point=${point} alarm=${alarm} /></span>
  </div>`;
}

export default function Workplace({ params }) {
  const site = useSite();
  const s = useSummary(params.id);
  const narrow = useMedia('(max-width: 760px)');
  const workplace = site.workplace(params.id);
  if (!workplace) return html`<${Screen} title=${t('nav.workplace')}><${Empty}>${t('workplace.unknown')}<//><//>`;
  const points = site.pointsAt(workplace.id);
  const enterprise = site.enterprise(workplace.enterprise);
  return html`<${Screen} title=${workplace.name || workplace.id}
      sub=${[site.areaName(enterprise?.area), site.enterpriseName(workplace.enterprise)].filter(Boolean).join(' › ')}
      actions=${html`${s.silenced > 0 && html`<span class="muted"><${Icon} name="mute" size=${14} /> ${tn('overview.silenced_n', s.silenced)}</span>`}
        <${LevelBadge} level=${s.level} large text=${badgeText(s)} /><${Back} href=${link('/overview')}>${t('overview.title')}<//>`}>
    <section class="section"><h2>${t('workplace.alarms')}</h2>
      ${s.alarms.length === 0 && html`<${Empty}>${t('workplace.no_alarms')}<//>`}
      <ul class="alarm-list">${[...s.alarms].sort(byRank).map((a) => html`<li key=${a.id}>
        <${AlarmRow} alarm=${a} /></li>`)}</ul>
    </section>
    <section class="section"><h2>${t('workplace.points')} <span class="sub">${points.length}</span></h2>
      ${points.length === 0 ? html`<${Empty}>${t('workplace.no_points')}<//>` : html`<${VirtualList} items=${points}
        rowHeight=${narrow ? 84 : 48} keyOf=${(p) => p.index} label=${t('workplace.points')}
        render=${(p) => html`<${PointRow} point=${p} />`} />`}
    </section>
  <//>`;
}
