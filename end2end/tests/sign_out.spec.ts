// Signing out: by the button, in another tab, and on request of another site.

import { type Browser, type CDPSession, type LaunchOptions, chromium } from '@playwright/test';
import { expect, test } from '../fixtures.ts';
import { GreetingPage } from '../pages/greeting_page.ts';

test('signing out ends the session here and at the tenant', async ({
  ada,
  greetingPage,
  signedOutPage,
  signInPage,
}) => {
  await greetingPage.open();
  await greetingPage.signOut();
  await signedOutPage.expectShown();
  expect(await ada.sessionCookie()).toBeUndefined();
  await signedOutPage.signIn();
  await signInPage.expectShown();
});

// CA-4
test('the back button after signing out shows nothing of the user', async ({
  ada,
  page,
  greetingPage,
  itemPage,
  signedOutPage,
  signInPage,
}) => {
  await greetingPage.open();
  await itemPage.open('420?q=secret');
  await itemPage.signOut();
  await signedOutPage.expectShown();
  await page.goBack();
  await signInPage.expectShown();
  await page.goForward();
  await signedOutPage.expectShown();
  await page.goBack();
  await signInPage.expectShown();
  await expect(page.getByText('secret')).toHaveCount(0);
  expect(await ada.sessionCookie()).toBeUndefined();
});

// `engines` has more of these; this one also runs without JavaScript.
test('a page in the back/forward cache shows nothing of the user after sign-out', { tag: '@chromium' }, async ({
  site,
  tenant,
}, testInfo) => {
  const browser = await launchWithBackForwardCache(testInfo.project.use.launchOptions);
  const page = await browser.newPage({ baseURL: site.url });
  const greetingPage = new GreetingPage(page);
  await tenant.settings({ auto_sign_in: 'ada' });
  await greetingPage.open();
  await greetingPage.expectGreets('Ada Lovelace');
  await tenant.settings({ auto_sign_in: null });
  await greetingPage.signOut();
  await expect(greetingPage.heading).toHaveText('You are signed out');
  const devTools = await page.context().newCDPSession(page);
  await goBack(devTools);
  await expect.poll(() => shownHeading(devTools)).toBe('Choose who signs in');
  await browser.close();
});

/** Playwright disables the back/forward cache, because it cannot follow pages that are restored from it. */
function launchWithBackForwardCache(options: LaunchOptions = {}): Promise<Browser> {
  return chromium.launch({ ...options, ignoreDefaultArgs: ['--disable-back-forward-cache'] });
}

async function goBack(devTools: CDPSession): Promise<void> {
  const { currentIndex, entries } = await devTools.send('Page.getNavigationHistory');
  await devTools.send('Page.navigateToHistoryEntry', { entryId: entries[currentIndex - 1].id });
}

async function shownHeading(devTools: CDPSession): Promise<unknown> {
  const expression = 'document.querySelector("h1")?.innerText';
  return (await devTools.send('Runtime.evaluate', { expression })).result.value;
}

// LO-7
test('signing out in one tab signs the other out', async ({
  ada,
  context,
  greetingPage,
  signedOutPage,
  signInPage,
  javaScriptEnabled,
}) => {
  const otherTab = new GreetingPage(await context.newPage());
  await greetingPage.open();
  await otherTab.open();
  await otherTab.signOut();
  await expect(otherTab.heading).toHaveText('You are signed out');
  if (!javaScriptEnabled) {
    await greetingPage.itemForm.submit('420');
    await signInPage.expectShown();
    await signedOutPage.open();
  }
  // With JavaScript this tab goes there by itself.
  await signedOutPage.expectShown();
  expect(await ada.sessionCookie()).toBeUndefined();
});

test('signing out twice ends on the same page', async ({ ada, page, signedOutPage }) => {
  await page.goto('/api/auth/logout');
  await signedOutPage.expectShown();
  await page.goto('/api/auth/logout');
  await signedOutPage.expectShown();
  expect(await ada.sessionCookie()).toBeUndefined();
});

test('a sign-out link on another site asks first, and the button signs out', async ({
  ada,
  site,
  anotherSite,
  page,
  problemPage,
  signedOutPage,
}) => {
  await page.goto(anotherSite.publish(`<a href="${site.url}/api/auth/logout">A surprise</a>`));
  await page.getByRole('link').click();
  await problemPage.expectShows({ status: 403, title: 'Sign out?', text: 'You are still signed in' });
  expect(await ada.sessionCookie()).toBeDefined();
  await problemPage.followNextStep('Sign out');
  await signedOutPage.expectShown();
  expect(await ada.sessionCookie()).toBeUndefined();
});

test('a user may refuse a sign-out that another site requests', async ({
  ada,
  site,
  anotherSite,
  page,
  problemPage,
  greetingPage,
}) => {
  await page.goto(anotherSite.publish(`<a href="${site.url}/api/auth/logout">A surprise</a>`));
  await page.getByRole('link').click();
  await problemPage.expectShows({ status: 403, title: 'Sign out?' });
  await problemPage.followNextStep('Stay signed in');
  await greetingPage.expectGreets('Ada Lovelace');
  expect(await ada.sessionCookie()).toBeDefined();
});

test('a form on another site signs nobody out', async ({ ada, site, anotherSite, page, problemPage, greetingPage }) => {
  const form = `<form method="post" action="${site.url}/api/auth/logout"><button>Win</button></form>`;
  await page.goto(anotherSite.publish(form));
  await page.getByRole('button').click();
  await problemPage.expectShows({ status: 403, title: 'Refused', text: 'another site' });
  await problemPage.followNextStep('Start page');
  await greetingPage.expectGreets('Ada Lovelace');
  expect(await ada.sessionCookie()).toBeDefined();
});

test('a sign-out link on another site leads a signed-out user to the signed-out page', async ({
  site,
  anotherSite,
  page,
  signedOutPage,
}) => {
  await page.goto(anotherSite.publish(`<a href="${site.url}/api/auth/logout">A surprise</a>`));
  await page.getByRole('link').click();
  await signedOutPage.expectShown();
});
