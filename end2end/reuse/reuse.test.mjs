// Signs in at the other project, at the emulated tenant, and out again, lets it call other APIs, and deletes a user.
// `.ci/reuse` builds both programs.

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer as createHttpServer, request } from 'node:http';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { after, before, test } from 'node:test';

const { KINDE_LEPTOS_PROGRAM, REUSE } = process.env;
const folder = mkdtempSync(join(tmpdir(), 'reuse-'));
const client = { id: 'notes', secret: 'only-for-this-test-on-this-machine' };
const processes = [];
/** The API of news, which keeps the Authorization headers that it receives, and its client. */
const news = { authorizations: [] };
let site;
let issuer;

/** Starts a program, and returns the group of the first line that matches. */
async function start(program, args, env, line) {
  const child = spawn(program, args, { cwd: folder, env, stdio: ['ignore', 'pipe', 'inherit'] });
  processes.push(child);
  for await (const text of createInterface({ input: child.stdout })) {
    const match = line.exec(text);
    if (match) return match[1];
  }
  throw new Error(`${program} ended before it was ready`);
}

async function freePort() {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address();
  server.close();
  await once(server, 'close');
  return port;
}

before(async () => {
  site = `http://localhost:${await freePort()}`;
  const urls = ['--callback-url', `${site}/auth/callback`, '--logout-url', `${site}/auth/logout`, '--webhook-url', `${site}/auth/webhooks`];
  const options = ['dev-issuer', '--port', '0', '--client-id', client.id, '--client-secret', client.secret, ...urls];
  issuer = await start(KINDE_LEPTOS_PROGRAM, options, {}, /^KINDE_ISSUER_URL=(.*)$/);
  const api = `${issuer}/oauth2/v2/user_profile`;
  const settings = { NOTES_URL: site, NOTES_STORE: `sqlite://${join(folder, 'sessions.db')}`, ISSUER: issuer, NOTES_API: api };
  const secrets = { NOTES_CLIENT_ID: client.id, NOTES_CLIENT_SECRET: client.secret };
  await startNews();
  const machine = { NEWS_API: news.url, NEWS_CLIENT_ID: news.client_id, NEWS_CLIENT_SECRET: news.client_secret };
  await start(REUSE, [], { ...settings, ...secrets, ...machine }, /^notes at (.*)$/);
  await change({ auto_sign_in: 'ada' });
});

/** Starts the API of news, and registers the machine at the tenant that may call it. */
async function startNews() {
  news.server = createHttpServer(({ url, headers }, response) => {
    news.authorizations.push(headers.authorization);
    response.writeHead(url === '/news' ? 200 : 404).end('No news');
  }).listen(0, '127.0.0.1');
  await once(news.server, 'listening');
  news.url = `http://127.0.0.1:${news.server.address().port}`;
  const registered = await control('POST', 'clients', { audience: [news.url], scopes: ['read:news', 'write:news'] });
  Object.assign(news, await registered.json());
}

/** Operates the switchboard of the tenant. */
async function control(method, path, body) {
  const headers = { 'content-type': 'application/json' };
  const response = await fetch(`${issuer}/dev/${path}`, { method, headers, body: JSON.stringify(body) });
  assert.ok(response.ok, `${path}: ${response.status}`);
  return response;
}

/** Changes settings of the tenant. */
function change(settings) {
  return control('PATCH', 'settings', settings);
}

/** How many token requests the tenant received that match. */
async function tokenRequests(matches) {
  const log = await (await fetch(`${issuer}/dev/log`)).json();
  return log.filter((entry) => entry.path === '/oauth2/token' && matches(entry.form)).length;
}

/** How many refreshes the tenant was asked for. */
function refreshes() {
  return tokenRequests((form) => form.grant_type === 'refresh_token');
}

after(() => {
  news.server?.close();
  for (const child of processes) child.kill('SIGKILL');
  rmSync(folder, { recursive: true, force: true });
});

/** A browser that follows redirects and keeps the cookies of `localhost` apart from those of the tenant. */
class Browser {
  cookies = new Map();
  visited = [];

  async open(url, method = 'GET') {
    const { host, pathname } = new URL(url);
    this.visited.push(pathname);
    const jar = this.cookies.get(host) ?? new Map();
    this.cookies.set(host, jar);
    const headers = { cookie: [...jar].map((pair) => pair.join('=')).join('; '), 'content-length': 0 };
    const sent = request(url, { method, headers }).end();
    const [response] = await once(sent, 'response');
    for (const cookie of response.headers['set-cookie'] ?? []) {
      const [, name, value] = /^([^=]+)=([^;]*)/.exec(cookie);
      if (/max-age=0/i.test(cookie)) jar.delete(name);
      else jar.set(name, value);
    }
    const { location } = response.headers;
    if (location) {
      response.resume();
      return this.open(new URL(location, url).href);
    }
    return { status: response.statusCode, text: (await response.setEncoding('utf8').toArray()).join('') };
  }
}

test('a user signs in at the paths of the project, with its cookie, and out again', async () => {
  const browser = new Browser();
  const page = await browser.open(`${site}/notes`);
  assert.deepEqual(page, { status: 200, text: 'The notes of Ada Lovelace' });
  assert.deepEqual(browser.visited.filter((path) => path.startsWith('/auth/')), ['/auth/login', '/auth/callback']);
  assert.equal(browser.visited.at(-1), '/notes');
  const jar = browser.cookies.get(new URL(site).host);
  assert.ok(jar.has('notes_session') && ![...jar.keys()].some((name) => name.startsWith('kinde')), [...jar.keys()].join());

  const end = await browser.open(`${site}/auth/logout`, 'POST');
  assert.equal(end.status, 200);
  assert.equal(browser.visited.at(-1), '/');
  assert.ok(!jar.has('notes_session'));
});

test('another API is called with an access token that is refreshed before it is of no use', async () => {
  await change({ access_token_lifetime: 2 });
  const browser = new Browser();
  await browser.open(`${site}/notes`);
  const end = Date.now() + 20_000;
  do {
    const profile = await browser.open(`${site}/profile`);
    assert.equal(profile.status, 200, profile.text);
    assert.equal(JSON.parse(profile.text).given_name, 'Ada');
  } while (!(await refreshes()) && Date.now() < end);
  assert.ok((await refreshes()) > 0, 'nothing was refreshed');
});

test('another API is called as a machine, with one token until it ends', async () => {
  const visit = async () => {
    const response = await fetch(`${site}/news`);
    assert.deepEqual([response.status, await response.text()], [200, 'No news']);
  };
  const asked = () => tokenRequests((form) => form.client_id === news.client_id);
  await control('POST', 'faults', { fault: 'token_expires_in_zero', times: 1 });
  await visit();
  assert.equal(await asked(), 1);
  // That token has ended, so these three need one more. The second arrives while the first waits for it.
  await change({ slow_seconds: 1 });
  await control('POST', 'faults', { fault: 'token_slow', times: 1 });
  await Promise.all([visit(), visit()]);
  await visit();
  assert.equal(await asked(), 2);

  assert.equal(news.authorizations.length, 4);
  assert.equal(new Set(news.authorizations).size, 2);
  for (const authorization of news.authorizations) {
    const [, payload] = /^Bearer [^.]+\.([^.]+)\.[^.]+$/.exec(authorization);
    const { gty, aud, azp, scp, sub } = JSON.parse(Buffer.from(payload, 'base64url'));
    assert.deepEqual([gty, aud, azp, scp], [['client_credentials'], [news.url], news.client_id, ['read:news']]);
    assert.equal(sub, undefined);
  }
});

test('the routes of the default paths do not exist', async () => {
  for (const path of ['/api/auth/login', '/signed-out']) {
    assert.equal((await new Browser().open(`${site}${path}`)).status, 404);
  }
});

test('a user whom the tenant deletes is signed out and forgotten', async () => {
  await change({ auto_sign_in: 'grace', access_token_lifetime: 86_400 });
  const browser = new Browser();
  assert.equal((await browser.open(`${site}/notes`)).text, 'The notes of Grace');
  const before = Number((await browser.open(`${site}/visits`)).text);
  await change({ auto_sign_in: null });
  await control('DELETE', 'people/grace');
  const end = Date.now() + 20_000;
  for (;;) {
    const [delivery] = await (await fetch(`${issuer}/dev/deliveries`)).json();
    if (delivery?.status === 200) break;
    assert.ok(Date.now() < end, `not delivered: ${JSON.stringify(delivery)}`);
  }
  assert.equal(Number((await browser.open(`${site}/visits`)).text), before - 1);
  await browser.open(`${site}/notes`);
  assert.ok(browser.visited.includes('/auth/login'), 'the session has ended');
});
