// Stops the run before the first test when a program is missing.
// The app itself checks that the islands' code belongs to it.

import { accessSync, constants } from 'node:fs';
import { app, islands, chromium, devIssuer } from './programs.ts';

export default function checkPrograms(): void {
  const missing = [
    { path: islands(), access: constants.R_OK, hint: 'make release' },
    { path: app(), hint: 'make release, or set KINDE_LEPTOS_APP' },
    { path: devIssuer(), hint: 'cargo build, or set KINDE_LEPTOS_DEV_ISSUER' },
    { path: chromium(), hint: 'install Chromium, or set CHROMIUM' },
  ].filter(({ path, access }) => !has(path, access ?? constants.X_OK));
  if (missing.length > 0) {
    throw new Error(missing.map(({ path, hint }) => `${path} is missing: ${hint}`).join('\n'));
  }
}

function has(path: string, access: number): boolean {
  try {
    accessSync(path, access);
    return true;
  } catch {
    return false;
  }
}
