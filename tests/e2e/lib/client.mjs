// The API as a program uses it, for what a story needs besides the page, and for what no page would ask.
import http from 'node:http';

export class Client {
  constructor(base) {
    this.base = base;
    this.cookie = '';
    this.csrf = '';
  }

  /** {status, headers, text, json}; a cookie and a token that the gateway gave go along. */
  ask(method, path, body, headers = {}) {
    const payload = body === undefined ? undefined : typeof body === 'string' ? body : JSON.stringify(body);
    const all = { Accept: 'application/json', ...(this.cookie && { Cookie: this.cookie }), ...headers };
    if (method !== 'GET' && this.csrf && !('X-CSRF-Token' in headers)) all['X-CSRF-Token'] = this.csrf;
    if (payload !== undefined) {
      all['Content-Type'] ??= 'application/json';
      all['Content-Length'] = Buffer.byteLength(payload);
    }
    return new Promise((done, failed) => {
      const request = http.request(this.base + path, { method, headers: all, agent: false, timeout: 20000 }, (answer) => {
        const parts = [];
        answer.on('data', (part) => parts.push(part));
        answer.on('end', () => {
          const text = Buffer.concat(parts).toString('utf8');
          let json = null;
          try {
            json = JSON.parse(text);
          } catch { /* not every answer is JSON */ }
          const given = answer.headers['set-cookie']?.[0];
          if (given) this.cookie = given.split(';')[0];
          if (json?.csrf) this.csrf = json.csrf;
          done({ status: answer.statusCode, headers: answer.headers, text, json });
        });
      });
      request.on('error', failed);
      request.on('timeout', () => request.destroy(new Error(`${method} ${path}: no answer`)));
      request.end(payload);
    });
  }

  /** The JSON of what must succeed. */
  async must(method, path, body) {
    const answer = await this.ask(method, path, body);
    if (answer.status >= 300) throw new Error(`${method} ${path}: ${answer.status} ${answer.text}`);
    return answer.json;
  }

  get(path) { return this.must('GET', path); }
  post(path, body = {}) { return this.must('POST', path, body); }
  signIn(user, password) { return this.post('/api/v1/session', { user, password }); }
}
