// Return URLs that try to lead a user to another site after sign-in.

import { expect, test } from '../fixtures.ts';

/** With a naive check each would lead to evil.example, run a script or end the session. */
const HOSTILE = [
  'https://evil.example/',
  '//evil.example',
  '///evil.example',
  '////evil.example/%2e%2e',
  '/\\evil.example',
  '\\/evil.example',
  '\\\\evil.example',
  '/\t/evil.example',
  '/\n/evil.example',
  '\t//evil.example',
  '/%09/evil.example',
  '/%5cevil.example',
  '/%2F/evil.example',
  '/.//evil.example',
  '/a/..//evil.example',
  '/./\\evil.example',
  '/;@evil.example',
  'https:evil.example',
  'http:///evil.example',
  '@evil.example',
  '.evil.example',
  ':80@evil.example',
  '/\u3002evil.example',
  'javascript:alert(1)',
  'data:text/html,<script>alert(1)</script>',
  '/\r\nLocation: https://evil.example',
  '/api/auth/logout',
  '/api/%61uth/login',
];

test('no return URL leads to another site', async ({ ada, site, page, greetingPage }) => {
  test.slow();
  for (const url of HOSTILE) {
    await test.step(JSON.stringify(url), async () => {
      await page.goto(`/api/auth/login?post_login_redirect_url=${encodeURIComponent(url)}`);
      expect(page.url()).toBe(`${site.url}/`);
      await expect(greetingPage.heading).toHaveText(`Hello, ${ada.name}`);
    });
  }
});

test('no return URL without encoding leads to another site', async ({ ada, site, page, greetingPage }) => {
  for (const url of [
    '//evil.example',
    '/\\evil.example',
    'https://evil.example',
    '/%5Cevil.example',
    '/%09/evil.example',
  ]) {
    await test.step(url, async () => {
      await page.goto(`/api/auth/login?post_login_redirect_url=${url}`);
      expect(page.url()).toBe(`${site.url}/`);
      await expect(greetingPage.heading).toHaveText(`Hello, ${ada.name}`);
    });
  }
});

test('neither of two return URLs leads to another site', async ({ ada, site, page, itemPage }) => {
  await page.goto('/api/auth/login?post_login_redirect_url=//evil.example&post_login_redirect_url=/items/1');
  expect(page.url()).toBe(`${site.url}/items/1`);
  await expect(itemPage.header).toContainText(ada.name);
});

test('a path that begins with two slashes stays on the site', async ({ site, page, problemPage }) => {
  await page.goto(`${site.url}//evil.example/`);
  await problemPage.expectShows({ status: 404, title: 'Page not found' });
  expect(new URL(page.url()).origin).toBe(site.url);
});
