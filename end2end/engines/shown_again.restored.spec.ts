// A window that the browser restores after it was started again. WebKit's MiniBrowser restores none.

import { expect, test } from './fixtures.ts';
import { asksToSignIn, suspend, withTwoPages } from './shown_again.ts';
import { DOROTHY, Visitor } from './visitor.ts';

test.skip(({ engine }) => engine === 'WebKit', 'it restores no windows');

// CA-4
test('a window that the browser restores after the session has ended', async ({ driver, installed, site }) => {
  await withTwoPages(driver, site, DOROTHY);
  await driver.quit();
  await suspend(site, DOROTHY);
  const restored = await installed.start('restored');
  await expect.poll(() => restored.switchToPage().catch(() => false), { intervals: [50], timeout: 20_000 }).toBe(true);
  const dorothy = new Visitor(restored, site, DOROTHY);
  await dorothy.expectNeverToSeeTheName(asksToSignIn(site, 1));
});
