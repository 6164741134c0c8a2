// Pages that are shown again after the session has expired.

import { expect, test } from './fixtures.ts';
import { goForwardAndBack, withTwoTabs } from './shown_again.ts';

/** Seconds, from the sign-in on, in which a browser has opened both pages. */
const LIFETIME = 15;

test.use({ siteSettings: { scheme: 'http', env: { SESSION_LIFETIME_SECONDS: String(LIFETIME) } } });

// CA-4
test('Back and Forward after the session expired', async ({ driver, site }) => {
  const { visitor, firstTab } = await withTwoTabs(driver, site);
  const expired = Date.now() + LIFETIME * 1_000;
  await expect.poll(() => Date.now(), { timeout: LIFETIME * 2_000 }).toBeGreaterThan(expired);
  await site.tenant.forgetEverybody();
  await goForwardAndBack(visitor, firstTab, site);
});
