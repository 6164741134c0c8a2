// Pages that a browser requested before its user asked for them, when the session has ended meanwhile.

import { expect, test } from './fixtures.ts';
import { SECOND, asksToSignIn, suspend, withTwoPages } from './shown_again.ts';
import { DOROTHY, EMMY, KATHERINE } from './visitor.ts';

test.use({ siteSettings: { scheme: 'https', env: {} } });

// CA-4
for (const { how, head, person } of [
  { how: 'prefetched by a link', head: `<link rel="prefetch" href="${SECOND.path}">`, person: KATHERINE },
  { how: 'prefetched by a rule', head: rule('prefetch'), person: DOROTHY },
  { how: 'prerendered by a rule', head: rule('prerender'), person: EMMY },
]) {
  test(`a page ${how} is not shown after the session has ended`, async ({ driver, engine, site }) => {
    const pages = site.proxy?.pages;
    pages?.set('/rule', `<title>t</title>${head}<h1>Rule</h1><a href="${SECOND.path}">there</a>`);
    const visitor = await withTwoPages(driver, site, person);
    await driver.open(`${site.url}/rule`);
    await visitor.expectHeading('Rule');
    // Firefox and WebKit know no rules, and WebKit prefetches nothing.
    const isRequested = engine === 'Chromium' || (engine === 'Firefox' && how.endsWith('link'));
    if (isRequested) await expect.poll(() => site.proxy?.speculations).toContain(SECOND.path);
    await suspend(site, person);
    await visitor.click('//a');
    await visitor.expectNeverToSeeTheName(asksToSignIn(site, 1));
  });
}

function rule(kind: 'prefetch' | 'prerender'): string {
  const rules = { [kind]: [{ source: 'list', urls: [SECOND.path], eagerness: 'immediate' }] };
  return `<script type="speculationrules">${JSON.stringify(rules)}</script>`;
}
