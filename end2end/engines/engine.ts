// The three browser engines, and how each is started: as its makers build it, with an empty profile and without a window.

import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { freePort } from '../servers/process.ts';
import { chromium, chromiumDriver, firefox, miniBrowser, webKitDriver } from '../servers/programs.ts';
import { MarionetteConnection } from './marionette.ts';
import { HttpConnection, WebDriver } from './web_driver.ts';

export type Engine = 'Chromium' | 'Firefox' | 'WebKit';

/** What every session asks for: the certificate of the TLS proxy is made for one run. */
const CAPABILITIES = {
  acceptInsecureCerts: true,
  pageLoadStrategy: 'none',
  timeouts: { pageLoad: 10_000, script: 10_000 },
};

/** The programs of one browser; all end with it. */
class Programs {
  readonly #children: ChildProcess[] = [];

  start(program: string, args: string[], env: Record<string, string | undefined> = {}): ChildProcess {
    const stdio = ['ignore', 'ignore', 'ignore', 'pipe'] as const;
    // A group of its own, so that the programs that it starts end with it.
    const child = spawn(program, args, { stdio: [...stdio], env: { ...process.env, ...env }, detached: true });
    this.#children.push(child);
    return child;
  }

  /** Waits until they have ended by themselves. */
  async ended(): Promise<void> {
    await Promise.all(this.#children.map(async (child) => child.exitCode ?? once(child, 'exit')));
  }

  end(): void {
    for (const { pid } of this.#children) {
      try {
        if (pid) process.kill(-pid, 'SIGKILL');
      } catch {
        // It has ended by itself.
      }
    }
  }
}

/** What a browser opens when it starts: an empty window, or those that it had when it ended. */
type Windows = 'new' | 'restored';

const STARTERS: Record<Engine, (programs: Programs, profile: string, windows: Windows) => Promise<WebDriver>> = {
  Chromium: startChromium,
  Firefox: startFirefox,
  WebKit: startWebKit,
};

/** A browser that a user starts and ends, with a profile of its own. */
export class Installed {
  readonly #engine: Engine;
  readonly #profile = mkdtempSync(join(tmpdir(), 'kinde-leptos-browser-'));
  readonly #programs = new Programs();

  constructor(engine: Engine) {
    this.#engine = engine;
  }

  async start(windows: Windows = 'new'): Promise<WebDriver> {
    return STARTERS[this.#engine](this.#programs, this.#profile, windows);
  }

  remove(): void {
    this.#programs.end();
    // The browser may still be writing.
    rmSync(this.#profile, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 });
  }
}

async function startChromium(programs: Programs, profile: string, windows: Windows): Promise<WebDriver> {
  const sandbox = process.getuid?.() === 0 ? ['--no-sandbox'] : [];
  const args = ['--headless=new', '--disable-gpu', `--user-data-dir=${profile}`, ...sandbox];
  if (windows === 'restored') args.push('--restore-last-session');
  const port = await freePort();
  const driver = programs.start(chromiumDriver(), [`--port=${port}`]);
  return overHttp(port, driver, { browserName: 'chrome', 'goog:chromeOptions': { binary: chromium(), args } });
}

async function startWebKit(programs: Programs, profile: string): Promise<WebDriver> {
  const port = await freePort();
  // It has no mode without a window, so it gets a screen that nobody sees.
  const env = { HOME: profile, XDG_DATA_HOME: profile, XDG_CACHE_HOME: profile, DISPLAY: await screen(programs) };
  const driver = programs.start(webKitDriver(), [`--port=${port}`], env);
  const options = { binary: miniBrowser(), args: ['--automation'] };
  return overHttp(port, driver, { browserName: 'MiniBrowser', 'webkitgtk:browserOptions': options });
}

/** Starts an X server and returns the name of its screen. */
async function screen(programs: Programs): Promise<string> {
  const child = programs.start('Xvfb', ['-displayfd', '3', '-screen', '0', '1280x900x24', '-nolisten', 'tcp']);
  const [number] = await once(child.stdio[3] as Readable, 'data');
  return `:${String(number).trim()}`;
}

async function overHttp(port: number, driver: ChildProcess, capabilities: object): Promise<WebDriver> {
  const origin = `http://127.0.0.1:${port}`;
  const isReady = () => fetch(`${origin}/status`).then((response) => response.ok, () => false);
  await untilReady(driver, isReady);
  return new WebDriver(await HttpConnection.open(origin, { ...CAPABILITIES, ...capabilities }));
}

/** Firefox's settings for a run that nobody watches: any free port, no first-run pages, no requests of its own. */
const PREFERENCES = {
  'marionette.port': 0,
  'browser.shell.checkDefaultBrowser': false,
  'datareporting.policy.dataSubmissionEnabled': false,
  'toolkit.telemetry.reportingpolicy.firstRun': false,
};

async function startFirefox(programs: Programs, profile: string, windows: Windows): Promise<WebDriver> {
  const portFile = join(profile, 'MarionetteActivePort');
  if (windows === 'restored') {
    await programs.ended();
    rmSync(portFile, { force: true });
  }
  const startup = { 'browser.startup.page': windows === 'restored' ? 3 : 0 };
  const lines = Object.entries({ ...PREFERENCES, ...startup }).map(([name, value]) => `user_pref("${name}", ${value});`);
  writeFileSync(join(profile, 'user.js'), lines.join('\n'));
  const args = ['--marionette', '--headless', '--no-remote', '--profile', profile];
  const child = programs.start(firefox(), args, { MOZ_CRASHREPORTER_DISABLE: '1' });
  const port = () => (existsSync(portFile) ? Number(readFileSync(portFile, 'utf8')) : 0);
  await untilReady(child, async () => port() > 0);
  return new WebDriver(await MarionetteConnection.open(port(), CAPABILITIES));
}

async function untilReady(child: ChildProcess, isReady: () => Promise<boolean>): Promise<void> {
  for (let attempt = 0; attempt < 300; attempt += 1) {
    if (child.exitCode !== null) throw new Error(`${child.spawnfile} ended with ${child.exitCode}`);
    if (await isReady()) return;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  throw new Error(`${child.spawnfile} was not ready in 30 s`);
}
