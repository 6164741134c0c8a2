// Pictures of every page for people to look at: SCREENSHOTS=folder npx playwright test screenshots
// Nothing is compared; this runs only when asked for.

import { join } from 'node:path';
import { test } from '../fixtures.ts';
import { EVERY_PAGE, type Place } from './every_page.ts';

const folder = process.env.SCREENSHOTS ?? '';
const DOCS: Place = {
  name: 'docs',
  open: async ({ page }) => {
    await page.goto('/docs');
    await page.locator('.opblock').first().waitFor();
  },
};

for (const place of [...EVERY_PAGE, DOCS]) {
  test(`pictures of the page "${place.name}"`, async ({ page, context, site, tenant, anotherSite, browserLog }) => {
    await place.open({ page, context, site, tenant, anotherSite });
    for (const colorScheme of ['light', 'dark'] as const) {
      for (const width of [360, 1440]) {
        // Colors would else be caught on their way from one scheme to the other.
        await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
        await page.setViewportSize({ width, height: 900 });
        const name = `${place.name.replaceAll(' ', '-')}-${colorScheme}-${width}.png`;
        await page.screenshot({ path: join(folder, name), fullPage: true });
      }
    }
    browserLog.tolerateStatuses();
  });
}
