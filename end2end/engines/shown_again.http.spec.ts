// Pages that are shown again after a sign-out, over http.

import { expect, test } from './fixtures.ts';
import { FIRST, SECOND, testWaysBack, withTwoPages } from './shown_again.ts';

test.use({ siteSettings: { scheme: 'http', env: {} } });

// CA-4
testWaysBack();

// Not over https: Chromium stores nothing that came with a certificate that nobody vouches for.
test('the HTTP cache, from which tabs are restored, has no page of hers', async ({ driver, site }) => {
  const ada = await withTwoPages(driver, site);
  const style = await driver.run(`return document.querySelector('link[rel=stylesheet]').getAttribute('href')`);
  await ada.signOut();
  // A page whose content security policy lets scripts request something.
  await ada.openPublicPage('/docs');
  const cached = (path: unknown) =>
    driver.runAsync(`return (await fetch('${path}', { cache: 'only-if-cached', mode: 'same-origin' })).status`);
  expect(await cached(style)).toBe(200);
  for (const { path } of [FIRST, SECOND]) expect(await cached(path), path).not.toBe(200);
});
