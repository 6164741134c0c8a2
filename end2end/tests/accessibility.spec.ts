// Every page by measure, for WCAG 2.2 at level AA: two checkers in light and dark, and what no checker finds. The table in
// `src/accessibility.rs` says which criterion each step is about.

import { axeViolations, snifferErrors } from '../checkers.ts';
import { expect, test } from '../fixtures.ts';
import {
  forcedColorFindings,
  keyboardFindings,
  largeTextFindings,
  motionFindings,
  overflow,
  spacingFindings,
} from '../measures.ts';
import { EVERY_PAGE } from './every_page.ts';

test('signing in here asks for nothing to be remembered, solved or copied', async ({ page, signInPage }) => {
  await page.goto('/signed-out');
  await expect(page.locator('input:not([type=hidden]), img:not([alt=""]), canvas, iframe')).toHaveCount(0);
  await page.getByRole('main').getByRole('link', { name: 'Sign in' }).click();
  await signInPage.expectShown();
});

for (const pageCase of EVERY_PAGE) {
  // What measures needs JavaScript; the pages are the same without it.
  test(
    `the page "${pageCase.name}" is for everyone`,
    { tag: ['@javascript', '@chromium'] },
    async ({ page, site, tenant, anotherSite, browserLog }) => {
      test.slow();
      browserLog.tolerateStatuses();
      await pageCase.open({ page, site, tenant, anotherSite });
      await test.step('nothing moves for users who want no motion', async () => {
        expect.soft(await motionFindings(page)).toEqual([]);
      });
      for (const [colorScheme, width] of [
        ['light', 1440],
        ['dark', 320],
      ] as const) {
        await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
        await page.setViewportSize({ width, height: 900 });
        await test.step('axe-core finds nothing', async () => {
          expect.soft(await axeViolations(page, pageCase.exceptions?.axe), `${colorScheme}, ${width} pixels wide`).toEqual([]);
        });
        await test.step('HTML_CodeSniffer finds nothing', async () => {
          expect.soft(await snifferErrors(page, pageCase.exceptions?.sniffer), `${colorScheme}, ${width} pixels wide`).toEqual([]);
        });
      }
      await test.step('a window of 320 pixels needs no scrolling sideways', async () => {
        expect.soft(await overflow(page)).toBeLessThanOrEqual(0);
      });
      await test.step('Tab reaches and leaves every control, and the focus can be seen', async () => {
        expect.soft(await keyboardFindings(page)).toEqual([]);
      });
      await test.step('spaced text loses nothing', async () => {
        expect.soft(await spacingFindings(page)).toEqual([]);
      });
      await test.step('text at twice its size loses nothing', async () => {
        await page.setViewportSize({ width: 640, height: 900 });
        expect.soft(await largeTextFindings(page)).toEqual([]);
      });
      await test.step('forced colors leave every control an edge', async () => {
        expect.soft(await forcedColorFindings(page)).toEqual([]);
      });
    },
  );
}
