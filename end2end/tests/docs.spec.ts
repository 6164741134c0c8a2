// The API's documentation.

import { expect, test } from '../fixtures.ts';

test('Swagger UI shows every route and stays on the site', { tag: '@javascript' }, async ({ page, docsPage }) => {
  await docsPage.open();
  await expect(docsPage.title).toBeVisible();
  const paths = [
    '/',
    '/items/{item_id}',
    '/signed-out',
    '/api/greeting',
    '/api/item',
    '/api/auth/login',
    '/api/auth/logout',
  ];
  for (const path of paths) await expect(docsPage.route(path)).toBeVisible();
  await docsPage.route('/api/item').getByRole('button').first().click();
  await expect(page.getByRole('button', { name: 'Try it out' })).toBeVisible();
});

test(
  'a route tried out in Swagger UI uses the session',
  { tag: '@javascript' },
  async ({ ada, page, docsPage }) => {
    await docsPage.open();
    const route = docsPage.route('/api/greeting');
    await route.getByRole('button').first().click();
    await route.getByRole('button', { name: 'Try it out' }).click();
    await route.getByRole('button', { name: 'Execute' }).click();
    await expect(route.locator('.live-responses-table')).toContainText(ada.name);
    await expect(page).toHaveURL(/\/docs\//);
  },
);

test('the OpenAPI document opens from every page', async ({ page, signedOutPage }) => {
  await signedOutPage.open();
  await signedOutPage.followLink('OpenAPI document');
  await expect(page).toHaveURL('/openapi.json');
  await expect(page.locator('pre')).toContainText('/items/{item_id}');
});
