// Too many sign-ins from one address, on a site that allows one per second.

import { expect, test } from '../fixtures.ts';

test.use({ siteSettings: { scheme: 'http', env: { AUTH_RATE_LIMIT: '1/1' } } });

test('a client that begins too many sign-ins gets a page that says to wait', async ({
  page,
  request,
  browserLog,
  problemPage,
}) => {
  browserLog.expectStatus(429);
  await expect(async () => {
    await Promise.all(Array.from({ length: 20 }, () => request.get('/api/auth/login', { maxRedirects: 0 })));
    const response = await page.goto('/api/auth/login');
    expect(response?.status()).toBe(429);
    expect(response?.headers()['retry-after']).toMatch(/^\d+$/);
  }).toPass();
  await problemPage.expectShows({ status: 429, title: 'Too many requests', text: 'try again' });
});
