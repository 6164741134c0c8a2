// The copy buttons: there where their island makes them work, and absent elsewhere without anything else missing.

import { expect, test } from '../fixtures.ts';

test('copy buttons are there with JavaScript only', async ({ ada, page, greetingPage, hasIslands }) => {
  await greetingPage.open();
  await greetingPage.islands.areAwake();
  await expect(page.getByRole('button', { name: 'Copy' })).toHaveCount(hasIslands ? 2 : 0);
  await expect(page.getByRole('link', { name: 'GET /api/greeting' })).toBeVisible();
  await greetingPage.expectGreets(ada.name);
});
