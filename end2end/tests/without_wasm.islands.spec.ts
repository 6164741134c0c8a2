// Pages whose wasm is missing or late: they work without it, and nothing moves when the islands are hydrated.

import type { Page } from '@playwright/test';
import { expect, test } from '../fixtures.ts';
import { hold } from '../hold.ts';
import { GreetingPage } from '../pages/greeting_page.ts';

const FAILURES: { what: string; file: string; response?: { status: number; body: string } }[] = [
  { what: 'is blocked', file: '**/assets/islands.*.wasm' },
  { what: 'has a loader that is blocked', file: '**/assets/islands.*.js' },
  { what: 'is not there', file: '**/assets/islands.*.wasm', response: { status: 404, body: '' } },
];

for (const { what, file, response } of FAILURES) {
  test(`pages work with wasm that ${what}`, async ({ ada, page, itemPage, browserLog }) => {
    if (response) browserLog.expectStatus(response.status);
    else browserLog.expectFailure();
    await page.route(file, (route) => (response ? route.fulfill(response) : route.abort()));
    const plain = new GreetingPage(page);
    await plain.open();
    await plain.expectGreets(ada.name);
    await expect(page.getByRole('button', { name: 'Copy' })).toHaveCount(0);
    await plain.theme.choose('Dark');
    await expect(page.locator('html')).toHaveAttribute('data-theme', 'dark');
    await plain.itemForm.submit('9223372036854775807', 'x');
    await itemPage.expectShows('9223372036854775807', 'x');
    await expect(page.locator('html[data-islands]')).toHaveCount(0);
  });
}

for (const path of ['/', '/items/420?q=x', '/items/4x2', '/signed-out']) {
  test(`nothing on ${path} moves when the islands are hydrated`, async ({ ada, page, browserLog }) => {
    browserLog.tolerateStatuses();
    const release = await hold(page, '**/assets/islands.*.wasm');
    await page.goto(path);
    const before = await positions(page);
    release();
    await page.locator('html[data-islands]').waitFor({ state: 'attached' });
    expect(await positions(page)).toEqual(before);
    expect(await ada.sessionCookie()).toBeDefined();
  });
}

/** The position and size of every element. */
async function positions(page: Page): Promise<string[]> {
  return page.evaluate(() =>
    Array.from(document.body.querySelectorAll('*')).map((element) => {
      const { x, y, width, height } = element.getBoundingClientRect();
      return `${element.tagName}#${element.id} ${x} ${y} ${width} ${height}`;
    }),
  );
}
