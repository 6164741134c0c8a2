// A user's whole visit with every island. As in all tests, `BrowserLog` reports violations of the content security
// policy.

import { AxeBuilder } from '@axe-core/playwright';
import type { Page } from '@playwright/test';
import { expect, test } from '../fixtures.ts';

test('a whole visit with islands', async ({ page, greetingPage, signInPage, itemPage, signedOutPage }) => {
  await greetingPage.open();
  await signInPage.choose('ada@example.com');
  await greetingPage.expectGreets('Ada Lovelace');
  await greetingPage.theme.choose('Dark');
  await greetingPage.itemForm.submit('420', 'x');
  await itemPage.expectShows('420', 'x');
  await page.goBack();
  await greetingPage.expectGreets('Ada Lovelace');
  await greetingPage.islands.waitUntilHydrated();
  await page.goForward();
  await itemPage.expectShows('420', 'x');
  await page.reload();
  await itemPage.itemForm.submit('421');
  await itemPage.expectShows('421', 'x');
  await itemPage.theme.choose('Light');
  await itemPage.followLink('kinde-leptos');
  await greetingPage.theme.expectChosen('Light');
  await greetingPage.signOut();
  await signedOutPage.expectShown();
  await signedOutPage.islands.waitUntilHydrated();
});

for (const theme of ['Light', 'Dark'] as const) {
  test(`axe-core finds nothing on pages that islands changed, ${theme}`, { tag: '@chromium' }, async ({
    ada,
    page,
    greetingPage,
    itemPage,
    browserLog,
  }) => {
    browserLog.expectStatus(422);
    await page.emulateMedia({ reducedMotion: 'reduce' });
    await greetingPage.open();
    await greetingPage.theme.choose(theme);
    await greetingPage.theme.expectChosen(theme);
    expect.soft(await findings(page), 'greeting').toEqual([]);
    await greetingPage.itemForm.submit('420', 'x');
    await itemPage.expectShows('420', 'x');
    expect.soft(await findings(page), 'a result in place').toEqual([]);
    await greetingPage.itemForm.submit('4x2');
    await expect(itemPage.problem).toBeVisible();
    expect.soft(await findings(page), 'an error in place').toEqual([]);
    await expect(itemPage.header).toContainText(ada.name);
  });
}

async function findings(page: Page): Promise<string[]> {
  const { violations } = await new AxeBuilder({ page }).analyze();
  return violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ target }) => target.join(' ')).join(', ')}`);
}
