// Configuration of Playwright for other engines than Chromium, in two ways:
//
// - The specs in `tests` run in Firefox as Debian builds it, by WebDriver BiDi. Those with the tag @chromium are left out:
//   they measure by Chromium's own tools, or need what this Firefox does not have of BiDi: other media features, the
//   permission to read the clipboard.
// - The specs in `engines` run in all three engines by WebDriver. Playwright cannot drive WebKit as Debian builds it, nor
//   follow any engine into its back/forward cache.

import { type PlaywrightTestOptions, type PlaywrightWorkerOptions, type Project, defineConfig } from '@playwright/test';
import type { EngineOptions } from './engines/fixtures.ts';
import type { SiteOptions } from './fixtures.ts';
import base from './playwright.config.ts';
import { engines, firefox } from './servers/programs.ts';

/** The specs that stand for all others in Firefox when time is short. */
const SHORT = /(sign_in|sign_out|lost_session|whole_visit|without_wasm)(\.islands)?\.spec\.ts$/;

export default defineConfig<object, SiteOptions & EngineOptions>({
  ...base,
  testDir: '.',
  testIgnore: [],
  timeout: 90_000,
  globalSetup: './servers/check_engines.ts',
  projects: [
    ...engines().map((engine) => ({
      name: engine,
      testMatch: 'engines/*.spec.ts',
      use: { engine },
    })),
    ...(engines().includes('Firefox') ? [specsInFirefox()] : []),
  ],
});

type WorkerOptions = PlaywrightWorkerOptions & SiteOptions & EngineOptions;

function specsInFirefox(): Project<PlaywrightTestOptions, WorkerOptions> {
  return {
    name: 'specs in Firefox',
    testMatch: process.env.SHORT ? SHORT : 'tests/*.spec.ts',
    testIgnore: 'screenshots.spec.ts',
    grepInvert: /@chromium/,
    use: {
      browserName: 'firefox',
      channel: 'moz-firefox',
      launchOptions: {
        executablePath: firefox(),
        // Playwright cannot follow pages that are restored from the back/forward cache.
        firefoxUserPrefs: { 'browser.sessionhistory.max_total_viewers': 0 },
      },
    },
  };
}
