// The copy buttons when their island is hydrated.

import { expect, test } from '../fixtures.ts';

test('a button copies the whole URL beside it and confirms it', { tag: '@chromium' }, async ({
  ada,
  site,
  context,
  page,
  greetingPage,
}) => {
  await context.grantPermissions(['clipboard-read', 'clipboard-write'], { origin: site.url });
  await greetingPage.open();
  await greetingPage.islands.waitUntilHydrated();
  const row = page.getByRole('listitem').filter({ hasText: 'GET /api/greeting' });
  await row.getByRole('button', { name: 'Copy' }).click();
  await expect(row.getByRole('button')).toHaveText('Copied');
  expect(await page.evaluate(() => navigator.clipboard.readText())).toBe(`${site.url}/api/greeting`);
  await expect(row.getByRole('button')).toHaveText('Copy');
  await greetingPage.expectGreets(ada.name);
});

test('a button copies a header as it is sent', { tag: '@chromium' }, async ({ ada, site, context, page, greetingPage }) => {
  await context.grantPermissions(['clipboard-read', 'clipboard-write'], { origin: site.url });
  await greetingPage.open();
  await greetingPage.islands.waitUntilHydrated();
  const row = page.getByRole('listitem').filter({ hasText: 'Accept: application/json' });
  await row.getByRole('button', { name: 'Copy' }).click();
  await expect(row.getByRole('button')).toHaveText('Copied');
  expect(await page.evaluate(() => navigator.clipboard.readText())).toBe('Accept: application/json');
  await greetingPage.expectGreets(ada.name);
});
