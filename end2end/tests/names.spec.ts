// Names that need room: the longest, and such as are written from right to left. What measures needs JavaScript.

import type { Locator } from '@playwright/test';
import { expect, test } from '../fixtures.ts';
import { loginAs } from '../login_as.ts';
import { overflow } from '../measures.ts';

const ARABIC = { given_name: 'عبد الرحمن محمد عبد اللطيف', family_name: 'بن إبراهيم آل عبد العزيز الهاشمي القرشي' };
const SIXTY_LETTERS = { given_name: 'A'.repeat(60), family_name: null };

test.use({ viewport: { width: 360, height: 800 } });

/** Where the text of each line begins, in pixels from the left. */
async function leftEdges(text: Locator): Promise<number[]> {
  return text.evaluate((element) => {
    const range = document.createRange();
    range.selectNodeContents(element);
    const edges = new Map<number, number>();
    for (const { left, top, width } of range.getClientRects()) {
      if (width > 0) edges.set(top, Math.round(Math.min(left, edges.get(top) ?? left)));
    }
    return [...edges.values()];
  });
}

test('each line of a name from right to left begins where the e-mail address does', { tag: '@javascript' }, async ({
  page,
  tenant,
}) => {
  await tenant.changePerson('grace', ARABIC);
  await loginAs(page, 'grace');
  await page.goto('/account');
  for (const [name, email] of [
    [page.locator('.account-name > bdi').first(), page.locator('.account-email')],
    [page.locator('#profile-name'), page.locator('#profile-email')],
  ]) {
    const [lines, [edge]] = [await leftEdges(name), await leftEdges(email)];
    expect(lines.length).toBeGreaterThan(1);
    for (const line of lines) expect(Math.abs(line - edge)).toBeLessThanOrEqual(1);
  }
  await tenant.forgetEverybody();
});

for (const [what, name] of Object.entries({ 'from right to left': ARABIC, 'of sixty letters': SIXTY_LETTERS })) {
  test(`no page scrolls sideways with a name ${what}`, { tag: '@javascript' }, async ({ page, tenant }) => {
    await tenant.changePerson('grace', name);
    await loginAs(page, 'grace');
    for (const path of ['/', '/items/420', '/account', '/members', '/docs']) {
      await page.goto(path);
      await expect(page.getByRole('banner')).toContainText(name.given_name);
      expect(await overflow(page), path).toBeLessThanOrEqual(0);
    }
    await tenant.forgetEverybody();
  });
}
