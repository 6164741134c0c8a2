// A site: the app and its emulated tenant as two processes, a folder for the sessions, and a TLS proxy for https.

import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { NotStarted, Process, freePort } from './process.ts';
import { app, devIssuer } from './programs.ts';
import { Tenant } from './tenant.ts';
import { TlsProxy } from './tls_proxy.ts';

export interface SiteSettings {
  scheme: 'http' | 'https';
  /** Further settings of the app, as in `.env.example`. */
  env: Record<string, string>;
}

const ATTEMPTS = 5;

export class Site {
  private constructor(
    /** `http://localhost:PORT`, without a slash at the end. */
    readonly url: string,
    readonly tenant: Tenant,
    readonly folder: string,
    readonly processes: Process[],
    /** Where the app itself listens. */
    readonly port: number,
    readonly proxy?: TlsProxy,
  ) {}

  /** Starts the processes, again when another program took a port first. */
  static async start(settings: SiteSettings): Promise<Site> {
    for (let attempt = 1; ; attempt += 1) {
      try {
        return await Site.#tryToStart(settings);
      } catch (error) {
        const isPortTaken = error instanceof NotStarted && error.message.includes('in use');
        if (!isPortTaken || attempt === ATTEMPTS) throw error;
      }
    }
  }

  static async #tryToStart({ scheme, env }: SiteSettings): Promise<Site> {
    const folder = mkdtempSync(join(tmpdir(), 'kinde-leptos-end2end-'));
    const proxy = scheme === 'https' ? await TlsProxy.start(folder) : undefined;
    const processes: Process[] = [];
    try {
      const port = await freePort();
      if (proxy) proxy.target = port;
      const url = `${scheme}://localhost:${proxy?.port ?? port}`;
      const client = { id: randomBytes(16).toString('hex'), secret: randomBytes(24).toString('hex') };
      const issuer = await startIssuer(url, client, folder, processes);
      await startApp(url, port, client, issuer, folder, env, processes);
      return new Site(url, await Tenant.at(issuer), folder, processes, port, proxy);
    } catch (error) {
      await end(processes, folder, proxy);
      throw error;
    }
  }

  /** The process of the app; the tenant's was started before it. */
  get app(): Process {
    return this.processes[this.processes.length - 1];
  }

  /** The output of app and tenant so far. */
  get output(): string {
    return this.processes.map((process) => process.output).join('\n');
  }

  async stop(): Promise<void> {
    await end(this.processes, this.folder, this.proxy);
  }
}

interface Client {
  id: string;
  secret: string;
}

async function startIssuer(url: string, client: Client, folder: string, processes: Process[]): Promise<string> {
  const urls = ['--callback-url', `${url}/api/auth/kinde_callback`, '--logout-url', `${url}/api/auth/logout`];
  const args = ['dev-issuer', '--port', '0', '--client-id', client.id, '--client-secret', client.secret, ...urls];
  const ready = /^KINDE_ISSUER_URL=(.*)$/m;
  const { process, match } = await Process.start(devIssuer(), args, { env: {}, cwd: folder, ready });
  processes.push(process);
  return match[1];
}

async function startApp(
  url: string,
  port: number,
  client: Client,
  issuer: string,
  folder: string,
  settings: Record<string, string>,
  processes: Process[],
): Promise<void> {
  const env = {
    SITE_URL: url,
    KINDE_ISSUER_URL: issuer,
    CLIENT_ID: client.id,
    CLIENT_SECRET: client.secret,
    SESSION_STORE_URL: `sqlite://${join(folder, 'sessions.db')}`,
    ...(url.startsWith('https:') ? behindProxy(port) : {}),
    ...settings,
  };
  const ready = new RegExp(`running at ${url}\\b`);
  processes.push((await Process.start(app(), [], { env, cwd: folder, ready })).process);
}

/** What a site needs that is https behind a proxy. */
function behindProxy(port: number): Record<string, string> {
  return { LISTEN_ADDR: `127.0.0.1:${port}`, SESSION_ENCRYPTION_KEYS: randomBytes(32).toString('base64') };
}

async function end(processes: Process[], folder: string, proxy?: TlsProxy): Promise<void> {
  proxy?.stop();
  await Promise.all(processes.map((process) => process.stop()));
  rmSync(folder, { recursive: true, force: true });
}
