// How the suite runs: the same specs with JavaScript and without it, each worker with servers of its own.
// What a worker starts stands in `fixtures.ts`; which programs, and how to choose others, in `servers/programs.ts`.

import { defineConfig } from '@playwright/test';
import type { SiteOptions } from './fixtures.ts';
import { chromium } from './servers/programs.ts';

/** A folder for screenshots of every page; without it none are taken. */
const screenshots = process.env.SCREENSHOTS;

export default defineConfig<object, SiteOptions>({
  testDir: 'tests',
  outputDir: 'results',
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
      // Islands need wasm; a few other tests say themselves that they need JavaScript.
      testIgnore: ['*.islands.spec.ts', 'screenshots.spec.ts'],
      grepInvert: /@javascript/,
    },
  ],
});
