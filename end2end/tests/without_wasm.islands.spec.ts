// Pages whose islands do not come, or come late: they are whole before, and nothing moves when they arrive.

import type { Page } from '@playwright/test';
import { expect, test } from '../fixtures.ts';
import { GreetingPage } from '../pages/greeting_page.ts';

const FAILURES: { what: string; file: string; complaint: RegExp; answer?: { status: number; body: string } }[] = [
  { what: 'is blocked', file: '**/pkg/*.wasm', complaint: /net::ERR_FAILED/ },
  { what: 'has a loader that is blocked', file: '**/pkg/*.js', complaint: /net::ERR_FAILED/ },
  { what: 'is not there', file: '**/pkg/*.wasm', complaint: /status of 404/, answer: { status: 404, body: '' } },
];

for (const { what, file, complaint, answer } of FAILURES) {
  test(`wasm that ${what} leaves whole pages`, async ({ ada, page, itemPage, browserLog }) => {
    // Each page asks for the file anew and logs it.
    browserLog.expect(complaint);
    await page.route(file, (route) => (answer ? route.fulfill(answer) : route.abort()));
    const plain = new GreetingPage(page);
    await plain.open();
    await plain.expectGreets(ada.name);
    await expect(page.getByRole('button', { name: 'Copy' })).toHaveCount(0);
    await plain.theme.choose('Dark');
    await expect(page.locator('html')).toHaveAttribute('data-theme', 'dark');
    await plain.itemForm.askFor('9223372036854775807', 'x');
    await itemPage.expectShows('9223372036854775807', 'x');
    await expect(page.locator('html[data-islands]')).toHaveCount(0);
  });
}

for (const path of ['/', '/items/420?q=x', '/items/4x2', '/signed-out']) {
  test(`nothing on ${path} moves when the islands arrive`, async ({ ada, page, browserLog }) => {
    browserLog.tolerateStatuses();
    let release = () => {};
    const held = new Promise<void>((resolve) => (release = resolve));
    await page.route('**/pkg/*.wasm', async (route) => {
      await held;
      await route.continue();
    });
    await page.goto(path);
    const before = await places(page);
    release();
    await page.locator('html[data-islands]').waitFor({ state: 'attached' });
    expect(await places(page)).toEqual(before);
    expect(await ada.sessionCookie()).toBeDefined();
  });
}

/** Where every element lies. */
async function places(page: Page): Promise<string[]> {
  return page.evaluate(() =>
    Array.from(document.body.querySelectorAll('*')).map((element) => {
      const { x, y, width, height } = element.getBoundingClientRect();
      return `${element.tagName}#${element.id} ${x} ${y} ${width} ${height}`;
    }),
  );
}
