// The item form when its island is hydrated: it shows results without loading a new document and updates the URL.

import type { Page } from '@playwright/test';
import { expect, test } from '../fixtures.ts';
import { hold } from '../hold.ts';

/** Marks the document; the function returned tells whether it is still the same one. */
async function markDocument(page: Page): Promise<() => Promise<boolean>> {
  await page.evaluate(() => document.body.classList.add('marked'));
  return () => page.evaluate(() => document.body.classList.contains('marked'));
}

test('the result comes from the server function without a new document', async ({
  ada,
  page,
  greetingPage,
  itemPage,
}) => {
  await greetingPage.open();
  const isSameDocument = await markDocument(page);
  const call = page.waitForRequest((request) => new URL(request.url()).pathname === '/api/item');
  await greetingPage.itemForm.submit('420', 'blue & green');
  expect((await call).resourceType()).toBe('fetch');
  await itemPage.expectShows('420', 'blue & green');
  await expect(page).toHaveURL('/items/420?q=blue%20%26%20green');
  await expect(page).toHaveTitle('Item 420 · kinde-leptos');
  await expect(itemPage.header).toContainText(ada.name);
  expect(await isSameDocument()).toBe(true);
});

test('the URL of a result shows the same result', async ({ ada, page, greetingPage, itemPage }) => {
  await greetingPage.open();
  await greetingPage.itemForm.submit('7', 'ü?#/');
  await itemPage.expectShows('7', 'ü?#/');
  await page.reload();
  await itemPage.expectShows('7', 'ü?#/');
  await expect(itemPage.header).toContainText(ada.name);
});

for (const digits of ['9223372036854775807', '-9223372036854775808', '9007199254740993']) {
  test(`${digits} keeps every digit`, async ({ ada, page, greetingPage, itemPage }) => {
    await greetingPage.open();
    const isSameDocument = await markDocument(page);
    await greetingPage.itemForm.submit(digits);
    await itemPage.expectShows(digits, 'empty');
    await expect(page).toHaveTitle(`Item ${digits} · kinde-leptos`);
    await expect(itemPage.header).toContainText(ada.name);
    expect(await isSameDocument()).toBe(true);
  });
}

test('an error is shown in place and removed by the next result', async ({
  ada,
  page,
  greetingPage,
  itemPage,
  browserLog,
}) => {
  browserLog.expectStatus(422);
  await greetingPage.open();
  const isSameDocument = await markDocument(page);
  const { itemId } = itemPage.itemForm;
  await greetingPage.itemForm.submit('4x2', 'kept');
  await expect(itemPage.problem).toContainText('Enter a whole number, for example 420');
  await expect(itemPage.problem).toContainText('You entered: 4x2');
  await expect(itemPage.result).toBeHidden();
  await expect(itemId).toHaveAttribute('aria-invalid', 'true');
  await expect(itemId).toHaveAccessibleDescription(/Not a whole number.*A whole number, for example 420/);
  await expect(page).toHaveTitle('Error: Not an item ID · kinde-leptos');
  await expect(page).toHaveURL('/items/4x2?q=kept');

  await itemPage.itemForm.submit('42');
  await itemPage.expectShows('42', 'kept');
  await expect(itemPage.problem).toBeHidden();
  await expect(itemId).not.toHaveAttribute('aria-invalid');
  await expect(itemId).toHaveAccessibleDescription('A whole number, for example 420');
  await expect(itemPage.header).toContainText(ada.name);
  expect(await isSameDocument()).toBe(true);
});

test('results and errors appear in a live region', async ({ ada, page, greetingPage, itemPage, browserLog }) => {
  browserLog.expectStatus(422);
  await greetingPage.open();
  const live = page.locator('[aria-live="polite"]');
  await greetingPage.itemForm.submit('1');
  await expect(live.filter({ has: itemPage.result })).toBeVisible();
  await greetingPage.itemForm.submit('x');
  await expect(live.filter({ has: itemPage.problem })).toBeVisible();
  await expect(itemPage.header).toContainText(ada.name);
});

test('an item id that is a relative path is explained and has a URL', async ({
  ada,
  page,
  greetingPage,
  itemPage,
  browserLog,
}) => {
  browserLog.expectStatus(422);
  await greetingPage.open();
  await greetingPage.itemForm.submit('..', 'x');
  await expect(itemPage.problem).toContainText('You entered: ..');
  await expect(page).toHaveURL('/items?item_id=..&q=x');
  await page.reload();
  await expect(itemPage.problem).toContainText('You entered: ..');
  await expect(itemPage.header).toContainText(ada.name);
});

test('back and forward go through the results and to the page before', async ({
  ada,
  page,
  greetingPage,
  itemPage,
}) => {
  await greetingPage.open();
  await greetingPage.itemForm.submit('1', 'one');
  await itemPage.expectShows('1', 'one');
  await itemPage.itemForm.submit('2', 'two');
  await itemPage.expectShows('2', 'two');
  const isSameDocument = await markDocument(page);
  await page.goBack();
  await itemPage.expectShows('1', 'one');
  await expect(itemPage.itemForm.itemId).toHaveValue('1');
  await expect(itemPage.itemForm.query).toHaveValue('one');
  await expect(page).toHaveURL('/items/1?q=one');
  expect(await isSameDocument()).toBe(true);
  await page.goBack();
  await greetingPage.expectGreets(ada.name);
  await expect(page).toHaveURL('/');
  await expect(itemPage.result).toBeHidden();
  await page.goForward();
  await itemPage.expectShows('1', 'one');
  await page.goForward();
  await itemPage.expectShows('2', 'two');
});

test('back and forward before the islands are awake show the page of the address', async ({
  ada,
  page,
  greetingPage,
  itemPage,
}) => {
  await greetingPage.open();
  await greetingPage.itemForm.submit('1', 'one');
  await itemPage.expectShows('1', 'one');
  const release = await hold(page, '**/assets/islands.*.wasm');
  await page.goBack();
  await greetingPage.expectGreets(ada.name);
  await page.goForward();
  await itemPage.expectShows('1', 'one');
  await expect(page).toHaveURL('/items/1?q=one');
  release();
  await itemPage.islands.waitUntilHydrated();
  await itemPage.expectShows('1', 'one');
  await itemPage.itemForm.submit('2', 'two');
  await itemPage.expectShows('2', 'two');
});

test('forward, before back has its result, shows the item of the address', async ({
  ada,
  page,
  greetingPage,
  itemPage,
}) => {
  await greetingPage.open();
  await greetingPage.itemForm.submit('1', 'one');
  await itemPage.expectShows('1', 'one');
  await itemPage.itemForm.submit('2', 'two');
  await itemPage.expectShows('2', 'two');
  const release = await hold(page, '**/api/item?item_id=1&*');
  const lookup = page.waitForRequest('**/api/item?item_id=1&*');
  await page.goBack();
  await lookup;
  await page.goForward();
  await expect(page).toHaveURL('/items/2?q=two');
  const late = page.waitForResponse('**/api/item?item_id=1&*');
  release();
  await (await late).finished();
  await itemPage.expectShows('2', 'two');
  await expect(itemPage.itemForm.itemId).toHaveValue('2');
  await expect(itemPage.itemForm.query).toHaveValue('two');
  await expect(itemPage.header).toContainText(ada.name);
});

test('back from a problem page, which has no item form, shows the page of the address', async ({
  ada,
  page,
  greetingPage,
  itemPage,
  browserLog,
}) => {
  browserLog.expectStatus(503);
  await greetingPage.open();
  await greetingPage.itemForm.submit('1', 'one');
  await itemPage.expectShows('1', 'one');
  const problem = await page.request.get('/nothing-here', { headers: { accept: 'text/html' } });
  const headers = { ...problem.headers() };
  await page.route('**/items/1?q=one', async (route) => {
    await route.fulfill({ status: 503, headers, body: await problem.text() });
  });
  await page.reload();
  await expect(itemPage.heading).toHaveText('Page not found');
  await itemPage.islands.waitUntilHydrated();
  await page.goBack();
  await greetingPage.expectGreets(ada.name);
});

test('back before the style sheet has loaded shows the page of the address', async ({
  ada,
  page,
  greetingPage,
  itemPage,
}) => {
  await greetingPage.open();
  await greetingPage.itemForm.submit('1', 'one');
  await itemPage.expectShows('1', 'one');
  const release = await hold(page, '**/assets/main.*.css');
  const style = page.waitForRequest('**/assets/main.*.css');
  await page.evaluate(() => location.reload());
  await style;
  await page.evaluate(() => history.back());
  await expect(page).toHaveURL('/');
  release();
  await greetingPage.expectGreets(ada.name);
});

test('a link within the page keeps the result', async ({ ada, page, greetingPage, itemPage }) => {
  await greetingPage.open();
  await greetingPage.itemForm.submit('1');
  await itemPage.expectShows('1', 'empty');
  const isSameDocument = await markDocument(page);
  await page.getByRole('link', { name: 'Skip to content' }).focus();
  await page.keyboard.press('Enter');
  await expect(page).toHaveURL('/items/1?q=#main');
  await itemPage.itemForm.submit('2');
  await itemPage.expectShows('2', 'empty');
  expect(await isSameDocument()).toBe(true);
  await page.goBack();
  await itemPage.expectShows('1', 'empty');
  await expect(itemPage.header).toContainText(ada.name);
});

test('sending the same form again adds no history entry', async ({ ada, page, greetingPage, itemPage }) => {
  await greetingPage.open();
  await greetingPage.itemForm.submit('1');
  await itemPage.expectShows('1', 'empty');
  const entries = await page.evaluate(() => history.length);
  const response = page.waitForResponse('**/api/item?*');
  await greetingPage.itemForm.submit('1');
  await response;
  await itemPage.expectShows('1', 'empty');
  expect(await page.evaluate(() => history.length)).toBe(entries);
  await page.goBack();
  await greetingPage.expectGreets(ada.name);
});

test('the later of two requests wins, however long the first takes', async ({
  ada,
  page,
  greetingPage,
  itemPage,
}) => {
  await greetingPage.open();
  const release = await hold(page, '**/api/item?item_id=1&*');
  await greetingPage.itemForm.submit('1');
  await greetingPage.itemForm.submit('2');
  await itemPage.expectShows('2', 'empty');
  const late = page.waitForResponse('**/api/item?item_id=1&*');
  release();
  await (await late).finished();
  await itemPage.expectShows('2', 'empty');
  await expect(page).toHaveURL('/items/2?q=');
  await expect(itemPage.header).toContainText(ada.name);
});

test('when the site cannot be reached an error is shown in place, and sending again works', async ({
  ada,
  page,
  greetingPage,
  itemPage,
  browserLog,
}) => {
  browserLog.expectFailure();
  await greetingPage.open();
  await page.route('**/api/item?*', (route) => route.abort());
  await greetingPage.itemForm.submit('1');
  await expect(itemPage.problem).toContainText('could not be reached');
  await expect(page).toHaveURL('/');
  await page.unroute('**/api/item?*');
  await greetingPage.itemForm.submit('1');
  await itemPage.expectShows('1', 'empty');
  await expect(itemPage.problem).toBeHidden();
  await expect(itemPage.header).toContainText(ada.name);
});

for (const [what, status, body] of [
  ['an internal error', 500, '{"detail":"Internal Server Error"}'],
  ['no JSON', 200, '<html>'],
  ['a validation error of another shape', 422, '{"detail":"?"}'],
] as const) {
  test(`${what} instead of a result keeps the page and shows an error`, async ({
    ada,
    page,
    greetingPage,
    itemPage,
    browserLog,
  }) => {
    if (status !== 200) browserLog.expectStatus(status);
    await greetingPage.open();
    await page.route('**/api/item?*', (route) => route.fulfill({ status, body }));
    await greetingPage.itemForm.submit('1');
    await expect(itemPage.problem).toContainText('Something went wrong here');
    await expect(page).toHaveURL('/');
    await greetingPage.expectGreets(ada.name);
  });
}

test('a result links to its own JSON', async ({ ada, page, greetingPage, itemPage }) => {
  await greetingPage.open();
  await greetingPage.itemForm.submit('-5', 'x&y');
  await itemPage.expectShows('-5', 'x&y');
  await itemPage.followLink('This item as JSON');
  await expect(page).toHaveURL('/api/item?item_id=-5&q=x%26y');
  expect(await ada.sessionCookie()).toBeDefined();
});
