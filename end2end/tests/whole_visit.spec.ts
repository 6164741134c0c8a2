// A user's whole visit, from sign-in to sign-out, and one with the keyboard alone.

import { expect, test } from '../fixtures.ts';

// HD-2
test('a whole visit from sign-in to sign-out', async ({
  page,
  greetingPage,
  signInPage,
  itemPage,
  signedOutPage,
  docsPage,
}) => {
  await greetingPage.open();
  await signInPage.choose('ada@example.com');
  await greetingPage.expectGreets('Ada Lovelace');
  await greetingPage.itemForm.submit('420', 'x');
  await itemPage.expectShows('420', 'x');
  await itemPage.followLink('This item as JSON');
  await expect(page.locator('pre')).toHaveText('{"item_id":420,"q":"x"}');
  await page.goBack();
  await itemPage.followLink('kinde-leptos');
  await greetingPage.expectGreets('Ada Lovelace');
  await page.getByRole('link', { name: 'GET /api/greeting' }).click();
  await expect(page.locator('pre')).toContainText('Ada Lovelace');
  await page.goBack();
  await greetingPage.followLink('API docs');
  await expect(page).toHaveURL('/docs');
  await docsPage.page.goBack();
  await greetingPage.expectGreets('Ada Lovelace');
  await greetingPage.signOut();
  await signedOutPage.expectShown();
});

test('a visit with the keyboard alone', async ({ ada, page, greetingPage, itemPage }) => {
  await greetingPage.open();
  await page.keyboard.press('Tab');
  await expect(page.getByRole('link', { name: 'Skip to content' })).toBeFocused();
  await page.keyboard.press('Enter');
  await page.keyboard.press('Tab');
  await expect(greetingPage.itemForm.itemId).toBeFocused();
  await page.keyboard.type('420');
  await page.keyboard.press('Tab');
  await page.keyboard.type('x');
  await page.keyboard.press('Enter');
  await itemPage.expectShows('420', 'x');
  await expect(itemPage.header).toContainText(ada.name);
});
