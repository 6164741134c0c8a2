// A session that expires, on a site where that takes a second.

import { expect, test } from '../fixtures.ts';

test.use({ siteSettings: { scheme: 'http', env: { SESSION_IDLE_SECONDS: '1' } } });

test('an open page whose session expired leads through sign-in and back', async ({
  ada,
  request,
  site,
  itemPage,
  signInPage,
  browserLog,
}) => {
  browserLog.expectStatusOfFetch(401);
  await itemPage.open('5');
  const { name, value } = (await ada.sessionCookie()) ?? {};
  // A request keeps a session alive, so the intervals are longer than its lifetime.
  const greeting = () => request.get(`${site.url}/api/greeting`, { headers: { cookie: `${name}=${value}` } });
  await expect.poll(async () => (await greeting()).status(), { intervals: [1_500], timeout: 10_000 }).toBe(401);
  await ada.clearTenantCookies();
  await itemPage.itemForm.submit('6', 'later');
  await signInPage.choose('ada@example.com');
  await itemPage.expectShows('6', 'later');
});
