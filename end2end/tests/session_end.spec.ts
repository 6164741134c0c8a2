// The notice of a session that ends soon: with JavaScript it follows the time and warns, without it the form does all.

import type { Page, Route } from '@playwright/test';
import type { Ada } from '../ada.ts';
import { axeViolations, snifferErrors } from '../checkers.ts';
import { expect, test } from '../fixtures.ts';
import { focusIsSeen, keyboardFindings } from '../measures.ts';

const IDLE_SECONDS = 900;
/** When the warning comes. */
const BEFORE_THE_END_MS = (IDLE_SECONDS - 120) * 1000;

test.use({ siteSettings: { scheme: 'http', env: { SESSION_IDLE_SECONDS: String(IDLE_SECONDS) } } });

const notice = (page: Page) => page.getByRole('complementary', { name: 'Session' });
const status = (page: Page) => notice(page).getByRole('status');
const stay = (page: Page) => notice(page).getByRole('button', { name: 'Stay signed in' });

/** Responds to the script as if so many seconds were left. */
async function secondsLeft(page: Page, seconds: number): Promise<void> {
  const json = { seconds_left: seconds, seconds_left_at_most: 100_000 };
  await page.route('/api/auth/session', (route: Route) => route.fulfill({ json }));
}

test('a page says when the session ends, and the user stays signed in on it', async ({ ada, page, hasIslands }) => {
  await page.goto('/items/5?q=here');
  await expect(notice(page)).toContainText(/Your session ends in 1[45] minutes\./);
  await stay(page).click();
  if (hasIslands) await expect(status(page)).toHaveText('You stay signed in.');
  await expect(page).toHaveURL('/items/5?q=here');
  await expect(page.getByRole('banner')).toContainText(ada.name);
});

test('a user who stays too late is led through sign-in and back to the page', async ({
  ada,
  page,
  hasIslands,
  signInPage,
  browserLog,
}) => {
  if (hasIslands) browserLog.expectStatus(401);
  await page.goto('/items/5?q=here');
  await ada.loseSession();
  await ada.clearTenantCookies();
  await stay(page).click();
  if (hasIslands) {
    await expect(status(page)).toHaveText('Your session has ended.');
    await notice(page).getByRole('link', { name: 'Sign in again' }).click();
  }
  await signInPage.choose('ada@example.com');
  await expect(page).toHaveURL('/items/5?q=here');
});

test(
  'two minutes before the end the user is warned, and stays without losing what was written',
  { tag: '@javascript' },
  async ({ ada, page, greetingPage }) => {
    await page.clock.install();
    await page.goto('/');
    await greetingPage.itemForm.itemId.fill('420');
    await secondsLeft(page, 110);
    await page.setViewportSize({ width: 800, height: 400 });
    await page.evaluate(() => scrollTo(0, document.body.scrollHeight));
    await expect(notice(page)).not.toBeInViewport();
    await page.clock.fastForward(BEFORE_THE_END_MS);
    await expect(status(page)).toHaveText(/^Your session ends in 1 minute, at /);
    await expect(stay(page)).toBeInViewport();
    await page.unroute('/api/auth/session');
    await stay(page).press('Enter');
    await expect(status(page)).toHaveText('You stay signed in.');
    await expect(greetingPage.itemForm.itemId).toHaveValue('420');
    await expect(greetingPage.header).toContainText(ada.name);
    await expect(notice(page)).not.toBeInViewport();
  },
);

test('what a user does in another tab counts', { tag: '@javascript' }, async ({ ada, page }) => {
  await page.clock.install();
  await page.goto('/');
  await secondsLeft(page, 600);
  const asked = page.waitForResponse('/api/auth/session');
  await page.clock.fastForward(BEFORE_THE_END_MS);
  await asked;
  await expect(notice(page).getByRole('time')).toHaveText(/^at /);
  await expect(status(page)).toBeEmpty();
  await expect(page.getByRole('banner')).toContainText(ada.name);
});

test(
  'a session that has ended is said to have, with the way back to the page',
  { tag: '@javascript' },
  async ({ ada, page, signInPage, browserLog }) => {
    browserLog.expectStatus(401);
    await page.clock.install();
    await page.goto('/items/5?q=here');
    await ada.loseSession();
    await ada.clearTenantCookies();
    await page.clock.fastForward(BEFORE_THE_END_MS);
    await expect(status(page)).toHaveText('Your session has ended.');
    await expect(stay(page)).toBeHidden();
    await notice(page).getByRole('link', { name: 'Sign in again' }).click();
    await signInPage.choose('ada@example.com');
    await expect(page).toHaveURL('/items/5?q=here');
  },
);

/** Opens the greeting, and lets the time pass until the notice warns of the end. */
async function openUntilItWarns(page: Page, ada: Ada): Promise<void> {
  await page.clock.install();
  await page.goto('/');
  await secondsLeft(page, 110);
  await page.clock.fastForward(BEFORE_THE_END_MS);
  await expect(status(page)).toHaveText(/^Your session ends in 1 minute, at /);
  await expect(page.getByRole('banner')).toContainText(ada.name);
}

// In Firefox the focus leaves the page for the browser's own controls, and comes back without an outline.
test('the warning hides nothing that has the focus', { tag: ['@javascript', '@chromium'] }, async ({ ada, page }) => {
  await openUntilItWarns(page, ada);
  for (const width of [1280, 320]) {
    await page.setViewportSize({ width, height: 400 });
    expect.soft(await keyboardFindings(page), `${width} pixels wide`).toEqual([]);
    // Backwards, what has the focus comes into view from above.
    for (let stop = 0; stop < 30; stop += 1) {
      await page.keyboard.press('Shift+Tab');
      expect.soft(await focusIsSeen(page), `${width} pixels wide, stop ${stop} backwards`).toBe(true);
    }
  }
});

test('the checkers find nothing on a page that warns', { tag: ['@javascript', '@chromium'] }, async ({ ada, page }) => {
  await openUntilItWarns(page, ada);
  await page.clock.resume();
  for (const [colorScheme, width] of [['light', 1440], ['dark', 320]] as const) {
    await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
    await page.setViewportSize({ width, height: 900 });
    expect.soft([...(await axeViolations(page)), ...(await snifferErrors(page))], colorScheme).toEqual([]);
  }
});
