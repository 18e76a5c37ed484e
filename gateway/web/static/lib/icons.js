// Small drawings. Those of levels differ in shape, so that colour is never the only sign.
import { html } from './html.js';

const shapes = {
  normal: html`<circle cx="8" cy="8" r="6.5" fill="none"/><path d="M5 8.2l2.2 2.2L11 6" fill="none"/>`,
  none: html`<circle cx="8" cy="8" r="6.5" fill="none"/><path d="M5 8.2l2.2 2.2L11 6" fill="none"/>`,
  latched: html`<path d="M4 7.5h8v6H4zM5.5 7.5V5a2.5 2.5 0 0 1 5 0v2.5M8 9.8v1.6" fill="none"/>`,
  notice: html`<circle cx="8" cy="8" r="6.5" fill="none"/><path d="M8 7.2v4M8 4.6v.8" fill="none"/>`,
  warning: html`<path d="M8 1.8L15 14H1z" fill="none"/><path d="M8 6.4v3.6M8 11.6v.6" fill="none"/>`,
  exceed: html`<path class="solid" d="M8 .8L15.2 8 8 15.2.8 8z"/><path class="hole" d="M8 4.2v4.6M8 10.6v1"/>`,
  danger: html`<path class="solid" d="M5 .8h6L15.2 5v6L11 15.2H5L.8 11V5z"/><path class="hole" d="M5.2 5.2l5.6 5.6M10.8 5.2l-5.6 5.6"/>`,
  unknown: html`<circle cx="8" cy="8" r="6.5" fill="none" stroke-dasharray="2.5 2"/><path d="M6 6.2a2 2 0 1 1 2.6 2c-.5.2-.6.5-.6 1M8 11.2v.6" fill="none"/>`,
  partial: html`<circle cx="8" cy="8" r="6.5" fill="none" stroke-dasharray="2.5 2"/><path d="M4.5 8h7" fill="none"/>`,
};

const signs = {
  overview: html`<path d="M2 2h5v5H2zM9 2h5v5H9zM2 9h5v5H2zM9 9h5v5H9z" fill="none"/>`,
  alarms: html`<path d="M3 11.5h10c-1-1-1.2-2-1.2-4.3A3.8 3.8 0 0 0 8 3.3a3.8 3.8 0 0 0-3.8 3.9c0 2.3-.2 3.3-1.2 4.3zM6.5 13.5h3M8 3.3V2" fill="none"/>`,
  exposures: html`<path d="M2 13.5h12M3.5 13V8M7 13V4M10.5 13V9.5M13 13V6.5" fill="none"/>`,
  noise: html`<path d="M2 6h3l3.5-3v10L5 10H2zM11 5.5c1.5 1.4 1.5 3.6 0 5M13 3.5c2.7 2.5 2.7 6.5 0 9" fill="none"/>`,
  voc: html`<path d="M6 2h4M6.8 2v4L3 13a.8.8 0 0 0 .7 1h8.6a.8.8 0 0 0 .7-1L9.2 6V2M5 10h6" fill="none"/>`,
  devices: html`<path d="M3 3h10v6H3zM8 9v3M4 14h8M5.5 6h1M8.5 6h2" fill="none"/>`,
  ledger: html`<path d="M4 2h8v12H4zM6 5h4M6 8h4M6 11h2" fill="none"/>`,
  assessments: html`<path d="M6 1.8h4M6.6 1.8v4.4M9.4 1.8v4.4M6.6 6.2L3.2 12.6a1 1 0 0 0 .9 1.6h7.8a1 1 0 0 0 .9-1.6L9.4 6.2M6 10.6l1.4 1.4 2.8-3" fill="none"/>`,
  statistics: html`<path d="M2 13.5h12M2 12.5c3 0 3-9 6-9s3 9 6 9M8 3.5v10" fill="none"/>`,
  duties: html`<path d="M2.5 3.5h11v10.5h-11zM2.5 6.5h11M5.5 2v3M10.5 2v3M5.5 10l1.8 1.8L10.8 8.4" fill="none"/>`,
  reports: html`<path d="M3.5 1.8h6l3 3v9.4h-9zM9.5 1.8v3h3M6 12v-2.5M8 12V7.5M10 12v-1.5" fill="none"/>`,
  users: html`<circle cx="8" cy="5.5" r="2.7" fill="none"/><path d="M2.8 14c.4-3 2.4-4.3 5.2-4.3s4.8 1.3 5.2 4.3" fill="none"/>`,
  config: html`<path d="M2 4h7M12 4h2M2 8h2M7 8h7M2 12h6M11 12h3" fill="none"/><circle cx="10.5" cy="4" r="1.5" fill="none"/><circle cx="5.5" cy="8" r="1.5" fill="none"/><circle cx="9.5" cy="12" r="1.5" fill="none"/>`,
  more: html`<path d="M3 4h10M3 8h10M3 12h10" fill="none"/>`,
  sun: html`<circle cx="8" cy="8" r="3" fill="none"/><path d="M8 1v2M8 13v2M1 8h2M13 8h2M3 3l1.4 1.4M11.6 11.6L13 13M3 13l1.4-1.4M11.6 4.4L13 3" fill="none"/>`,
  moon: html`<path d="M13.5 9.5A6 6 0 0 1 6.5 2.5a6 6 0 1 0 7 7z" fill="none"/>`,
  auto: html`<circle cx="8" cy="8" r="6" fill="none"/><path class="solid" d="M8 2a6 6 0 0 1 0 12z"/>`,
  sound: html`<path d="M2 6h3l3.5-3v10L5 10H2zM11 5.5c1.5 1.4 1.5 3.6 0 5" fill="none"/>`,
  mute: html`<path d="M2 6h3l3.5-3v10L5 10H2zM11 6l4 4M15 6l-4 4" fill="none"/>`,
  right: html`<path d="M6 3l5 5-5 5" fill="none"/>`,
  plus: html`<path d="M8 3v10M3 8h10" fill="none"/>`,
  left: html`<path d="M10 3L5 8l5 5" fill="none"/>`,
  close: html`<path d="M3.5 3.5l9 9M12.5 3.5l-9 9" fill="none"/>`,
  dash: html`<path d="M4 8h8" fill="none"/>`,
  open: html`<circle cx="8" cy="8" r="2" fill="none"/>`,
  check: html`<path d="M3 8.5l3.5 3.5L13 4.5" fill="none"/>`,
  user: html`<circle cx="8" cy="5.5" r="2.7" fill="none"/><path d="M2.8 14c.4-3 2.4-4.3 5.2-4.3s4.8 1.3 5.2 4.3" fill="none"/>`,
};

/** Beside words, so it says nothing to a screen reader. */
export function Icon({ name, size = 16 }) {
  return html`<svg class="icon" width=${size} height=${size} viewBox="0 0 16 16" aria-hidden="true" focusable="false">
    ${shapes[name] ?? signs[name]}</svg>`;
}
