// The fixtures of the specs of this folder: a site, and for each test a browser of the project's engine.

import { BrowserLog } from '../browser_log.ts';
import { expect, test as base } from '../fixtures.ts';
import { type Engine, withBrowser } from './engine.ts';
import type { WebDriver } from './web_driver.ts';

export { expect };

export interface EngineOptions {
  engine: Engine;
}

export const test = base.extend<{ driver: WebDriver }, EngineOptions>({
  engine: ['Chromium', { option: true, scope: 'worker' }],

  driver: async ({ engine }, use) => withBrowser(engine, use),

  // Nobody listens: that would start Playwright's own browser.
  browserLog: async ({}, use) => use(new BrowserLog(true)),
});
