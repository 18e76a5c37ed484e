// The frame around every screen: where one is, whether the figures are live, and who one is.
import { Fragment, html, useEffect, useRef, useState } from './html.js';
import { ActionHost } from './actiondialog.js';
import { api } from './api.js';
import { age, clockText } from './format.js';
import { chooseLanguage, language, t } from './i18n.js';
import { isSilenced, openAlarms, useAlarms, useConnection } from './live.js';
import { useMedia } from './load.js';
import { useNow } from './now.js';
import { link, useRoute } from './router.js';
import { hasRole, liveRoles, session, useSession } from './session.js';
import { sound, toggleSound } from './sound.js';
import { useCell } from './store.js';
import { nextTheme, theme } from './theme.js';
import { Dialog, Icon, toast, Toasts } from './ui.js';

export function LanguageSwitch() {
  const other = language.get() === 'zh' ? 'en' : 'zh';
  return html`<button type="button" class="plain" lang=${other === 'zh' ? 'zh-CN' : 'en'}
    onClick=${() => chooseLanguage(other)}>${other === 'zh' ? '中文' : 'English'}</button>`;
}

export function ThemeSwitch() {
  const now = useCell(theme);
  const words = t(`theme.${now}`);
  return html`<button type="button" class="plain" title=${words} aria-label=${words} onClick=${nextTheme}>
    <${Icon} name=${{ auto: 'auto', light: 'sun', dark: 'moon' }[now]} /></button>`;
}

export function SoundSwitch({ withWords = false }) {
  const now = useCell(sound);
  const words = t(`sound.${now}`);
  return html`<button type="button" class=${withWords ? '' : 'plain'} title=${words} aria-pressed=${now === 'off' ? 'false' : 'true'}
      aria-label=${withWords ? undefined : words} onClick=${toggleSound}>
    <${Icon} name=${now === 'on' ? 'sound' : 'mute'} />${withWords && html` <span>${words}</span>`}</button>`;
}

/** In words beside the name; `data-live` on the page greys all figures by CSS. */
function Connection() {
  const { state } = useConnection();
  useEffect(() => {
    document.documentElement.dataset.live = state;
  }, [state]);
  const now = useNow();
  return html`<span class=${`connection ${state}`}><span class="dot" aria-hidden="true"></span>
    <span>${t(`live.${state}`)}</span>${state === 'live' && html` <time class="clock">${clockText(now)}</time>`}</span>`;
}

/** What is on the screen is old: said in words, and since when. */
function Stale() {
  const { state, since } = useConnection();
  const now = useNow();
  const shown = state === 'stale' || state === 'lost' || state === 'denied' || (state === 'connecting' && now - since > 3000);
  return html`<div role="alert">
    ${shown && html`<p class="outdated">${t(state === 'denied' ? 'live.denied_long' : 'live.stale_long', {
      since: clockText(since), age: age(Math.max(0, Date.now() - since)),
    })}</p>`}</div>`;
}

function UserMenu() {
  const { user, role } = useSession();
  const [open, setOpen] = useState(false);
  const ref = useRef(null);
  useEffect(() => {
    if (!open) return undefined;
    const outside = (event) => {
      if (!ref.current?.contains(event.target)) setOpen(false);
    };
    addEventListener('pointerdown', outside);
    addEventListener('focusin', outside);
    return () => {
      removeEventListener('pointerdown', outside);
      removeEventListener('focusin', outside);
    };
  }, [open]);
  const escape = (event) => {
    if (event.key !== 'Escape' || !open) return;
    setOpen(false);
    ref.current.querySelector('button').focus();
  };
  const signOut = async (everywhere) => {
    setOpen(false);
    try {
      await api.del(`/api/v1/session${everywhere ? '?everywhere=true' : ''}`);
      session.set({ ...session.get(), signed_in: false, expired: false, csrf: undefined });
    } catch (error) {
      toast(error.text);
    }
  };
  return html`<div class="menu" ref=${ref} onKeyDown=${escape}>
    <button type="button" class="plain" aria-expanded=${open ? 'true' : 'false'} aria-controls="user-menu" aria-label=${`${t('nav.user_menu')}: ${user}`}
      onClick=${() => setOpen(!open)}><${Icon} name="user" /> <span class="wide-only">${user}</span></button>
    <div id="user-menu" class="menu-panel" hidden=${!open}>
      <p><strong>${user}</strong><br /><span class="sub">${t(`role.${role}`)}</span></p>
      <a class="button" href=${link('/password')} onClick=${() => setOpen(false)}>${t('nav.password')}</a>
      <button type="button" onClick=${() => signOut(false)}>${t('nav.sign_out')}</button>
      <button type="button" onClick=${() => signOut(true)}>${t('nav.sign_out_everywhere')}</button>
    </div>
  </div>`;
}

const waiting = () => openAlarms().filter((a) => !a.acknowledged && !isSilenced(a)).length;

function Count() {
  useAlarms();
  const n = waiting();
  return n > 0 && html`<span class="count">${n > 99 ? '99+' : n}<span class="sr"> ${t('nav.unacknowledged')}</span></span>`;
}

function NavLink({ screen, current, onClick }) {
  const path = useRoute().path;
  const here = current?.path === screen.path || path.startsWith(`${screen.path}/`);
  return html`<a href=${link(screen.path)} aria-current=${here ? 'page' : undefined} onClick=${onClick}>
    <${Icon} name=${screen.icon} size=${18} /><span>${t(screen.title)}</span>
    ${screen.path === '/alarms' && html`<${Count} />`}</a>`;
}

/** The links one after the other, under the headings of their groups where there is room for them. */
const NavLinks = ({ screens, current, onClick, headings }) => screens.map((s, i) => html`<${Fragment} key=${s.path}>
  ${headings && i > 0 && s.group && s.group !== screens[i - 1].group && html`<p class="nav-group">${t(s.group)}</p>`}
  <${NavLink} screen=${s} current=${current} onClick=${onClick} /><//>`);

/** At the side; at the bottom on a phone, where what has no room stands behind "more". */
function Navigation({ screens, current }) {
  const narrow = useMedia('(max-width: 760px)');
  const [more, setMore] = useState(false);
  const all = screens.filter((s) => s.icon && hasRole(s.roles));
  const fits = !narrow || all.length <= 5 ? all : all.slice(0, 4);
  const rest = all.slice(fits.length);
  return html`<nav class="navigation" aria-label=${t('nav.main')}>
    <${NavLinks} screens=${fits} current=${current} headings=${!narrow} />
    ${rest.length > 0 && html`<button type="button" aria-haspopup="dialog" onClick=${() => setMore(true)}>
      <${Icon} name="more" size=${18} /><span>${t('nav.more')}</span></button>`}
    ${more && html`<${Dialog} title=${t('nav.more')} onClose=${() => setMore(false)}>
      <div class="more"><${NavLinks} screens=${rest} current=${current} headings onClick=${() => setMore(false)} /></div><//>`}
  </nav>`;
}

export function Frame({ screens, current, children }) {
  const now = session.get();
  const live = liveRoles.includes(now.role);
  const skip = (event) => {
    event.preventDefault();
    document.getElementById('main').focus();
  };
  return html`<div class="frame">
    <a class="skip" href="#main" onClick=${skip}>${t('nav.skip')}</a>
    <header class="header">
      <span class="brand"><strong>${now.site}</strong> <span class="gateway">${now.gateway}</span></span>
      ${live && html`<${Connection} />`}
      <span class="spring"></span>
      ${live && html`<${SoundSwitch} />`}
      <${ThemeSwitch} /><${LanguageSwitch} /><${UserMenu} />
    </header>
    <${Navigation} screens=${screens} current=${current} />
    <div class="content">
      ${live && html`<${Stale} />`}
      <main id="main" tabindex="-1">${children}</main>
    </div>
    <${ActionHost} />
    <${Toasts} />
  </div>`;
}

/** What stands before one is signed in. */
export function Alone({ title, children }) {
  useEffect(() => {
    document.title = `${title} · hazgate`;
  }, [title]);
  const now = useSession();
  return html`<div class="alone">
    <div class="alone-bar"><${ThemeSwitch} /><${LanguageSwitch} /></div>
    <main class="card">
      <p class="product">hazgate <span>${t('product')}</span></p>
      <h1>${title}</h1>
      ${children}
    </main>
    <footer class="sub">${now.site} · ${now.gateway} · ${now.version}</footer>
  </div>`;
}
