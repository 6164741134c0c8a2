// The fixtures of every spec: a site with its tenant for each worker, the page objects, and a log that fails the test
// when the browser reports a problem.

import { test as base } from '@playwright/test';
import { Ada } from './ada.ts';
import { BrowserLog } from './browser_log.ts';
import { withoutUnknownCommands } from './firefox.ts';
import { DocsPage } from './pages/docs_page.ts';
import { GreetingPage } from './pages/greeting_page.ts';
import { ItemPage } from './pages/item_page.ts';
import { JsonPage } from './pages/json_page.ts';
import { ProblemPage } from './pages/problem_page.ts';
import { SignedOutPage } from './pages/signed_out_page.ts';
import { SignInPage } from './pages/sign_in_page.ts';
import { AnotherSite } from './servers/another_site.ts';
import { Site, type SiteSettings } from './servers/site.ts';
import type { Tenant } from './servers/tenant.ts';

export { expect } from '@playwright/test';

/** `test.use({ siteSettings: … })` at the top of a file starts a site with other settings for its tests. */
export interface SiteOptions {
  siteSettings: SiteSettings;
}

interface WorkerFixtures extends SiteOptions {
  site: Site;
  anotherSite: AnotherSite;
}

interface Fixtures {
  /** Ada, signed in here and at the tenant before the test begins; no page is open yet. */
  ada: Ada;
  /** The site's tenant; it is reset after each test. */
  tenant: Tenant;
  /** Whether pages have islands, which need JavaScript. */
  hasIslands: boolean;
  browserLog: BrowserLog;
  serverLog: void;
  greetingPage: GreetingPage;
  itemPage: ItemPage;
  jsonPage: JsonPage;
  problemPage: ProblemPage;
  signedOutPage: SignedOutPage;
  signInPage: SignInPage;
  docsPage: DocsPage;
}

export const test = base.extend<Fixtures, WorkerFixtures>({
  siteSettings: [
    { scheme: 'http', env: {} },
    { option: true, scope: 'worker' },
  ],

  site: [
    async ({ siteSettings }, use) => {
      const site = await Site.start(siteSettings);
      await use(site);
      await site.stop();
    },
    { scope: 'worker' },
  ],

  anotherSite: [
    async ({}, use) => {
      const site = await AnotherSite.start();
      await use(site);
      site.stop();
    },
    { scope: 'worker' },
  ],

  browser: [
    async ({ browser, channel }, use) => {
      if (channel === 'moz-firefox') withoutUnknownCommands(browser);
      await use(browser);
    },
    { scope: 'worker', timeout: 0 },
  ],

  baseURL: async ({ site }, use) => use(site.url),

  tenant: async ({ site }, use) => {
    await use(site.tenant);
    await site.tenant.reset();
  },

  ada: async ({ context, site }, use) => {
    const ada = new Ada(context, site);
    await ada.signIn();
    await use(ada);
  },

  hasIslands: async ({ javaScriptEnabled }, use) => use(javaScriptEnabled !== false),

  browserLog: [
    async ({ context, hasIslands }, use) => {
      const log = new BrowserLog(hasIslands);
      log.listenTo(context);
      await use(log);
      log.check();
    },
    { auto: true },
  ],

  serverLog: [
    async ({ site }, use, testInfo) => {
      const before = site.output.length;
      await use();
      if (testInfo.status === testInfo.expectedStatus) return;
      await testInfo.attach('log of the servers', { body: site.output.slice(before), contentType: 'text/plain' });
    },
    { auto: true },
  ],

  greetingPage: async ({ page, hasIslands }, use) => use(new GreetingPage(page, hasIslands)),
  itemPage: async ({ page, hasIslands }, use) => use(new ItemPage(page, hasIslands)),
  jsonPage: async ({ page }, use) => use(new JsonPage(page)),
  problemPage: async ({ page, browserLog }, use) => use(new ProblemPage(page, browserLog)),
  signedOutPage: async ({ page, hasIslands }, use) => use(new SignedOutPage(page, hasIslands)),
  signInPage: async ({ page, tenant }, use) => use(new SignInPage(page, tenant)),
  docsPage: async ({ page }, use) => use(new DocsPage(page)),
});
