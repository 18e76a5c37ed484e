// Names of points and workplaces, which lead to their screens.
import { html } from './html.js';
import { pointLink, workplaceLink } from './alarmparts.js';
import { hasRole, liveRoles } from './session.js';
import { site } from './site.js';

/** The name of a point, which leads to it where the reader may go there. */
export function PointName({ id, name }) {
  const point = site.get().pointById(id);
  const text = name ?? (site.get().pointName(point) || id);
  return point && hasRole(liveRoles) ? html`<a href=${pointLink(id)}>${text}</a>` : html`<span>${text}</span>`;
}

export function WorkplaceName({ id }) {
  const text = site.get().workplaceName(id);
  return hasRole(liveRoles) ? html`<a href=${workplaceLink(id)}>${text}</a>` : html`<span>${text}</span>`;
}
