// The theme switch where its island is awake: the page changes at once, and its form is sent behind it.

import { expect, test } from '../fixtures.ts';

test('the theme changes without a new page', async ({ page, signedOutPage }) => {
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

test('the keyboard chooses too, and keeps its place', async ({ page, signedOutPage }) => {
  await signedOutPage.open();
  await signedOutPage.islands.areAwake();
  await signedOutPage.theme.button('Light').focus();
  await page.keyboard.press('Enter');
  await signedOutPage.theme.expectChosen('Light');
  await expect(signedOutPage.theme.button('Light')).toBeFocused();
});

test('without an answer the choice holds for the page', async ({ page, signedOutPage, browserLog }) => {
  browserLog.expect(/net::ERR_FAILED/);
  await signedOutPage.open();
  await page.route('**/theme', (route) => route.abort());
  const failed = page.waitForEvent('requestfailed');
  await signedOutPage.theme.choose('Dark');
  await failed;
  await signedOutPage.theme.expectChosen('Dark');
});
