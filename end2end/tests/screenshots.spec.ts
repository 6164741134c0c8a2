// Screenshots of every page, to look at: SCREENSHOTS=/a/folder .ci/end2end screenshots
// They are compared with nothing, and not taken by default.

import { join } from 'node:path';
import { test } from '../fixtures.ts';
import { GreetingPage } from '../pages/greeting_page.ts';
import { Islands } from '../pages/islands.ts';
import { ItemPage } from '../pages/item_page.ts';
import { EVERY_PAGE, PAGES, type PageCase, type PageFixtures } from './every_page.ts';

const folder = process.env.SCREENSHOTS ?? '';

/** Lets the island replace the greeting. */
async function showInPlace(fixtures: PageFixtures, itemId: string): Promise<ItemPage> {
  await PAGES.find(({ name }) => name === 'greeting')?.open(fixtures);
  await new GreetingPage(fixtures.page, true).itemForm.submit(itemId, 'blue');
  return new ItemPage(fixtures.page);
}

const IN_PLACE: PageCase[] = [
  { name: 'result in place', open: async (fixtures) => (await showInPlace(fixtures, '420')).result.waitFor() },
  { name: 'error in place', open: async (fixtures) => (await showInPlace(fixtures, '4x2')).problem.waitFor() },
];

for (const pageCase of [...EVERY_PAGE, ...IN_PLACE]) {
  test(`screenshots of the page "${pageCase.name}"`, async ({
    page,
    site,
    tenant,
    anotherSite,
    browserLog,
  }) => {
    await pageCase.open({ page, site, tenant, anotherSite });
    await (await Islands.of(page)).waitUntilHydrated();
    for (const colorScheme of ['light', 'dark'] as const) {
      for (const width of [360, 1440]) {
        // Without reduced motion the screenshot could show the transition between two color schemes.
        await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
        await page.setViewportSize({ width, height: 900 });
        const name = `${pageCase.name.replaceAll(' ', '-')}-${colorScheme}-${width}.png`;
        await page.screenshot({ path: join(folder, name), fullPage: true });
      }
    }
    browserLog.tolerateStatuses();
  });
}
