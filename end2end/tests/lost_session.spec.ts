// A session that ends while a page is open.

import { expect, test } from '../fixtures.ts';

test('the item form after the session ended leads through sign-in to the item', async ({
  ada,
  greetingPage,
  itemPage,
  signInPage,
  browserLog,
}) => {
  browserLog.expectStatusOfFetch(401);
  await greetingPage.open();
  await ada.loseSession();
  await ada.clearTenantCookies();
  await greetingPage.itemForm.submit('420', 'a&b ü');
  await signInPage.choose('ada@example.com');
  await itemPage.expectShows('420', 'a&b ü');
  await expect(itemPage.page).toHaveURL(/\/items\/420\?q=/);
});

test('after the session ended the item form works without a sign-in page when the tenant remembers the user', async ({
  ada,
  tenant,
  greetingPage,
  itemPage,
  browserLog,
}) => {
  browserLog.expectStatusOfFetch(401);
  await greetingPage.open();
  await ada.loseSession();
  await tenant.reset();
  await greetingPage.itemForm.submit('-7');
  await itemPage.expectShows('-7', 'empty');
  expect((await tenant.log()).map(({ path }) => path)).toContain('/oauth2/auth');
});

test('a wrong item id after the session ended is still explained after sign-in', async ({
  ada,
  greetingPage,
  itemPage,
  signInPage,
  browserLog,
}) => {
  browserLog.expectStatusOfFetch(401);
  browserLog.expectStatus(422);
  await greetingPage.open();
  await ada.loseSession();
  await ada.clearTenantCookies();
  await greetingPage.itemForm.submit('../abc?d');
  await signInPage.choose('ada@example.com');
  await expect(itemPage.problem).toContainText('Enter a whole number');
  await expect(itemPage.itemForm.itemId).toHaveValue('../abc?d');
});

// RP-16
test('reloading after the session ended leads through sign-in and back', async ({
  ada,
  itemPage,
  signInPage,
  page,
}) => {
  await itemPage.open('5?q=here');
  await ada.loseSession();
  await ada.clearTenantCookies();
  await page.reload();
  await signInPage.choose('grace@example.com');
  await expect(page).toHaveURL('/items/5?q=here');
  await expect(itemPage.header).toContainText('Grace');
});

test('signing out after the session ended is no error', async ({ ada, greetingPage, signedOutPage }) => {
  await greetingPage.open();
  await ada.loseSession();
  await greetingPage.signOut();
  await signedOutPage.expectShown();
});
