// The fixtures of the specs of this folder: a site, and for each test a browser of the project's engine.

import { BrowserLog } from '../browser_log.ts';
import { expect, test as base } from '../fixtures.ts';
import { type Engine, Installed } from './engine.ts';
import type { WebDriver } from './web_driver.ts';

export { expect };

export interface EngineOptions {
  engine: Engine;
}

interface Fixtures {
  /** The browser of the test, which can be started again. */
  installed: Installed;
  /** It, as it was started first. */
  driver: WebDriver;
}

export const test = base.extend<Fixtures, EngineOptions>({
  engine: ['Chromium', { option: true, scope: 'worker' }],

  installed: async ({ engine }, use) => {
    const installed = new Installed(engine);
    await use(installed);
    installed.remove();
  },

  driver: async ({ installed }, use) => {
    const driver = await installed.start();
    await use(driver);
    await driver.close();
  },

  // Nobody listens: that would start Playwright's own browser.
  browserLog: async ({}, use) => use(new BrowserLog(true)),
});
