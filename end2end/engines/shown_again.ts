// Once a session has ended, no page shows the user's name again: every way out, and every way back to a page that was
// shown before. `src/app/shown_again.rs` has the table of what keeps the name away. The specs of this name say over what.

import { request } from '@playwright/test';
import { loginAs } from '../login_as.ts';
import type { Site } from '../servers/site.ts';
import { expect, test } from './fixtures.ts';
import { ADA, GRACE, type Person, Visitor } from './visitor.ts';

/** The two pages that Ada opens before her session ends. */
export const [FIRST, SECOND] = [
  { path: '/items/420', heading: 'Item 420' },
  { path: '/account', heading: 'Your account' },
];

/** Ends the session without her browser, as far as it is concerned. */
const WAYS_OUT: { way: string; person: Person; end: (site: Site) => Promise<void> }[] = [
  { way: 'she signs out everywhere in another browser', person: ADA, end: signOutEverywhere },
  { way: 'a webhook says that she was suspended', person: GRACE, end: (site) => suspend(site, GRACE) },
];

/** One test for each way out. */
export function testWaysBack(): void {
  test('Back and Forward after she signs out', async ({ driver, site }) => {
    const ada = await withTwoPages(driver, site);
    await ada.signOut();
    await driver.back();
    await ada.expectNeverToSeeTheName(asksToSignIn(site, 1));
    await driver.forward();
    await ada.expectHeading('You are signed out');
    await ada.expectNotToHaveSeenAPageAgain();
  });

  test('another tab, and Back there, after she signs out', async ({ driver, site }) => {
    const ada = await withTwoPages(driver, site);
    const firstTab = await driver.window();
    await driver.openTab();
    await ada.open(SECOND.path, SECOND.heading);
    await ada.signOut();
    await driver.switchTo(firstTab);
    await ada.expectHeading('You are signed out');
    await driver.back();
    await ada.expectNeverToSeeTheName(asksToSignIn(site, 1));
    await ada.expectNotToHaveSeenAPageAgain();
  });

  for (const { way, person, end } of WAYS_OUT) {
    test(`Back and Forward after ${way}`, async ({ driver, site }) => {
      const { visitor, firstTab } = await withTwoTabs(driver, site, person);
      await end(site);
      await goForwardAndBack(visitor, firstTab, site);
    });
  }
}

async function signedIn(driver: Visitor['driver'], site: Site, person = ADA): Promise<Visitor> {
  await site.tenant.forgetEverybody();
  await site.tenant.settings({ webhook_url: `http://localhost:${site.port}/api/webhooks/kinde` });
  const visitor = new Visitor(driver, site, person);
  await visitor.signIn();
  return visitor;
}

/** A user, signed in, at the second of two pages. */
export async function withTwoPages(driver: Visitor['driver'], site: Site, person = ADA): Promise<Visitor> {
  const visitor = await signedIn(driver, site, person);
  await visitor.open(FIRST.path, FIRST.heading);
  await visitor.open(SECOND.path, SECOND.heading);
  await site.tenant.forgetLog();
  return visitor;
}

/** A user, signed in, with two tabs at a page without her name: Back leads to one with it in the first, Forward in the second. */
export async function withTwoTabs(
  driver: Visitor['driver'],
  site: Site,
  person = ADA,
): Promise<{ visitor: Visitor; firstTab: string }> {
  const visitor = await signedIn(driver, site, person);
  const firstTab = await driver.window();
  await visitor.open(FIRST.path, FIRST.heading);
  await visitor.openPublicPage();
  await driver.openTab();
  await visitor.openPublicPage();
  await visitor.open(SECOND.path, SECOND.heading);
  await driver.back();
  await visitor.expectPublicPage();
  await site.tenant.forgetLog();
  return { visitor, firstTab };
}

/** Both lead to sign-in. */
export async function goForwardAndBack(visitor: Visitor, firstTab: string, site: Site): Promise<void> {
  await visitor.driver.forward();
  await visitor.expectNeverToSeeTheName(asksToSignIn(site, 1));
  await visitor.expectNotToHaveSeenAPageAgain();
  await visitor.driver.switchTo(firstTab);
  await visitor.driver.back();
  await visitor.expectNeverToSeeTheName(asksToSignIn(site, 2));
  await visitor.expectNotToHaveSeenAPageAgain();
}

/** Whether the browser has asked the tenant so many times for a sign-in, each of which is a page requested anew. */
export function asksToSignIn(site: Site, times: number): () => Promise<boolean> {
  return async () => {
    const requests = (await site.tenant.log()).filter(({ path }) => path === '/oauth2/auth');
    return requests.length >= times;
  };
}

async function signOutEverywhere(site: Site): Promise<void> {
  const baseURL = site.url;
  const otherBrowser = await request.newContext({ baseURL, ignoreHTTPSErrors: true });
  await loginAs({ request: otherBrowser } as never, 'ada');
  const response = await otherBrowser.post('/api/auth/logout_everywhere', { maxRedirects: 0 });
  expect(response.status()).toBe(303);
  await otherBrowser.dispose();
  await site.tenant.forgetEverybody();
}

export async function suspend(site: Site, person: Person): Promise<void> {
  await site.tenant.changePerson(person.key, { is_suspended: true });
  await expect.poll(() => site.tenant.deliveries()).toContainEqual(expect.objectContaining({ status: 200 }));
}
