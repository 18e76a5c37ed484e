// The start: who is signed in, which screen the address asks for, and the frame around it.
import { html, render, useEffect, useErrorBoundary, useRef, useState } from './lib/html.js';
import './lib/theme.js';
import { api, ApiError } from './lib/api.js';
import { Frame } from './lib/frame.js';
import { offerLanguage, t, useLanguage } from './lib/i18n.js';
import { setUtcOffset } from './lib/format.js';
import { startLive, stopLive } from './lib/live.js';
import { useLoad } from './lib/load.js';
import { go, match, useRoute } from './lib/router.js';
import { hasRole, liveRoles, session, useSession, writeRoles } from './lib/session.js';
import { loadSite, site, useSite } from './lib/site.js';
import { startSound } from './lib/sound.js';
import { Empty, ErrorBox, Loading } from './lib/ui.js';

/**
 * The screens. `path` with parameters (":id"); `title` a key of the dictionaries; `roles` who may open it (all who are
 * signed in where it is left out); `icon` where it stands in the navigation, in this order, under the heading `group`;
 * of two paths that fit an address the first is meant; `load` imports the module,
 * whose default export is a component that gets {params, query}. The first that a role may open is where it begins.
 */
export const screens = [
  { path: '/overview', title: 'nav.overview', icon: 'overview', roles: liveRoles, load: () => import('./screens/overview.js') },
  { path: '/alarms', title: 'nav.alarms', icon: 'alarms', roles: liveRoles, load: () => import('./screens/alarms.js') },
  { path: '/alarms/:id', title: 'nav.alarms', roles: liveRoles, load: () => import('./screens/alarm.js') },
  { path: '/workplace/:id', title: 'nav.workplace', roles: liveRoles, load: () => import('./screens/workplace.js') },
  { path: '/point/:id', title: 'nav.point', roles: liveRoles, load: () => import('./screens/point.js') },
  { path: '/noise', title: 'nav.noise', icon: 'noise', roles: liveRoles, load: () => import('./screens/noise.js') },
  { path: '/voc', title: 'nav.voc', icon: 'voc', roles: liveRoles, load: () => import('./screens/voc.js') },
  { path: '/voc/:device', title: 'nav.voc', roles: liveRoles, load: () => import('./screens/voc.js') },
  { path: '/devices', title: 'nav.devices', icon: 'devices', roles: liveRoles, load: () => import('./screens/devices.js') },
  { path: '/exposures', title: 'nav.exposures', icon: 'exposures', group: 'nav.records', load: () => import('./screens/exposures.js') },
  { path: '/assessments', title: 'nav.assessments', icon: 'assessments', group: 'nav.records', load: () => import('./screens/assessments.js') },
  { path: '/assessments/new', title: 'nav.assessments', roles: writeRoles, load: () => import('./screens/assessmentform.js') },
  { path: '/assessments/import', title: 'nav.assessments', roles: writeRoles, load: () => import('./screens/assessmentimport.js') },
  { path: '/assessments/:id', title: 'nav.assessments', load: () => import('./screens/assessment.js') },
  { path: '/assessments/:id/correct', title: 'nav.assessments', roles: writeRoles, load: () => import('./screens/assessmentform.js') },
  { path: '/statistics', title: 'nav.statistics', icon: 'statistics', group: 'nav.records', load: () => import('./screens/statistics.js') },
  { path: '/duties', title: 'nav.duties', icon: 'duties', group: 'nav.records', load: () => import('./screens/duties.js') },
  { path: '/reports', title: 'nav.reports', icon: 'reports', group: 'nav.records', load: () => import('./screens/reports.js') },
  { path: '/ledger', title: 'nav.ledger', icon: 'ledger', group: 'nav.records', load: () => import('./screens/ledger.js') },
  { path: '/users', title: 'nav.users', icon: 'users', group: 'nav.manage', roles: ['admin'], load: () => import('./screens/users.js') },
  { path: '/config', title: 'nav.config', icon: 'config', group: 'nav.manage', roles: ['admin', 'operator'], load: () => import('./screens/config.js') },
  { path: '/password', title: 'nav.password', load: () => import('./screens/password.js') },
];

function find(path) {
  for (const screen of screens) {
    const params = hasRole(screen.roles) && match(screen.path, path);
    if (params) return { screen, params };
  }
  return null;
}

const modules = new Map();

/** One import for each screen; one that failed is tried again the next time. */
function importScreen(screen) {
  if (!modules.has(screen.path)) {
    const load = screen.load();
    load.catch(() => modules.delete(screen.path));
    modules.set(screen.path, load);
  }
  return modules.get(screen.path);
}

function Lazy({ screen, ...rest }) {
  const { data, error, reload } = useLoad(() => importScreen(screen), [screen]);
  if (error) return html`<${ErrorBox} error=${{ text: t('error.screen') }} onRetry=${reload} />`;
  if (!data) return html`<${Loading} />`;
  return html`<${data.default} ...${rest} />`;
}

/** A mistake in one screen leaves the frame and the other screens alone. */
function Guard({ children }) {
  const [error, reset] = useErrorBoundary((e) => console.error(e));
  if (error) return html`<${ErrorBox} error=${{ text: t('error.broken', { what: error.message }) }} onRetry=${reset} />`;
  return children;
}

function Inside() {
  const route = useRoute();
  const lang = useLanguage();
  const here = useSite();
  const first = useRef(true);
  const [error, setError] = useState(null);
  const role = session.get().role;
  const open = async () => {
    setError(null);
    try {
      await loadSite();
      if (liveRoles.includes(role)) startLive();
    } catch (e) {
      setError(e);
    }
  };
  useEffect(() => {
    open();
    return () => {
      stopLive();
      site.set(null);
    };
  }, [session.get().user, role]);

  const found = find(route.path);
  const home = screens.find((s) => s.icon && hasRole(s.roles));
  useEffect(() => {
    if (!found && home) go(home.path);
  }, [found === null, home]);
  useEffect(() => {
    // A screen reader goes to the new screen; at the first one it reads from the top anyway.
    if (!first.current) document.getElementById('main')?.focus({ preventScroll: true });
    if (!first.current) scrollTo(0, 0);
    first.current = false;
  }, [route.path]);

  let body;
  if (error) body = html`<${ErrorBox} error=${error} onRetry=${open} />`;
  else if (!here) body = html`<${Loading} />`;
  else if (!found) body = html`<${Empty}>${t('error.no_screen')}<//>`;
  else {
    body = html`<${Guard} key=${`${lang}${route.path}`}>
      <${Lazy} screen=${found.screen} params=${found.params} query=${route.query} /><//>`;
  }
  return html`<${Frame} screens=${screens} current=${found?.screen}>${body}<//>`;
}

/** Nothing on the screen is this person's any more. */
function Replaced({ by }) {
  return html`<main class="alone"><div class="error-box" role="alert">
    <p>${t('session.replaced', { user: by.user, role: t(`role.${by.role}`) })}</p>
    <button type="button" autofocus onClick=${() => location.reload()}>${t('session.reload')}</button></div></main>`;
}

const setup = { path: '/setup', load: () => import('./screens/setup.js') };
const signIn = { path: '/sign-in', load: () => import('./screens/signin.js') };

function App() {
  const now = useSession();
  const route = useRoute();
  useLanguage();
  const [error, setError] = useState(null);
  const ask = async () => {
    setError(null);
    try {
      const answer = await api.get('/api/v1/session');
      offerLanguage(answer.language);
      setUtcOffset(answer.utc_offset_minutes);
      session.set(answer);
    } catch (e) {
      setError(e instanceof ApiError ? e : { text: String(e) });
    }
  };
  useEffect(() => {
    ask();
  }, []);
  if (error) return html`<main class="alone"><${ErrorBox} error=${error} onRetry=${ask} /></main>`;
  if (!now) return html`<main class="alone"><${Loading} /></main>`;
  if (now.replaced) return html`<${Replaced} by=${now.replaced} />`;
  if (now.signed_in) return html`<${Inside} key=${`${now.user} ${now.role}`} />`;
  const screen = now.setup_needed ? setup : signIn;
  return html`<${Guard} key=${screen.path}><${Lazy} screen=${screen} params=${{}} query=${route.query} /><//>`;
}

startSound();
const place = document.getElementById('app');
place.replaceChildren();
render(html`<${App} />`, place);
