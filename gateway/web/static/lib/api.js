// Requests to the gateway. Every failure becomes an ApiError with words for the reader.
import { language, pick, t } from './i18n.js';
import { isSame, session } from './session.js';

export class ApiError extends Error {
  constructor(status, code, { zh = '', en = '', fields = [], retryAfter = null } = {}) {
    super(en || code);
    this.status = status;
    this.code = code;
    this.phrase = { zh, en };
    this.fields = fields;
    this.retryAfter = retryAfter;
  }

  /** In the reader's language. */
  get text() {
    if (this.code === 'network') return t('error.network');
    const text = pick(this.phrase) || t('error.other', { code: this.code || this.status });
    return this.retryAfter ? `${text} ${t('error.retry', { s: this.retryAfter })}` : text;
  }

  field(name) {
    const found = this.fields.find((f) => f.name === name);
    return found ? pick(found) : '';
  }
}

async function problem(response) {
  let body = {};
  try {
    body = await response.json();
  } catch { /* a proxy's page, or nothing */ }
  const retryAfter = body.retry_after_s ?? (Number(response.headers.get('Retry-After')) || null);
  return new ApiError(response.status, body.code ?? '', { ...body, retryAfter });
}

async function send(method, path, { body, type = 'application/json', accept = 'application/json' }, again) {
  const headers = { Accept: accept, 'Accept-Language': language.get() };
  if (body !== undefined) headers['Content-Type'] = type;
  const csrf = session.get()?.csrf;
  if (method !== 'GET' && csrf) headers['X-CSRF-Token'] = csrf;
  let response;
  try {
    response = await fetch(path, { method, headers, body, credentials: 'same-origin' });
  } catch {
    throw new ApiError(0, 'network');
  }
  if (response.ok) return response;
  const error = await problem(response);
  if (error.code === 'not_signed_in') session.set({ ...session.get(), signed_in: false, expired: true });
  if (error.code === 'csrf' && again && await isStillSignedIn()) return send(method, path, { body, type, accept }, false);
  throw error;
}

/**
 * The session anew, after another window of this browser has signed in: whether it still is the same person's. What was
 * asked for in one name is not done in another.
 */
async function isStillSignedIn() {
  const before = session.get();
  const now = await json('GET', '/api/v1/session');
  if (!now.signed_in) session.set({ ...now, expired: true });
  else if (isSame(before, now)) session.set(now);
  else session.set({ ...before, replaced: now });
  return now.signed_in && isSame(before, now);
}

async function json(method, path, body) {
  const response = await send(method, path, { body: body === undefined ? undefined : JSON.stringify(body) }, true);
  if (response.status === 204) return null;
  return response.json();
}

/** The name that the gateway gives a file. */
function nameOf(response) {
  const text = response.headers.get('Content-Disposition') ?? '';
  const coded = /filename\*=UTF-8''([^;]+)/i.exec(text)?.[1];
  try {
    if (coded) return decodeURIComponent(coded);
  } catch { /* the plain one, then */ }
  return /filename="([^"]*)"/i.exec(text)?.[1] || 'hazgate';
}

async function file(path) {
  const response = await send('GET', path, { accept: '*/*' }, true);
  try {
    return { blob: await response.blob(), name: nameOf(response) };
  } catch {
    throw new ApiError(0, 'network');
  }
}

export const api = {
  get: (path) => json('GET', path),
  post: (path, body = {}) => json('POST', path, body),
  put: (path, body = {}) => json('PUT', path, body),
  patch: (path, body = {}) => json('PATCH', path, body),
  del: (path) => json('DELETE', path),
  /** Bytes as they are, of a file that somebody chose; the answer is JSON. */
  upload: async (path, bytes, type = 'application/octet-stream') => (await send('POST', path, { body: bytes, type }, true)).json(),
  /** {blob, name} of a file that the gateway makes. */
  file,
};

/** A path with a query: what is null, undefined or '' is left out. */
export function query(path, values) {
  const parts = Object.entries(values ?? {})
    .filter(([, value]) => value !== null && value !== undefined && value !== '')
    .map(([name, value]) => `${encodeURIComponent(name)}=${encodeURIComponent(value)}`);
  return parts.length ? `${path}?${parts.join('&')}` : path;
}
