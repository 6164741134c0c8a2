// Around the callback: back, reload, and addresses that were used before.

import { test } from '../fixtures.ts';

test('reloading the page after a cancelled sign-in explains and leads on', async ({
  page,
  greetingPage,
  signInPage,
  problemPage,
}) => {
  await greetingPage.open();
  await signInPage.cancel();
  await problemPage.expectShows({ status: 400, title: 'Sign-in was cancelled' });
  await page.reload();
  await problemPage.expectShows({ status: 400, title: 'Sign-in did not work', says: 'used already' });
  await problemPage.goOn('Sign in again');
  await signInPage.choose('ada@example.com');
  await greetingPage.expectGreets('Ada Lovelace');
});

test('opening a used callback address again signs nobody in or out', async ({
  page,
  site,
  greetingPage,
  signInPage,
  problemPage,
}) => {
  const callback = page.waitForRequest((request) => request.url().startsWith(`${site.url}/api/auth/kinde_callback`));
  await greetingPage.open();
  await signInPage.choose('ada@example.com');
  await greetingPage.expectGreets('Ada Lovelace');
  await page.goto((await callback).url());
  await problemPage.expectShows({ status: 400, title: 'Sign-in did not work', says: 'used already' });
  await problemPage.goOn('Start page');
  await greetingPage.expectGreets('Ada Lovelace');
});

test('a callback address sent by somebody else signs nobody in', async ({
  page,
  tenant,
  request,
  greetingPage,
  problemPage,
  signInPage,
}) => {
  // Somebody signs in up to the callback and sends its address to a victim.
  await tenant.isSet({ auto_sign_in: 'grace' });
  const begun = await request.get('/api/auth/login', { maxRedirects: 0 });
  const decided = await request.get(begun.headers().location, { maxRedirects: 0 });
  await tenant.isSet({ auto_sign_in: null });
  await page.goto(decided.headers().location);
  await problemPage.expectShows({ status: 400, title: 'Sign-in did not work' });
  await greetingPage.open();
  await signInPage.expectShown();
});

test('the back button after sign-in leads to no dead end', async ({ page, greetingPage, signInPage, problemPage }) => {
  await greetingPage.open();
  await signInPage.choose('ada@example.com');
  await greetingPage.expectGreets('Ada Lovelace');
  await page.goBack();
  // The tenant remembers Ada and sends her back with an attempt that is used up.
  await problemPage.expectShows({ status: 400, title: 'Sign-in did not work', says: 'used already' });
  await problemPage.goOn('Start page');
  await greetingPage.expectGreets('Ada Lovelace');
});

test('the sign-in page of a cancelled attempt still works after going back', async ({
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
  await problemPage.expectShows({ status: 400, title: 'Sign-in did not work', says: 'used already' });
  await problemPage.goOn('Sign in again');
  await greetingPage.expectGreets('Ada Lovelace');
});

test('a callback address typed in without anything explains and leads on', async ({
  page,
  problemPage,
  signInPage,
}) => {
  await page.goto('/api/auth/kinde_callback');
  await problemPage.expectShows({ status: 400, title: 'Sign-in did not work' });
  await problemPage.goOn('Sign in again');
  await signInPage.expectShown();
});
