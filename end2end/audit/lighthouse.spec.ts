// Lighthouse on every kind of page that has an address, signed in and not. Accessibility and best practices must be 100,
// and search engine optimization on pages that search engines may list; performance is a figure of this machine, so it is
// reported only.

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type BrowserContext, chromium as browsers } from '@playwright/test';
import lighthouse from 'lighthouse';
import { expect, test as base } from '../fixtures.ts';
import { loginAs } from '../login_as.ts';
import { freePort } from '../servers/process.ts';
import { chromium } from '../servers/programs.ts';
import type { Tenant } from '../servers/tenant.ts';

const CATEGORIES = ['accessibility', 'best-practices', 'seo', 'performance'] as const;
type Category = (typeof CATEGORIES)[number];

interface AuditedPage {
  name: string;
  path: string | ((tenant: Tenant) => string);
  person?: string;
  /** The categories in which it must be perfect. */
  perfect: Category[];
  /** The status that it has by design; Chromium reports it as an error. */
  status?: number;
}

const OF_USERS: Category[] = ['accessibility', 'best-practices'];
const PUBLIC: Category[] = [...OF_USERS, 'seo'];
const atTenant = (path: string) => (tenant: Tenant) => tenant.issuer + path;

const PAGES: AuditedPage[] = [
  { name: 'signed out', path: '/signed-out', perfect: PUBLIC },
  { name: 'set-up', path: '/setup', perfect: PUBLIC },
  { name: 'not found', path: '/nothing/here', perfect: OF_USERS, status: 404 },
  { name: 'greeting', path: '/', person: 'ada', perfect: OF_USERS },
  { name: 'item', path: '/items/420?q=blue', person: 'ada', perfect: OF_USERS },
  { name: 'not an item', path: '/items/4x2', person: 'ada', perfect: OF_USERS, status: 422 },
  { name: 'account', path: '/account', person: 'ada', perfect: OF_USERS },
  { name: 'members', path: '/members', person: 'ada', perfect: OF_USERS },
  { name: 'not allowed', path: '/members', person: 'dorothy', perfect: OF_USERS, status: 403 },
  { name: 'sign-in at the tenant', path: '/', perfect: OF_USERS },
  { name: 'registration at the tenant', path: '/api/auth/register', perfect: OF_USERS },
  { name: 'refusal of the tenant', path: atTenant('/oauth2/auth?client_id=unknown'), perfect: OF_USERS, status: 400 },
  { name: 'console: sign-ins', path: atTenant('/'), person: 'ada', perfect: OF_USERS },
  { name: 'console: outside of a sign-in', path: atTenant('/sign-ins/outside'), perfect: OF_USERS },
  { name: 'console: faults', path: atTenant('/sign-ins/faults'), perfect: OF_USERS },
  { name: 'console: people', path: atTenant('/people'), perfect: OF_USERS },
  { name: 'console: a person', path: atTenant('/people/ada'), perfect: OF_USERS },
  { name: 'console: deletion of a person', path: atTenant('/people/ada/delete'), perfect: OF_USERS },
  { name: 'console: tokens', path: atTenant('/tokens'), perfect: OF_USERS },
  { name: 'console: events', path: atTenant('/webhooks'), perfect: OF_USERS },
  { name: 'console: conditions', path: atTenant('/conditions'), perfect: OF_USERS },
  { name: 'API docs', path: '/docs', perfect: PUBLIC },
];

/** Lighthouse opens pages in the browser's own context, so that is the one in which people sign in. */
const test = base.extend<{ debuggingPort: number; context: BrowserContext }>({
  debuggingPort: async ({}, use) => use(await freePort()),
  context: async ({ debuggingPort, baseURL }, use) => {
    const folder = mkdtempSync(join(tmpdir(), 'kinde-leptos-audit-'));
    const context = await browsers.launchPersistentContext(folder, {
      executablePath: chromium(),
      chromiumSandbox: process.getuid?.() !== 0,
      args: [`--remote-debugging-port=${debuggingPort}`],
      baseURL,
    });
    await use(context);
    await context.close();
    rmSync(folder, { recursive: true, force: true });
  },
});

const table = [['page', ...CATEGORIES]];

for (const { name, path, person, perfect, status } of PAGES) {
  test(name, async ({ context, debuggingPort, site, tenant, browserLog }) => {
    if (status) browserLog.tolerateStatuses();
    if (person) await loginAs(context, person);
    const url = typeof path === 'string' ? site.url + path : path(tenant);
    // For search engines Lighthouse reads `robots.txt` from inside the page, which the tenant's policy refuses.
    const isAtTenant = typeof path !== 'string' || name.endsWith('at the tenant');
    const measured = CATEGORIES.filter((category) => category !== 'seo' || !isAtTenant);
    const result = await lighthouse(url, {
      port: debuggingPort,
      output: 'json',
      logLevel: 'error',
      onlyCategories: measured,
      disableStorageReset: true,
      ignoreStatusCode: true,
      skipAudits: status ? ['errors-in-console'] : [],
    });
    const { categories, audits, runtimeError } = result!.lhr;
    expect(runtimeError).toBeUndefined();
    const score = (category: Category) => categories[category]?.score;
    table.push([name, ...CATEGORIES.map((category) => String(Math.round((score(category) ?? NaN) * 100)).replace('NaN', '–'))]);
    for (const category of perfect) {
      const failed = categories[category].auditRefs.filter(({ id, weight }) => weight > 0 && (audits[id].score ?? 1) < 1);
      expect.soft(failed.map(({ id }) => `${category}: ${id}: ${audits[id].title}`)).toEqual([]);
    }
  });
}

test.afterAll(() => {
  const widths = table[0].map((_, column) => Math.max(...table.map((row) => row[column].length)));
  console.log(table.map((row) => row.map((cell, column) => cell.padEnd(widths[column])).join('  ')).join('\n'));
});
