// The copy buttons are shown only with JavaScript; everything else is there without it.

import { expect, test } from '../fixtures.ts';

test('copy buttons need JavaScript, the links beside them do not', async ({ ada, page, greetingPage, hasIslands }) => {
  await greetingPage.open();
  await greetingPage.islands.waitUntilHydrated();
  await expect(page.getByRole('button', { name: 'Copy' })).toHaveCount(hasIslands ? 2 : 0);
  await expect(page.getByRole('link', { name: 'GET /api/greeting' })).toBeVisible();
  await greetingPage.expectGreets(ada.name);
});
