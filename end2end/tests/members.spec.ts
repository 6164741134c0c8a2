// `/members`: a page, and a part of it, for those who may.

import { expect, test } from '../fixtures.ts';
import { loginAs } from '../login_as.ts';

test('whoever may invite members is led to the portal and back', async ({ ada, page, greetingPage }) => {
  await greetingPage.open();
  await greetingPage.followLink('/members');
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('Your organization');
  await expect(page.getByRole('heading', { level: 2 })).toHaveText('Analytical Engines');
  await expect(page.getByText("Kinde's portal has the list")).toBeVisible();
  await page.getByRole('link', { name: 'Invite members' }).click();
  await expect(page.getByText(ada.name)).toBeVisible();
  await page.getByRole('link', { name: 'Back to the application' }).click();
  await expect(page).toHaveURL('/members');
});

test('whoever may not invite members sees who can', async ({ page }) => {
  await loginAs(page, 'grace');
  await page.goto('/members');
  await expect(page.getByText('Someone who manages this organization can invite others.')).toBeVisible();
  await expect(page.getByRole('link', { name: 'Invite members' })).toHaveCount(0);
});

test('whoever may not see the page can come back to it as somebody else', async ({ page, signInPage, problemPage }) => {
  await loginAs(page, 'dorothy');
  await page.goto('/members');
  await problemPage.expectShows({ status: 403, title: 'Not allowed', text: 'your account may not do this' });
  await problemPage.followNextStep('Sign in as somebody else');
  await signInPage.choose('ada@example.com');
  await expect(page).toHaveURL('/members');
  await expect(page.getByRole('heading', { level: 2 })).toHaveText('Analytical Engines');
});
