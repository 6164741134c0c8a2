// Checks every page with axe-core, in light and dark, and whether it fits a narrow window.
// `/docs` is not checked: its page is Swagger UI's.

import { AxeBuilder } from '@axe-core/playwright';
import type { Page } from '@playwright/test';
import { expect, test } from '../fixtures.ts';
import { EVERY_PAGE } from './every_page.ts';

for (const pageCase of EVERY_PAGE) {
  // axe-core itself needs JavaScript; the pages are the same without it.
  test(
    `axe-core finds nothing on the page "${pageCase.name}", light and wide or dark and narrow`,
    { tag: ['@javascript', '@chromium'] },
    async ({ page, site, tenant, anotherSite, browserLog }) => {
      await pageCase.open({ page, site, tenant, anotherSite });
      for (const [colorScheme, width] of [
        ['light', 1440],
        ['dark', 320],
      ] as const) {
        await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
        await page.setViewportSize({ width, height: 900 });
        expect.soft(await findings(page), `${colorScheme}, ${width} pixels wide`).toEqual([]);
      }
      expect.soft(await overflow(page), 'pixels beyond a window of 320').toBeLessThanOrEqual(0);
      browserLog.tolerateStatuses();
    },
  );
}

async function findings(page: Page): Promise<string[]> {
  const { violations } = await new AxeBuilder({ page }).analyze();
  return violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ target }) => target.join(' ')).join(', ')}`);
}

/** By how many pixels the content is wider than the window. */
async function overflow(page: Page): Promise<number> {
  return page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
}
