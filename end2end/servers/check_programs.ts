// Before the first test: says what is missing, instead of letting every test fail.

import { accessSync, constants } from 'node:fs';
import { app, chromium, devIssuer } from './programs.ts';

export default function checkPrograms(): void {
  const missing = [
    { path: app(), hint: 'make release, or set KINDE_LEPTOS_APP' },
    { path: devIssuer(), hint: 'cargo build, or set KINDE_LEPTOS_DEV_ISSUER' },
    { path: chromium(), hint: 'install Chromium, or set CHROMIUM' },
  ].filter(({ path }) => !isExecutable(path));
  if (missing.length > 0) {
    throw new Error(missing.map(({ path, hint }) => `${path} is missing: ${hint}`).join('\n'));
  }
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
