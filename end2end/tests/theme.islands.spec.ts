// The theme switch when its island is hydrated: the page changes at once, and the form is sent in the background.

import { expect, test } from '../fixtures.ts';

test('the theme changes without a new document', async ({ page, signedOutPage }) => {
  await signedOutPage.open();
  await page.evaluate(() => document.body.classList.add('marked'));
  const sent = page.waitForResponse('**/theme');
  await signedOutPage.theme.choose('Dark');
  await signedOutPage.theme.expectChosen('Dark');
  expect((await sent).status()).toBe(204);
  await expect(page.locator('body')).toHaveClass('marked');
  await page.reload();
  await signedOutPage.theme.expectChosen('Dark');
});

test('the keyboard works too and keeps the focus', async ({ page, signedOutPage }) => {
  await signedOutPage.open();
  await signedOutPage.islands.waitUntilHydrated();
  await signedOutPage.theme.button('Light').focus();
  await page.keyboard.press('Enter');
  await signedOutPage.theme.expectChosen('Light');
  await expect(signedOutPage.theme.button('Light')).toBeFocused();
});

test('when the request fails the page keeps the theme', async ({ page, signedOutPage, browserLog }) => {
  browserLog.expectFailure();
  await signedOutPage.open();
  await page.route('**/theme', (route) => route.abort());
  const failed = page.waitForEvent('requestfailed');
  await signedOutPage.theme.choose('Dark');
  await failed;
  await signedOutPage.theme.expectChosen('Dark');
});
