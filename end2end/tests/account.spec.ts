// `/account`: who the user is, and the sessions that they end. Every step is a link or a form.

import type { Browser, BrowserContextOptions } from '@playwright/test';
import { BrowserLog } from '../browser_log.ts';
import { expect, test } from '../fixtures.ts';
import { loginAs } from '../login_as.ts';
import type { Site } from '../servers/site.ts';

const IPHONE =
  'Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.1 Mobile/15E148 Safari/604.1';

interface Device {
  browser: Browser;
  site: Site;
  javaScriptEnabled: boolean | undefined;
}

/** Another browser of Ada's, signed in. */
async function phone({ browser, site, javaScriptEnabled }: Device) {
  const options: BrowserContextOptions = { userAgent: IPHONE, baseURL: site.url, javaScriptEnabled };
  const context = await browser.newContext(options);
  await loginAs(context, 'ada');
  return context;
}

test('the header leads to the account, and the account to the portal and back', async ({ ada, page, greetingPage }) => {
  await greetingPage.open();
  await greetingPage.header.getByRole('link', { name: ada.name }).click();
  await expect(page).toHaveURL('/account');
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('Your account');
  await greetingPage.open();
  await greetingPage.header.getByRole('navigation').getByRole('link', { name: 'Account' }).click();
  await expect(page).toHaveURL('/account');
  await page.getByRole('link', { name: 'Edit profile' }).click();
  await expect(page.getByText('profile', { exact: true })).toBeVisible();
  await page.getByRole('link', { name: 'Back to the application' }).click();
  await expect(page).toHaveURL('/account');
});

test('a narrow window shows the way to the account too', async ({ ada: _, page, greetingPage }) => {
  await page.setViewportSize({ width: 360, height: 800 });
  await greetingPage.open();
  const link = (name: string) => greetingPage.header.getByRole('link', { name, exact: true });
  const [brand, account] = [link('kinde-leptos'), link('Account')];
  const [brandBox, accountBox] = [await brand.boundingBox(), await account.boundingBox()];
  expect(accountBox?.y, 'on the line of the brand').toBe(brandBox?.y);
});

// SE-25
test('a user ends a session elsewhere, and the other browser is led to sign-in', async ({
  ada,
  browser,
  page,
  site,
  javaScriptEnabled,
}) => {
  const elsewhere = await phone({ browser, site, javaScriptEnabled });
  const log = new BrowserLog(javaScriptEnabled !== false);
  log.listenTo(elsewhere);
  const other = await elsewhere.newPage();
  await other.goto('/account');
  await expect(other.getByText('Safari on iPhone')).toBeVisible();
  await page.goto('/account');
  await expect(page.getByRole('listitem').filter({ hasText: 'This session' })).toContainText(/(Chrome|Firefox) on Linux/);
  await page.getByRole('button', { name: /^End Safari on iPhone, signed in / }).click();
  await expect(page).toHaveURL('/account');
  await expect(page.getByText('Safari on iPhone')).toHaveCount(0);
  expect(await ada.sessionCookie()).toBeDefined();
  await elsewhere.clearCookies({ domain: '127.0.0.1' });
  await other.reload();
  await expect(other.getByRole('heading', { level: 1 })).toHaveText('Choose who signs in');
  await elsewhere.close();
  log.check();
});

test('ending the session that asks signs out', async ({ ada, page, signedOutPage }) => {
  await page.goto('/account');
  await page.getByRole('button', { name: /^Sign out here: / }).click();
  await signedOutPage.expectShown();
  expect(await ada.sessionCookie()).toBeUndefined();
});

test('signing out everywhere ends every session, at the tenant too', async ({
  ada,
  browser,
  page,
  site,
  javaScriptEnabled,
  signedOutPage,
  signInPage,
}) => {
  const elsewhere = await phone({ browser, site, javaScriptEnabled });
  await page.goto('/account');
  await page.getByRole('button', { name: 'Sign out everywhere' }).click();
  await signedOutPage.expectShown();
  expect(await ada.sessionCookie()).toBeUndefined();
  await signedOutPage.signIn();
  await signInPage.expectShown();
  const other = await elsewhere.newPage();
  await other.goto('/account');
  await expect(other.getByRole('heading', { level: 1 })).toHaveText('Choose who signs in');
  await elsewhere.close();
});

test('a user switches to another organization and stays on the page', async ({ page }) => {
  await loginAs(page, 'katherine');
  await page.goto('/account');
  await expect(page.getByText('You are signed in to Flight Research')).toBeVisible();
  const others = page.getByRole('list', { name: 'Switch to another' });
  await others.getByRole('link', { name: /^Organization org_\w+$/ }).click();
  await expect(page).toHaveURL('/account');
  await expect(page.getByText('You are signed in to Space Task Group')).toBeVisible();
  await expect(page.getByText('create:orbits')).toBeVisible();
});

test('three thousand permissions are fifty and a count', async ({ page }) => {
  await loginAs(page, 'atlas');
  await page.goto('/account');
  await expect(page.getByRole('list', { name: 'Permissions' }).getByRole('listitem')).toHaveCount(50);
  await expect(page.getByText('and 2,951 more')).toBeVisible();
});
