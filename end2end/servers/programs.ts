// The programs that the suite drives, and the environment variables that choose others.

import { existsSync } from 'node:fs';
import { dirname, resolve } from 'node:path';

const root = resolve(import.meta.dirname, '../..');
const built = (profile: string) => resolve(root, process.env.CARGO_TARGET_DIR ?? 'target', profile, 'kinde-leptos');

/** The app: `KINDE_LEPTOS_APP`, or the release build, or the debug build where there is no other. */
export function app(): string {
  const release = built('release');
  return process.env.KINDE_LEPTOS_APP ?? (existsSync(release) ? release : built('debug'));
}

/** The islands' code, where an app of this folder looks for it. */
export function browserSide(): string {
  return resolve(dirname(app()), '../site/pkg/kinde-leptos.wasm');
}

/** A build with the emulated tenant: `KINDE_LEPTOS_DEV_ISSUER`, or the debug build. */
export function devIssuer(): string {
  return process.env.KINDE_LEPTOS_DEV_ISSUER ?? built('debug');
}

/** The browser: `CHROMIUM`, or where Debian has it. */
export function chromium(): string {
  return process.env.CHROMIUM ?? '/usr/bin/chromium';
}
