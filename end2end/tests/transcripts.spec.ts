// What a screen reader says on each kind of page, in the order of reading, compared with the text in `transcripts/`.
// Read a changed one as somebody does who sees nothing of the page, then keep it: .ci/end2end transcripts -u

import type { Page } from '@playwright/test';
import { expect, test } from '../fixtures.ts';
import { loginAs } from '../login_as.ts';
import { Islands } from '../pages/islands.ts';
import { transcript } from '../transcript.ts';
import { CONSOLE, PAGES, PROBLEMS } from './every_page.ts';

/** Problem pages differ in their words alone. */
const KINDS_OF_PROBLEM = ['an unknown path', 'a sign-out that another site requests', 'a cancelled sign-in'];
/** Thousands of lines, which nobody reads again. */
const TOO_LONG = ['account with three thousand permissions', 'console: a sign-in', 'console: faults'];
/** Tokens, and what the app fetched before its first sign-in, differ from one run to the next. */
const DIFFERENT = [
  'console: outside of a sign-in',
  'console: an issued token',
  'console: a token that was read',
  'console: a call with a token',
  'console: an event',
];

const KINDS = [...PAGES, ...CONSOLE, ...PROBLEMS.filter(({ name }) => KINDS_OF_PROBLEM.includes(name))];

for (const pageCase of KINDS.filter(({ name }) => ![...TOO_LONG, ...DIFFERENT].includes(name))) {
  test(
    `a screen reader reads the page "${pageCase.name}" as before`,
    { tag: '@javascript' },
    async ({ page, site, tenant, anotherSite, browserLog }) => {
      browserLog.tolerateStatuses();
      // Other tests have registered people, and their sign-ins are in the console.
      await tenant.forgetEverybody();
      if (pageCase.name.startsWith('account')) await endOlderSessions(page);
      await pageCase.open({ page, site, tenant, anotherSite });
      // Islands show some buttons.
      await (await Islands.of(page)).waitUntilHydrated();
      expect(await transcript(page)).toMatchSnapshot(`${pageCase.name.replaceAll(/\W+/g, '-')}.txt`);
    },
  );
}

/** The account lists the sessions that other tests have left behind. */
async function endOlderSessions(page: Page): Promise<void> {
  for (const person of ['ada', 'katherine']) {
    await loginAs(page, person);
    await page.request.post('/api/auth/logout_everywhere', { maxRedirects: 0 });
  }
}
