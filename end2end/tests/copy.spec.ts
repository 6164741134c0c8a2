// The copy buttons where nothing makes them work: they are not there, and nothing else is missing.

import { expect, test } from '../fixtures.ts';

test('without JavaScript there is no copy button', async ({ ada, page, greetingPage, hasIslands }) => {
  await greetingPage.open();
  await greetingPage.islands.areAwake();
  await expect(page.getByRole('button', { name: 'Copy' })).toHaveCount(hasIslands ? 2 : 0);
  await expect(page.getByRole('link', { name: 'GET /api/greeting' })).toBeVisible();
  await greetingPage.expectGreets(ada.name);
});
