// A session that ends while a page with an awake item form is open.

import type { Page } from '@playwright/test';
import { expect, test } from '../fixtures.ts';

/** The paths of all documents that the page asks for from now on. */
function documents(page: Page): string[] {
  const paths: string[] = [];
  page.on('request', (request) => {
    if (request.resourceType() === 'document') paths.push(new URL(request.url()).pathname);
  });
  return paths;
}

test('the page goes to sign-in once, and from there to the answer', async ({
  ada,
  page,
  greetingPage,
  itemPage,
  signInPage,
  browserLog,
}) => {
  browserLog.expectStatus(401);
  await greetingPage.open();
  await ada.losesTheSession();
  await ada.isForgottenByTheTenant();
  const asked = documents(page);
  const call = page.waitForResponse('**/api/item?*');
  await greetingPage.itemForm.askFor('9223372036854775807', 'later');
  expect((await call).status()).toBe(401);
  await signInPage.expectShown();
  expect(asked).toEqual(['/items', '/api/auth/login', '/oauth2/auth']);
  await signInPage.choose('ada@example.com');
  await itemPage.expectShows('9223372036854775807', 'later');
});

test('who cancels that sign-in is not sent there again', async ({
  ada,
  page,
  greetingPage,
  signInPage,
  problemPage,
  browserLog,
}) => {
  browserLog.expectStatus(401);
  await greetingPage.open();
  await ada.losesTheSession();
  await ada.isForgottenByTheTenant();
  await greetingPage.itemForm.askFor('1');
  await signInPage.expectShown();
  const asked = documents(page);
  await signInPage.cancel();
  await problemPage.expectShows({ status: 400, title: 'Sign-in was cancelled' });
  expect(asked.filter((path) => path === '/api/auth/login')).toEqual([]);
});
