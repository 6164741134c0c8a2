// Too many sign-ins from one address, on a site that allows one a second.

import { expect, test } from '../fixtures.ts';

test.use({ siteSettings: { scheme: 'http', env: { AUTH_RATE_LIMIT: '1/1' } } });

test('whoever begins too many sign-ins is told to wait, on a page', async ({
  page,
  request,
  browserLog,
  problemPage,
}) => {
  browserLog.expectStatus(429);
  await expect(async () => {
    await Promise.all(Array.from({ length: 20 }, () => request.get('/api/auth/login', { maxRedirects: 0 })));
    const answer = await page.goto('/api/auth/login');
    expect(answer?.status()).toBe(429);
    expect(answer?.headers()['retry-after']).toMatch(/^\d+$/);
  }).toPass();
  await problemPage.expectShows({ status: 429, title: 'Too many requests', says: 'try again' });
});
