// Takes the pictures of README.md from the running app, light and dark: `make pictures`. Without arguments; `.ci/pictures`
// builds the program and names it and the browser in KINDE_LEPTOS_APP and CHROMIUM.

import { chromium } from '@playwright/test';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

const { KINDE_LEPTOS_APP, CHROMIUM } = process.env;
const size = { width: 1200, height: 750 };
const folder = mkdtempSync(join(tmpdir(), 'pictures-'));

async function freePort() {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address();
  server.close();
  await once(server, 'close');
  return port;
}

/** Starts the app with its tenant, and returns the process and the addresses of both. */
async function start() {
  const [port, tenantPort] = [await freePort(), await freePort()];
  const env = { SITE_URL: `http://localhost:${port}`, DEV_ISSUER_PORT: `${tenantPort}` };
  const app = spawn(KINDE_LEPTOS_APP, [], { cwd: folder, env, stdio: ['ignore', 'pipe', 'ignore'] });
  for await (const line of createInterface({ input: app.stdout })) {
    if (line.includes(' is running at ')) break;
  }
  return { app, site: env.SITE_URL, tenant: `http://127.0.0.1:${tenantPort}` };
}

/** Takes the page as it is, in both themes. */
async function take(page, name) {
  for (const colorScheme of ['light', 'dark']) {
    await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
    await page.screenshot({ path: join(import.meta.dirname, `${name}-${colorScheme}.png`) });
  }
}

const { app, site, tenant } = await start();
const browser = await chromium.launch({ executablePath: CHROMIUM, chromiumSandbox: process.getuid() !== 0 });
try {
  const page = await browser.newPage({ viewport: size });
  await page.goto(site);
  await take(page, 'sign_in');
  await page.getByRole('button', { name: 'Ada Lovelace' }).click();
  await page.waitForURL(`${site}/`);
  await page.locator('html[data-islands]').waitFor();
  await take(page, 'greeting');
  // The app tells the tenant what it verified after it has responded.
  do await page.goto(`${tenant}/sign-ins/1`);
  while (!(await page.getByText('The app answered').first().isVisible()));
  await page.locator('.step:has(.checks)').first().evaluate((step) => step.scrollIntoView());
  await take(page, 'console');
} finally {
  await browser.close();
  app.kill('SIGKILL');
  rmSync(folder, { recursive: true, force: true });
}
