// Pictures of every page for people to look at: SCREENSHOTS=folder npx playwright test screenshots
// Nothing is compared; this runs only when asked for.

import { join } from 'node:path';
import { test } from '../fixtures.ts';
import { GreetingPage } from '../pages/greeting_page.ts';
import { Islands } from '../pages/islands.ts';
import { ItemPage } from '../pages/item_page.ts';
import { EVERY_PAGE, PAGES, type Place, type Surroundings } from './every_page.ts';

const folder = process.env.SCREENSHOTS ?? '';
const DOCS: Place = {
  name: 'docs',
  open: async ({ page }) => {
    await page.goto('/docs');
    await page.locator('.opblock').first().waitFor();
  },
};

/** What the island draws where the greeting stood. */
async function ask(surroundings: Surroundings, itemId: string): Promise<ItemPage> {
  await PAGES.find(({ name }) => name === 'greeting')?.open(surroundings);
  await new GreetingPage(surroundings.page, true).itemForm.askFor(itemId, 'blue');
  return new ItemPage(surroundings.page);
}

const IN_PLACE: Place[] = [
  { name: 'answer in place', open: async (all) => (await ask(all, '420')).result.waitFor() },
  { name: 'error in place', open: async (all) => (await ask(all, '4x2')).problem.waitFor() },
];

for (const place of [...EVERY_PAGE, ...IN_PLACE, DOCS]) {
  test(`pictures of the page "${place.name}"`, async ({ page, context, site, tenant, anotherSite, browserLog }) => {
    await place.open({ page, context, site, tenant, anotherSite });
    const hasScript = (await page.locator('script[type="module"]').count()) > 0;
    await new Islands(page, hasScript).areAwake();
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
