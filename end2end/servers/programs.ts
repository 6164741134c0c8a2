// Paths of the programs under test, and the environment variables that choose others.

import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import type { Engine } from '../engines/engine.ts';

const root = resolve(import.meta.dirname, '../..');
const built = (profile: string) => resolve(root, process.env.CARGO_TARGET_DIR ?? 'target', profile, 'kinde-leptos');

/** The app: `KINDE_LEPTOS_APP`, the release build, or else the debug build. */
export function app(): string {
  const release = built('release');
  return process.env.KINDE_LEPTOS_APP ?? (existsSync(release) ? release : built('debug'));
}

/** Whether the app has the islands: inside, or where a build without them inside looks for them. */
export function hasIslands(): boolean {
  const { stdout } = spawnSync(app(), ['--version', '--verbose'], { encoding: 'utf8' });
  return stdout.includes('/assets/islands.') || existsSync(resolve(dirname(app()), '../site/pkg/kinde-leptos.wasm'));
}

/** A build with the emulated tenant: `KINDE_LEPTOS_DEV_ISSUER` or the debug build. */
export function devIssuer(): string {
  return process.env.KINDE_LEPTOS_DEV_ISSUER ?? built('debug');
}

/** The engines to test, which `.ci/engines` sets where not all can be had. */
export function engines(): Engine[] {
  const known: Engine[] = ['Chromium', 'Firefox', 'WebKit'];
  return known.filter((engine) => (process.env.ENGINES ?? known.join(' ')).includes(engine));
}

/** Chromium's driver: `CHROMEDRIVER` or Debian's. */
export function chromiumDriver(): string {
  return process.env.CHROMEDRIVER ?? '/usr/bin/chromedriver';
}

/** Firefox: `FIREFOX` or Debian's. */
export function firefox(): string {
  return process.env.FIREFOX || '/usr/bin/firefox-esr';
}

/** WebKit's driver: `WEBKIT_DRIVER` or Debian's. */
export function webKitDriver(): string {
  return process.env.WEBKIT_DRIVER ?? '/usr/bin/WebKitWebDriver';
}

/** The browser that comes with WebKitGTK: `WEBKIT_BROWSER`, or Debian's on this machine's kind of processor. */
export function miniBrowser(): string {
  const folders = readdirSync('/usr/lib').flatMap((folder) =>
    ['4.1', '4.0'].map((version) => `/usr/lib/${folder}/webkit2gtk-${version}/MiniBrowser`),
  );
  return process.env.WEBKIT_BROWSER ?? folders.find((path) => existsSync(path)) ?? 'MiniBrowser';
}

/** The browser: `CHROMIUM`, which `.ci/end2end` sets, or Debian's. */
export function chromium(): string {
  return process.env.CHROMIUM ?? '/usr/bin/chromium';
}
