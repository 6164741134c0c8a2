// Paths of the programs under test, and the environment variables that choose others.

import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { dirname, resolve } from 'node:path';

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

/** The browser: `CHROMIUM`, which `.ci/end2end` sets, or Debian's. */
export function chromium(): string {
  return process.env.CHROMIUM ?? '/usr/bin/chromium';
}
