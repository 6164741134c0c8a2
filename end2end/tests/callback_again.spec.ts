// The callback opened again: by reload, by the back button, or by a URL that was used or sent before.

import { test } from '../fixtures.ts';

test('reloading the page of a cancelled sign-in explains it and offers a next step', async ({
  page,
  greetingPage,
  signInPage,
  problemPage,
}) => {
  await greetingPage.open();
  await signInPage.cancel();
  await problemPage.expectShows({ status: 400, title: 'Sign-in was cancelled' });
  await page.reload();
  await problemPage.expectShows({ status: 400, title: 'Sign-in did not work', text: 'used already' });
  await problemPage.followNextStep('Sign in again');
  await signInPage.choose('ada@example.com');
  await greetingPage.expectGreets('Ada Lovelace');
});

test('opening a used callback URL again signs nobody in or out', async ({ page, site, greetingPage, signInPage }) => {
  const callback = page.waitForRequest((request) => request.url().startsWith(`${site.url}/api/auth/kinde_callback`));
  await greetingPage.open();
  await signInPage.choose('ada@example.com');
  await greetingPage.expectGreets('Ada Lovelace');
  await page.goto((await callback).url());
  await greetingPage.expectGreets('Ada Lovelace');
});

test('a callback URL of another user signs nobody in', async ({
  page,
  tenant,
  request,
  greetingPage,
  problemPage,
  signInPage,
}) => {
  // An attacker signs in up to the callback and sends its URL to a victim.
  await tenant.settings({ auto_sign_in: 'grace' });
  const login = await request.get('/api/auth/login', { maxRedirects: 0 });
  const authorization = await request.get(login.headers().location, { maxRedirects: 0 });
  await tenant.settings({ auto_sign_in: null });
  await page.goto(authorization.headers().location);
  await problemPage.expectShows({ status: 400, title: 'Sign-in did not work' });
  await greetingPage.open();
  await signInPage.expectShown();
});

test('the back button after sign-in leads to the start page', async ({ page, greetingPage, signInPage }) => {
  await greetingPage.open();
  await signInPage.choose('ada@example.com');
  await greetingPage.expectGreets('Ada Lovelace');
  await page.goBack();
  // The tenant remembers Ada and redirects to a callback whose state was used.
  await greetingPage.expectGreets('Ada Lovelace');
});

test('after cancelling, the back button leads to a sign-in page that can be used', async ({
  page,
  greetingPage,
  signInPage,
  problemPage,
}) => {
  await greetingPage.open();
  await signInPage.cancel();
  await problemPage.expectShows({ status: 400, title: 'Sign-in was cancelled' });
  await page.goBack();
  await signInPage.choose('ada@example.com');
  await problemPage.expectShows({ status: 400, title: 'Sign-in did not work', text: 'used already' });
  await problemPage.followNextStep('Sign in again');
  await greetingPage.expectGreets('Ada Lovelace');
});

test('a callback URL without parameters explains itself and offers a next step', async ({
  page,
  problemPage,
  signInPage,
}) => {
  await page.goto('/api/auth/kinde_callback');
  await problemPage.expectShows({ status: 400, title: 'Sign-in did not work' });
  await problemPage.followNextStep('Sign in again');
  await signInPage.expectShown();
});
