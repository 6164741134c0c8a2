// URLs of the JSON API, opened in the address bar.

import { test } from '../fixtures.ts';

const UNAUTHENTICATED = { detail: 'Not authenticated' };

test('the greeting as JSON stays JSON in a browser', async ({ ada, jsonPage }) => {
  await jsonPage.expectAt('/api/greeting', 200, { info: 'Route protected with Kinde', user_info: ada.name });
});

test('an item as JSON stays JSON in a browser', async ({ ada, jsonPage, page }) => {
  await page.goto('/');
  await jsonPage.expectAt('/api/item?item_id=420&q=', 200, { item_id: 420, q: '' });
  await jsonPage.expectAt(`/api/item?item_id=420&q=${encodeURIComponent(ada.name)}`, 200, {
    item_id: 420,
    q: ada.name,
  });
});

test('a wrong item id is an error in JSON', async ({ ada, jsonPage, browserLog }) => {
  browserLog.expectStatus(422);
  const detail = {
    type: 'int_parsing',
    loc: ['query', 'item_id'],
    msg: 'Input should be a valid integer, unable to parse string as an integer',
    input: ada.name,
  };
  await jsonPage.expectAt(`/api/item?item_id=${ada.name}`, 422, { detail: [detail] });
});

test('without a session the API responds with JSON, not with a page', async ({ jsonPage, browserLog }) => {
  browserLog.expectStatus(401);
  await jsonPage.expectAt('/api/greeting', 401, UNAUTHENTICATED);
  await jsonPage.expectAt('/api/item?item_id=1', 401, UNAUTHENTICATED);
});

test('an unknown path of the API is not found, in JSON', async ({ jsonPage, browserLog }) => {
  browserLog.expectStatus(404);
  await jsonPage.expectAt('/api/nothing', 404, { detail: 'Not Found' });
});
