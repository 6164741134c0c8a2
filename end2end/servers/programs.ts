// The programs that the suite drives, and the environment variables that choose others.

import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const built = (profile: string) => fileURLToPath(new URL(`../../target/${profile}/kinde-leptos`, import.meta.url));

/** The app: `KINDE_LEPTOS_APP`, or the release build, or the debug build where there is no other. */
export function app(): string {
  const release = built('release');
  return process.env.KINDE_LEPTOS_APP ?? (existsSync(release) ? release : built('debug'));
}

/** A build with the emulated tenant: `KINDE_LEPTOS_DEV_ISSUER`, or the debug build. */
export function devIssuer(): string {
  return process.env.KINDE_LEPTOS_DEV_ISSUER ?? built('debug');
}

/** The browser: `CHROMIUM`, or where Debian has it. */
export function chromium(): string {
  return process.env.CHROMIUM ?? '/usr/bin/chromium';
}
