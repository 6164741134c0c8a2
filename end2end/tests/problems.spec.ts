// Every page for something that went wrong, and the way on from it.

import { test } from '../fixtures.ts';
import { PROBLEMS } from './every_page.ts';

for (const problem of PROBLEMS) {
  test(`${problem.name}: the page says so and leads on`, async ({
    page,
    site,
    tenant,
    anotherSite,
    context,
    problemPage,
    greetingPage,
    signInPage,
  }) => {
    await problem.open({ page, site, tenant, anotherSite, context });
    await problemPage.expectShows(problem);
    await tenant.recovers();
    await problemPage.goOn(problem.wayOn);
    if (await signInPage.isShown()) await signInPage.choose('ada@example.com');
    await greetingPage.expectGreets('Ada Lovelace');
  });
}
