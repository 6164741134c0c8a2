// Pages on paper: what a user could press is left out, and nothing is cut off.

import { expect, test } from '../fixtures.ts';
import { loginAs } from '../login_as.ts';

/** What is as wide as a sheet of A4 without its margins. */
const SHEET = { width: 718, height: 1000 };
const LONG_NAME = { given_name: 'Grace Brewster Murray '.repeat(6), family_name: 'Hopper' };

test.use({ viewport: SHEET });

test('paper has one column, no button, and the whole of every text', { tag: ['@javascript', '@chromium'] }, async ({
  page,
  tenant,
}) => {
  await tenant.changePerson('grace', LONG_NAME);
  await loginAs(page, 'grace');
  await page.emulateMedia({ media: 'print' });
  for (const path of ['/', '/items/420', '/account', '/setup', '/docs']) {
    await page.goto(path);
    await expect(page.locator('button:visible, nav:visible'), path).toHaveCount(0);
    const findings = await page.evaluate(() => {
      const shown = (selector: string) =>
        [...document.querySelectorAll(selector)].filter((element) => element.checkVisibility());
      const isCut = (element: Element) => {
        const { display, overflowX, overflowY } = getComputedStyle(element);
        const isLarger =
          element.scrollWidth > element.clientWidth + 1 || element.scrollHeight > element.clientHeight + 1;
        return display !== 'inline' && overflowX + overflowY !== 'visiblevisible' && isLarger;
      };
      const columns = shown('.columns').filter((grid) => getComputedStyle(grid).gridTemplateColumns.includes(' '));
      const beyond = shown('main *').filter((element) => element.getBoundingClientRect().right > innerWidth);
      const cut = shown('body *').filter(isCut);
      return [...columns, ...beyond, ...cut].map((element) => element.outerHTML.slice(0, 100));
    });
    expect(findings, path).toEqual([]);
  }
  await tenant.forgetEverybody();
});
