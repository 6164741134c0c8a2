// The site over https, behind a TLS proxy, with a certificate made for this run.

import { expect, test } from '../fixtures.ts';

test.use({ siteSettings: { scheme: 'https', env: {} }, ignoreHTTPSErrors: true });

test('over https a person signs in with a cookie that only this host gets', async ({
  context,
  site,
  itemPage,
  signInPage,
}) => {
  await itemPage.open('420?q=x');
  await signInPage.choose('ada@example.com');
  await itemPage.expectShows('420', 'x');
  const cookies = await context.cookies(site.url);
  expect(cookies).toEqual([
    expect.objectContaining({
      name: '__Host-kinde_session',
      domain: 'localhost',
      path: '/',
      secure: true,
      httpOnly: true,
      sameSite: 'Lax',
    }),
  ]);
});

test('over https signing out removes the cookie', async ({
  ada,
  context,
  site,
  greetingPage,
  signedOutPage,
  signInPage,
}) => {
  await greetingPage.open();
  await greetingPage.expectGreets(ada.name);
  await greetingPage.signOut();
  await signedOutPage.expectShown();
  // A mark that empties the back/forward cache lasts a second longer.
  await expect.poll(() => context.cookies(site.url)).toEqual([]);
  await greetingPage.open();
  await signInPage.expectShown();
});

test('over https every page asks to be visited over https alone', async ({ page, browserLog }) => {
  browserLog.expectStatus(404);
  for (const path of ['/signed-out', '/docs/', '/nothing-here', '/favicon.svg']) {
    const answer = await page.goto(path);
    expect(answer?.headers()['strict-transport-security'], path).toMatch(/^max-age=\d{8,}/);
  }
});

test('over https the item form after the session ended leads through sign-in to the item', async ({
  ada,
  greetingPage,
  itemPage,
  signInPage,
  browserLog,
}) => {
  browserLog.expectStatusOfCall(401);
  await greetingPage.open();
  await ada.losesTheSession();
  await ada.isForgottenByTheTenant();
  await greetingPage.itemForm.askFor('420', 'x');
  await signInPage.choose('ada@example.com');
  await itemPage.expectShows('420', 'x');
});
