// Addresses that try to lead a person off the site after sign-in.

import { expect, test } from '../fixtures.ts';

/** Where each leads when a naive check lets it pass is somewhere on evil.example, or out of the sign-in's hands. */
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

test('no return address leads off the site', async ({ ada, site, page, greetingPage }) => {
  for (const address of HOSTILE) {
    await test.step(JSON.stringify(address), async () => {
      await page.goto(`/api/auth/login?post_login_redirect_url=${encodeURIComponent(address)}`);
      expect(page.url()).toBe(`${site.url}/`);
      await expect(greetingPage.heading).toHaveText(`Hello, ${ada.name}`);
    });
  }
});

test('a return address that is not encoded leads nowhere else either', async ({ ada, site, page, greetingPage }) => {
  for (const address of [
    '//evil.example',
    '/\\evil.example',
    'https://evil.example',
    '/%5Cevil.example',
    '/%09/evil.example',
  ]) {
    await test.step(address, async () => {
      await page.goto(`/api/auth/login?post_login_redirect_url=${address}`);
      expect(page.url()).toBe(`${site.url}/`);
      await expect(greetingPage.heading).toHaveText(`Hello, ${ada.name}`);
    });
  }
});

test('of two return addresses neither leads off the site', async ({ ada, site, page, itemPage }) => {
  await page.goto('/api/auth/login?post_login_redirect_url=//evil.example&post_login_redirect_url=/items/1');
  expect(page.url()).toBe(`${site.url}/items/1`);
  await expect(itemPage.header).toContainText(ada.name);
});

test('a path with two slashes of our own is no way to another site', async ({ site, page, problemPage }) => {
  await page.goto(`${site.url}//evil.example/`);
  await problemPage.expectShows({ status: 404, title: 'Page not found' });
  expect(new URL(page.url()).origin).toBe(site.url);
});
