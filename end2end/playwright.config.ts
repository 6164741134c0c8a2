// Configuration of Playwright: the same specs run with JavaScript and without it, each worker with its own servers.
// `fixtures.ts` starts those; `servers/programs.ts` chooses the programs.

import { defineConfig } from '@playwright/test';
import type { SiteOptions } from './fixtures.ts';
import { chromium } from './servers/programs.ts';

/** The folder for screenshots of every page; none are taken when it is not set. */
const screenshots = process.env.SCREENSHOTS;

export default defineConfig<object, SiteOptions>({
  testDir: 'tests',
  outputDir: 'results',
  /** What a screen reader says is the same with every browser and system. */
  snapshotPathTemplate: 'transcripts/{arg}{ext}',
  globalSetup: './servers/check_programs.ts',
  testIgnore: screenshots ? [] : ['screenshots.spec.ts'],
  fullyParallel: true,
  workers: 2,
  forbidOnly: Boolean(process.env.CI),
  retries: 0,
  timeout: 30_000,
  expect: { timeout: 5_000 },
  reporter: [['list']],
  use: {
    launchOptions: {
      executablePath: chromium(),
      // Chromium's sandbox does not work for root.
      chromiumSandbox: process.getuid?.() !== 0,
    },
  },
  projects: [
    { name: 'JavaScript on' },
    {
      name: 'JavaScript off',
      use: { javaScriptEnabled: false },
      // Islands need JavaScript; so do the few tests with the tag.
      testIgnore: ['*.islands.spec.ts', 'screenshots.spec.ts'],
      grepInvert: /@javascript/,
    },
  ],
});
