// The copy buttons where their island is awake.

import { expect, test } from '../fixtures.ts';

test('a button copies the whole address of what stands beside it, and says so', async ({
  ada,
  site,
  context,
  page,
  greetingPage,
}) => {
  await context.grantPermissions(['clipboard-read', 'clipboard-write'], { origin: site.url });
  await greetingPage.open();
  await greetingPage.islands.areAwake();
  const row = page.getByRole('listitem').filter({ hasText: 'GET /api/greeting' });
  await row.getByRole('button', { name: 'Copy' }).click();
  await expect(row.getByRole('button')).toHaveText('Copied');
  expect(await page.evaluate(() => navigator.clipboard.readText())).toBe(`${site.url}/api/greeting`);
  await expect(row.getByRole('button')).toHaveText('Copy');
  await greetingPage.expectGreets(ada.name);
});

test('a button copies a header as it is sent', async ({ ada, site, context, page, greetingPage }) => {
  await context.grantPermissions(['clipboard-read', 'clipboard-write'], { origin: site.url });
  await greetingPage.open();
  await greetingPage.islands.areAwake();
  const row = page.getByRole('listitem').filter({ hasText: 'Accept: application/json' });
  await row.getByRole('button', { name: 'Copy' }).click();
  await expect(row.getByRole('button')).toHaveText('Copied');
  expect(await page.evaluate(() => navigator.clipboard.readText())).toBe('Accept: application/json');
  await greetingPage.expectGreets(ada.name);
});
