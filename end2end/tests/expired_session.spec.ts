// A session that ends by itself, on a site where that takes a second.

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
  browserLog.expectStatusOfCall(401);
  await itemPage.open('5');
  const { name, value } = (await ada.sessionCookie()) ?? {};
  // Asking keeps a session alive, so the pauses are longer than its life.
  const asked = () => request.get(`${site.url}/api/greeting`, { headers: { cookie: `${name}=${value}` } });
  await expect.poll(async () => (await asked()).status(), { intervals: [1_500], timeout: 10_000 }).toBe(401);
  await ada.isForgottenByTheTenant();
  await itemPage.itemForm.askFor('6', 'later');
  await signInPage.choose('ada@example.com');
  await itemPage.expectShows('6', 'later');
});
