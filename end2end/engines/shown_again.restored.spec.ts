// A window that the browser restores after it was started again. WebKit's MiniBrowser restores none.

import { expect, test } from './fixtures.ts';
import { asksToSignIn, suspend, withTwoPages } from './shown_again.ts';
import { Visitor } from './visitor.ts';

test.skip(({ engine }) => engine === 'WebKit', 'it restores no windows');

// CA-4
test('a window that the browser restores after the session has ended', async ({ driver, installed, site }) => {
  await withTwoPages(driver, site);
  await driver.quit();
  await suspend(site);
  const restored = await installed.start('restored');
  await expect.poll(() => restored.switchToPage().catch(() => false), { intervals: [50], timeout: 20_000 }).toBe(true);
  const ada = new Visitor(restored, site);
  await ada.expectNeverToSeeTheName(asksToSignIn(site, 1));
});
