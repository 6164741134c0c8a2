// Stops the run before the first test when a program is missing.
// The app itself checks that the islands' code belongs to it.

import { accessSync, constants } from 'node:fs';
import { app, chromium, devIssuer, hasIslands } from './programs.ts';

export default function checkPrograms(): void {
  const missing = missingPrograms([
    { path: app(), hint: 'make release, or set KINDE_LEPTOS_APP' },
    { path: devIssuer(), hint: 'cargo build, or set KINDE_LEPTOS_DEV_ISSUER' },
    { path: chromium(), hint: 'install Chromium, or set CHROMIUM' },
  ]);
  if (missing.length > 0) throw new Error(missing.join('\n'));
  if (!hasIslands()) throw new Error(`${app()} has no islands: make release`);
}

/** What to say of each program that is not there. */
export function missingPrograms(programs: { path: string; hint: string }[]): string[] {
  return programs.filter(({ path }) => !isProgram(path)).map(({ path, hint }) => `${path} is missing: ${hint}`);
}

function isProgram(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
