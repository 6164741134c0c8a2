// Every error page and its next step.

import { test } from '../fixtures.ts';
import { PROBLEMS } from './every_page.ts';

for (const problem of PROBLEMS) {
  test(`${problem.name}: an error page with a next step`, async ({
    page,
    site,
    tenant,
    anotherSite,
    problemPage,
    greetingPage,
    signInPage,
  }) => {
    await problem.open({ page, site, tenant, anotherSite });
    await problemPage.expectShows(problem);
    await tenant.reset();
    await problemPage.followNextStep(problem.nextStep);
    if (await signInPage.isShownBeforeTheGreeting()) await signInPage.choose('ada@example.com');
    await greetingPage.expectGreets('Ada Lovelace');
  });
}
