// `/members`: a page, and a part of it, for those who may.

import { expect, test } from '../fixtures.ts';

test('whoever may invite members is led to the portal and back', async ({ ada, page, greetingPage }) => {
  await greetingPage.open();
  await greetingPage.followLink('Members');
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('Members of Analytical Engines');
  await page.getByRole('link', { name: 'Invite members' }).click();
  await expect(page.getByText(ada.name)).toBeVisible();
  await page.getByRole('link').first().click();
  await expect(page).toHaveURL('/members');
});

test('whoever may not invite members sees who can', async ({ page, signInPage }) => {
  await page.goto('/members');
  await signInPage.choose('grace@example.com');
  await expect(page.getByText('Someone who manages this organization can invite others.')).toBeVisible();
  await expect(page.getByRole('link', { name: 'Invite members' })).toHaveCount(0);
});
