// A browser without JavaScript: it keeps cookies by host and path, follows redirects, submits forms, and applies the
// rules of browsers that can strand a user between two sites: Fetch Metadata, Origin and `form-action`.

import assert from 'node:assert/strict';
import { once } from 'node:events';
import { request } from 'node:http';

const MAX_REDIRECTS = 20;
const ENTITIES = { amp: '&', lt: '<', gt: '>', quot: '"', '#34': '"', '#39': "'", '#x27': "'" };

export class Browser {
  /** The URLs that were requested, oldest first. */
  visited = [];
  #cookies = [];

  /** Opens an address that the user enters. */
  open(url) {
    return this.#navigate(new URL(url), {});
  }

  /** Fills in a page's form for POST, whose action contains `action`, and submits it. */
  submit(page, fields, action = '') {
    const form = page.forms.find((form) => form.action.includes(action));
    assert.ok(form, `no form for ${action || 'POST'} on ${page.url}:\n${page.text}`);
    const body = new URLSearchParams({ ...form.hidden, ...fields }).toString();
    return this.#navigate(new URL(form.action, page.url), { body, page });
  }

  /** The page at the end of the redirects. */
  async #navigate(start, { body, page }) {
    const urls = [start];
    for (;;) {
      const url = urls.at(-1);
      assert.ok(urls.length <= MAX_REDIRECTS, `too many redirects: ${urls.join(' ')}`);
      // Chromium applies the directive to every redirect of a form's response.
      if (body !== undefined) assert.ok(page.allowsFormsTo(url), `form-action of ${page.url} forbids ${url.origin}`);
      const isPost = body !== undefined && urls.length === 1;
      const response = await this.#send(url, isPost ? body : undefined, { page, urls });
      const { location } = response.headers;
      if (!location) {
        const text = (await response.setEncoding('utf8').toArray()).join('');
        return new Page(url, response.statusCode, text, response.headers['content-security-policy']);
      }
      response.resume();
      urls.push(new URL(location, url));
    }
  }

  async #send(url, body, { page, urls }) {
    this.visited.push(url);
    const headers = {
      accept: 'text/html',
      cookie: this.#cookiesOf(url),
      'sec-fetch-dest': 'document',
      'sec-fetch-mode': 'navigate',
      'sec-fetch-site': fetchSite(page?.url, urls),
    };
    if (body !== undefined) {
      headers['content-type'] = 'application/x-www-form-urlencoded';
      headers['content-length'] = Buffer.byteLength(body);
      headers.origin = page.url.origin;
    }
    const method = body === undefined ? 'GET' : 'POST';
    const [response] = await once(request(url, { method, headers }).end(body), 'response');
    for (const cookie of response.headers['set-cookie'] ?? []) this.#keep(cookie, url);
    return response;
  }

  #cookiesOf({ hostname, pathname }) {
    const sent = this.#cookies.filter(({ host, path }) => host === hostname && isBelow(pathname, path));
    return sent.map(({ name, value }) => `${name}=${value}`).join('; ');
  }

  #keep(cookie, { hostname: host }) {
    const [, name, value] = /^([^=]+)=([^;]*)/.exec(cookie);
    const path = /; *path=([^;]*)/i.exec(cookie)?.[1] ?? '/';
    const maxAge = /; *max-age=(-?\d+)/i.exec(cookie)?.[1];
    const expires = /; *expires=([^;]*)/i.exec(cookie)?.[1];
    const hasEnded = maxAge !== undefined ? Number(maxAge) <= 0 : Date.parse(expires) <= Date.now();
    const isSame = (other) => other.host === host && other.path === path && other.name === name;
    this.#cookies = this.#cookies.filter((other) => !isSame(other));
    if (!hasEnded) this.#cookies.push({ host, path, name, value });
  }
}

class Page {
  constructor(url, status, text, policy) {
    Object.assign(this, { url, status, text });
    const directive = policy?.split(';').find((directive) => directive.trim().startsWith('form-action '));
    this.formAction = directive?.trim().split(/ +/).slice(1);
  }

  /** Its forms for POST, with the values of their hidden fields. */
  get forms() {
    const forms = [...this.text.matchAll(/<form\b([^>]*)>([\s\S]*?)<\/form>/g)];
    return forms
      .filter(([, attributes]) => attribute(attributes, 'method') === 'post')
      .map(([, attributes, content]) => {
        const inputs = [...content.matchAll(/<input\b([^>]*)>/g)].map(([, attributes]) => attributes);
        const hidden = inputs.filter((input) => attribute(input, 'type') === 'hidden');
        const fields = hidden.map((input) => [attribute(input, 'name'), attribute(input, 'value')]);
        return { action: attribute(attributes, 'action') ?? this.url.href, hidden: Object.fromEntries(fields) };
      });
  }

  /** Whether the page's Content-Security-Policy lets a form lead to this URL. */
  allowsFormsTo({ origin }) {
    if (!this.formAction) return true;
    const origins = this.formAction.map((source) => (source === "'self'" ? this.url.origin : source));
    return origins.some((source) => URL.canParse(source) && new URL(source).origin === origin);
  }
}

function attribute(attributes, name) {
  const value = new RegExp(`\\s${name}="([^"]*)"`).exec(attributes)?.[1];
  return value?.replace(/&(#?\w+);/g, (entity, name) => ENTITIES[name] ?? entity);
}

/** `Sec-Fetch-Site`: how far the URLs of a navigation are from the page that began it. */
function fetchSite(from, urls) {
  if (!from) return 'none';
  if (urls.every(({ origin }) => origin === from.origin)) return 'same-origin';
  return urls.every(({ hostname }) => hostname === from.hostname) ? 'same-site' : 'cross-site';
}

/** RFC 6265 §5.1.4. */
function isBelow(pathname, path) {
  return pathname === path || pathname.startsWith(path.endsWith('/') ? path : `${path}/`);
}
