// The site over https, behind a TLS proxy, with a certificate made for this run.

import { expect, test } from '../fixtures.ts';

test.use({ siteSettings: { scheme: 'https', env: {} }, ignoreHTTPSErrors: true });

test('over https a user signs in with a cookie for this host only', async ({
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
  // A cookie that empties the back/forward cache lives for another second; Firefox lists it for longer.
  const alive = async () => (await context.cookies(site.url)).filter(({ expires }) => expires > Date.now() / 1_000);
  await expect.poll(alive).toEqual([]);
  await greetingPage.open();
  await signInPage.expectShown();
});

test('over https every page sends Strict-Transport-Security', async ({ page, browserLog }) => {
  browserLog.expectStatus(404);
  for (const path of ['/signed-out', '/docs', '/nothing-here', '/favicon.ico']) {
    const response = await page.goto(path);
    expect(response?.headers()['strict-transport-security'], path).toMatch(/^max-age=\d{8,}/);
  }
});

test('over https the item form after the session ended leads through sign-in to the item', async ({
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
  await greetingPage.itemForm.submit('420', 'x');
  await signInPage.choose('ada@example.com');
  await itemPage.expectShows('420', 'x');
});
