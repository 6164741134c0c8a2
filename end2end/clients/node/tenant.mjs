// Runs `kinde-leptos dev-issuer` on a free port for a test file, and signs the tenant's people in as a browser would.
// The clients under test build the requests, read the callbacks and verify the tokens.

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { createRemoteJWKSet, jwtVerify } from 'jose';

// No server listens there: the tests pass these URLs to the client instead of opening them.
export const CALLBACK = 'http://localhost/api/auth/callback';
export const SIGNED_OUT = 'http://localhost/signed-out?from=kinde';
// In the order in which the tenant lists them.
export const ADAS_PERMISSIONS = ['create:items', 'read:items', 'update:items', 'read:members', 'org:write:members'];

const program = resolve(import.meta.dirname, process.env.KINDE_LEPTOS_PROGRAM ?? '../../../target/debug/kinde-leptos');

export class Tenant {
  static async start() {
    const tenant = new Tenant();
    tenant.clientId = randomBytes(16).toString('hex');
    tenant.clientSecret = randomBytes(24).toString('hex');
    const options = {
      port: 0,
      'client-id': tenant.clientId,
      'client-secret': tenant.clientSecret,
      'callback-url': CALLBACK,
      'logout-url': SIGNED_OUT,
    };
    const parameters = Object.entries(options).flatMap(([name, value]) => [`--${name}`, String(value)]);
    tenant.process = spawn(program, ['dev-issuer', ...parameters], { stdio: ['ignore', 'pipe', 'inherit'] });
    tenant.ended = once(tenant.process, 'exit');
    for await (const line of createInterface({ input: tenant.process.stdout })) {
      if (line.startsWith('KINDE_ISSUER_URL=')) {
        tenant.issuer = line.slice(line.indexOf('=') + 1);
        break;
      }
    }
    assert.ok(tenant.issuer, `${program} printed no issuer`);
    tenant.keys = createRemoteJWKSet(new URL(`${tenant.issuer}/.well-known/jwks`), { cooldownDuration: 0 });
    return tenant;
  }

  async stop() {
    this.process.kill();
    await this.ended;
  }

  /** Sends a request to the switchboard. */
  async switchboard(method, path, body) {
    const response = await fetch(`${this.issuer}/dev/${path}`, {
      method,
      headers: { 'content-type': 'application/json' },
      body: body && JSON.stringify(body),
    });
    assert.ok(response.ok, `${method} /dev/${path}: ${response.status}`);
    const text = await response.text();
    return text ? JSON.parse(text) : undefined;
  }

  settings(changes) {
    return this.switchboard('PATCH', 'settings', changes);
  }

  /** Switches a fault on for one use. */
  fault(name) {
    return this.switchboard('POST', 'faults', { fault: name, times: 1 });
  }

  /** The requests that the tenant received at a path, oldest first. */
  async requests(path) {
    const log = await this.switchboard('GET', 'log');
    return log.filter((request) => request.path === path);
  }

  /** Clears log and faults and restores the settings. */
  async reset() {
    await this.switchboard('DELETE', 'log');
    await this.switchboard('DELETE', 'faults');
    await this.settings(this.defaults ??= await this.switchboard('GET', 'settings'));
  }

  /** Verifies a token that the client does not verify itself, and returns its claims. */
  async verify(token, options) {
    const { payload } = await jwtVerify(token, this.keys, { issuer: this.issuer, algorithms: ['RS256'], ...options });
    return payload;
  }
}

/** A browser without JavaScript: it keeps the tenant's cookies and returns redirects instead of following them. */
export class Browser {
  #cookies = new Map();

  async open(url, form) {
    const response = await fetch(url, {
      method: form ? 'POST' : 'GET',
      body: form && new URLSearchParams(form),
      redirect: 'manual',
      headers: { cookie: [...this.#cookies].map((pair) => pair.join('=')).join('; ') },
    });
    for (const cookie of response.headers.getSetCookie()) {
      const [, name, value] = /^([^=]+)=([^;]*)/.exec(cookie);
      this.#cookies.set(name, value);
    }
    return response;
  }

  /** Opens a URL that must respond with a redirect, and returns the redirect's URL. */
  async follow(url) {
    return redirectOf(await this.open(url));
  }

  /** Opens an authorization request, submits its sign-in page and returns the URL of the callback. */
  async decide(url, decision) {
    const page = await this.open(url);
    assert.equal(page.status, 200, 'the tenant showed no sign-in page');
    const transaction = page.headers.get('x-dev-transaction');
    return redirectOf(await this.open(new URL('/sign-in', url), { transaction, ...decision }));
  }

  signIn(url, person = 'ada') {
    return this.decide(url, { person });
  }
}

function redirectOf(response) {
  assert.ok([302, 303].includes(response.status), `status ${response.status} instead of a redirect`);
  return new URL(response.headers.get('location'));
}
