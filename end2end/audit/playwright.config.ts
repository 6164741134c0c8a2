// Configuration of the audit: one page after the other, so that nothing else runs while one is measured.
// `.ci/audit` starts it.

import { defineConfig } from '@playwright/test';
import type { SiteOptions } from '../fixtures.ts';

export default defineConfig<object, SiteOptions>({
  testDir: '.',
  outputDir: '../results',
  globalSetup: '../servers/check_programs.ts',
  workers: 1,
  timeout: 120_000,
  reporter: [['list', { printSteps: false }]],
});
