// A session that ends while a page with a hydrated item form is open.

import type { Page } from '@playwright/test';
import { expect, test } from '../fixtures.ts';

/** Collects the paths of all documents that the page requests from now on. */
function documents(page: Page): string[] {
  const paths: string[] = [];
  page.on('request', (request) => {
    if (request.resourceType() === 'document') paths.push(new URL(request.url()).pathname);
  });
  return paths;
}

test('the page goes to sign-in once, and from there to the item', async ({
  ada,
  page,
  greetingPage,
  itemPage,
  signInPage,
  browserLog,
}) => {
  browserLog.expectStatus(401);
  await greetingPage.open();
  await ada.loseSession();
  await ada.clearTenantCookies();
  const requested = documents(page);
  const call = page.waitForResponse('**/api/item?*');
  await greetingPage.itemForm.submit('9223372036854775807', 'later');
  expect((await call).status()).toBe(401);
  await signInPage.expectShown();
  expect(requested).toEqual(['/items', '/api/auth/login', '/oauth2/auth']);
  await signInPage.choose('ada@example.com');
  await itemPage.expectShows('9223372036854775807', 'later');
});

test('a user who cancels that sign-in is not sent there again', async ({
  ada,
  page,
  greetingPage,
  signInPage,
  problemPage,
  browserLog,
}) => {
  browserLog.expectStatus(401);
  await greetingPage.open();
  await ada.loseSession();
  await ada.clearTenantCookies();
  await greetingPage.itemForm.submit('1');
  await signInPage.expectShown();
  const requested = documents(page);
  await signInPage.cancel();
  await problemPage.expectShows({ status: 400, title: 'Sign-in was cancelled' });
  expect(requested.filter((path) => path === '/api/auth/login')).toEqual([]);
});
