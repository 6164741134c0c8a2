// Follows the documentation page `any_language`: installs the command, and signs a person in to the page's apps with Kinde's
// SDKs for Next.js, Express and Flask, and as its workflow does. Only addresses and the source of the command are replaced.

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { cp, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join, resolve } from 'node:path';
import { after, afterEach, before, beforeEach, describe, it } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { Browser } from './tenant.mjs';

const repository = resolve(import.meta.dirname, '../../..');
const page = join(repository, 'src/any_language');
const projects = join(repository, 'end2end/clients/any_language');
const PATIENCE = 120_000;

describe('the page on any language', { timeout: 10 * PATIENCE }, () => {
  let root, folder, path, ports, running;

  before(async () => {
    root = await mkdtemp(join(tmpdir(), 'kinde-leptos-'));
    path = [join(root, 'bin'), process.env.PATH].join(delimiter);
    const [install] = (await steps()).filter((step) => step.startsWith('cargo install'));
    const here = install.replace(/--git \S+ kinde-leptos$/, `--path ${repository}`);
    assert.notEqual(here, install);
    await succeeds(here, repository);
  });
  after(() => rm(root, { recursive: true }));

  beforeEach(async () => {
    running = [];
    ports = { 3000: await freePort(), 8001: await freePort() };
    folder = await mkdtemp(join(root, 'project-'));
  });
  afterEach(async () => {
    for (const shell of running) {
      // All that the shell started has its group, and it may have ended.
      try { process.kill(-shell.pid); } catch (error) { assert.equal(error.code, 'ESRCH'); }
    }
    await Promise.all(running.filter((shell) => shell.exitCode === null && !shell.signalCode).map((shell) => once(shell, 'exit')));
  });

  /** A file of the page, with other ports. */
  async function shown(file) {
    const text = await readFile(join(page, file), 'utf8');
    return Object.entries(ports).reduce((text, [named, free]) => text.replaceAll(named, free), text);
  }

  /** Puts files of the page into the project: `{ 'where/it/goes': 'of/the/page' }`. */
  async function put(files) {
    for (const [name, file] of Object.entries(files)) {
      await mkdir(dirname(join(folder, name)), { recursive: true });
      await writeFile(join(folder, name), await shown(file));
    }
  }

  /** Starts commands of the page, which go on until the end of the test. */
  function start(commands, more) {
    const environment = { CARGO_INSTALL_ROOT: root, CARGO_TARGET_DIR: process.env.CARGO_TARGET_DIR ?? join(repository, 'target') };
    const env = { ...process.env, ...environment, PATH: path, NEXT_TELEMETRY_DISABLED: '1', npm_config_prefer_offline: 'true', ...more };
    const shell = spawn('bash', ['-e', '-c', commands], { cwd: folder, env, detached: true, stdio: ['ignore', 'pipe', 'pipe'] });
    shell.printed = '';
    for (const pipe of [shell.stdout, shell.stderr]) pipe.on('data', (data) => { shell.printed += data; });
    running?.push(shell);
    return shell;
  }

  async function succeeds(commands, cwd) {
    folder = cwd ?? folder;
    const shell = start(commands);
    const [code] = await once(shell, 'exit');
    assert.equal(code, 0, `${commands}\n${shell.printed}`);
  }

  /** Starts the tenant, then the app, and signs Ada in by the app's link. Returns the page at the end. */
  async function signIn(name, login, environment) {
    const tenant = start(await shown(`${name}/tenant.sh`));
    const settings = (await shown(`${name}/tenant.sh`)).match(/--env-file (\S+)/)[1];
    await until(tenant, () => readFile(join(folder, settings)));
    const app = start(await shown(`${name}/start.sh`), environment);
    const site = `http://localhost:${ports[3000]}`;
    await until(app, () => fetch(site));
    const browser = await visit(`${site}${login}`, new Browser());
    return { browser, site, text: await (await browser.open(site)).text() };
  }

  it('signs in with kinde-auth-nextjs', async () => {
    folder = join(projects, 'nextjs');
    for (const made of ['app', '.env', '.env.local', '.next']) await rm(join(folder, made), { recursive: true, force: true });
    await put({ '.env': 'nextjs/app.env', 'app/api/auth/[kindeAuth]/route.js': 'nextjs/route.js', 'app/page.js': 'nextjs/page.js' });
    const layout = 'export default ({ children }) => <html lang="en"><body>{children}</body></html>;\n';
    await writeFile(join(folder, 'app/layout.js'), layout);
    const { text } = await signIn('nextjs', '/api/auth/login');
    assert.match(text, /Hello, (<!-- -->)?Ada/);
  });

  it('signs in with kinde-node-express', async () => {
    folder = join(projects, 'express');
    await rm(join(folder, 'tenant.env'), { force: true });
    await put({ 'server.mjs': 'express/server.mjs' });
    const { browser, site } = await signIn('express', '/login');
    const user = await (await browser.open(`${site}/profile`)).json();
    assert.equal(user.email, 'ada@example.com');
    for (const [fault, end] of [['cb_wrong_state', '/refused'], ['access_tampered', '/refused'], ['id_tampered', '/refused'], ['id_wrong_aud', '/']]) {
      const body = JSON.stringify({ fault, times: 1 });
      const headers = { 'content-type': 'application/json' };
      await fetch(`http://127.0.0.1:${ports[8001]}/dev/faults`, { method: 'POST', headers, body });
      const other = await visit(`${site}/login`, new Browser());
      assert.equal(other.address.pathname, end, `${fault}: the page says otherwise`);
      // Whether it has kept the access token by then is not certain.
      if (fault === 'id_tampered') continue;
      const { status } = await other.open(`${site}/profile`);
      assert.equal(status, end === '/' ? 200 : 302, `${fault}: the page says otherwise`);
    }
  });

  it('signs in with kinde-python-sdk and Flask', async () => {
    await put({ 'app.py': 'python/app.py' });
    const bin = join(process.env.PYTHON_WITH_FLASK, 'bin');
    const { text } = await signIn('python', '/login', { PATH: [bin, path].join(delimiter) });
    assert.equal(text, 'Hello, Ada');
  });

  it('signs in by the steps of the workflow', async () => {
    for (const file of ['package.json', 'package-lock.json', '.npmrc']) await cp(join(projects, 'express', file), join(folder, file));
    await put({ 'server.mjs': 'express/server.mjs' });
    const commands = (await steps()).filter((step) => !step.startsWith('cargo install'));
    assert.equal(commands.length, 4);
    for (const step of commands) await succeeds(step);
  });

  /** The commands of the workflow's steps. */
  async function steps() {
    const yaml = ports ? await shown('workflow.yaml') : await readFile(join(page, 'workflow.yaml'), 'utf8');
    const found = yaml.matchAll(/^ +(?:- )?run: (?:\|\n((?: {10}.*\n)+)|(.*)\n)/gm);
    return [...found].map(([, lines, line]) => line ?? lines.replaceAll(/^ {10}/gm, ''));
  }
});

/** Follows the redirects from a URL, and chooses Ada on the tenant's page. Returns the browser, with the `address` of the end. */
async function visit(url, browser) {
  for (let hops = 0; hops < 10; hops += 1) {
    const response = await browser.open(url);
    const transaction = response.headers.get('x-dev-transaction');
    const next = transaction ? await browser.open(new URL('/sign-in', url), { transaction, person: 'ada' }) : response;
    if (!next.headers.has('location')) return Object.assign(browser, { address: new URL(url) });
    url = new URL(next.headers.get('location'), url);
  }
  return assert.fail(`the redirects do not end at ${url}`);
}

/** Waits until something succeeds, while the shell runs. */
async function until(shell, attempt) {
  for (const begun = Date.now(); Date.now() - begun < PATIENCE; await pause(100)) {
    assert.ok(shell.exitCode === null, shell.printed);
    try { return await attempt(); } catch { /* Not yet. */ }
  }
  assert.fail(`it took too long\n${shell.printed}`);
}

async function freePort() {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address();
  server.close();
  await once(server, 'close');
  return port;
}
