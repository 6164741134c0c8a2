// `/setup`: what is wrong with the set-up, and where it is solved. It is the same without JavaScript.

import { expect, test } from '../fixtures.ts';

test('a developer sees what is wrong, solves it, and checks again', async ({ page, site, tenant }) => {
  await tenant.fault('discovery_wrong_issuer');
  await page.goto('/setup');
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('Set-up');
  const problems = page.locator('#problems > li');
  await expect(problems).toHaveCount(1);
  await expect(problems).toContainText('names another issuer');
  await expect(problems).toContainText('Where: Kinde: the application, page "Details"');
  await page.getByRole('link', { name: 'Check again' }).click();
  await expect(page.getByRole('heading', { name: 'No problem was found' })).toBeVisible();
  await expect(problems).toHaveCount(0);
  await expect(page.locator('#urls')).toContainText(`${site.url}/api/auth/kinde_callback`);
});

test('the settings are listed, and of secrets only that they are set', async ({ page }) => {
  await page.goto('/setup');
  const secret = page.locator('#settings > div', { hasText: 'CLIENT_SECRET' });
  await expect(secret.locator('dd')).toHaveText('••••');
  const unset = page.getByText('KINDE_PROMPT', { exact: true });
  await expect(unset).toBeHidden();
  await page.getByText(/^Not set: \d+$/).click();
  await expect(unset).toBeVisible();
});

// Firefox also breaks after a slash.
test('a URL that needs two lines breaks before its path', { tag: ['@javascript', '@chromium'] }, async ({ page, site }) => {
  await page.setViewportSize({ width: 360, height: 800 });
  await page.goto('/setup');
  const url = page.locator('#urls dd').first();
  const parts = await url.evaluate((url) =>
    [...url.childNodes].filter((node) => node instanceof Text).map((text) => {
      const range = document.createRange();
      range.selectNode(text);
      return { text: text.data, lines: new Set([...range.getClientRects()].map(({ top }) => top)).size };
    }),
  );
  expect(parts).toEqual([
    { text: site.url, lines: 1 },
    { text: '/api/auth/kinde_callback', lines: 1 },
  ]);
});

test('the same as JSON', async ({ page }) => {
  await page.goto('/setup');
  await page.getByRole('link', { name: '/api/auth/health' }).click();
  await expect(page.locator('body')).toContainText('"status":"ok"');
});
