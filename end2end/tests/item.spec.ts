// Looking up items by form and by URL.

import { expect, test } from '../fixtures.ts';

test('the form shows the item', async ({ ada, greetingPage, itemPage }) => {
  await greetingPage.open();
  await greetingPage.itemForm.submit('420', 'blue & green');
  await itemPage.expectShows('420', 'blue & green');
  await expect(itemPage.page).toHaveTitle(/^Item 420 /);
  expect(new URL(itemPage.page.url()).searchParams.get('q')).toBe('blue & green');
  await expect(itemPage.header).toContainText(ada.name);
});

test('the form on an item page shows the next item', async ({ ada, itemPage }) => {
  await itemPage.open('1?q=kept');
  await expect(itemPage.itemForm.itemId).toHaveValue('1');
  await itemPage.itemForm.submit('9223372036854775807');
  await itemPage.expectShows('9223372036854775807', 'kept');
  await expect(itemPage.header).toContainText(ada.name);
});

test('a query left out and an empty one are told apart', async ({ ada, itemPage }) => {
  await itemPage.open('3');
  await itemPage.expectShows('3', 'not given');
  await itemPage.open('3?q=');
  await itemPage.expectShows('3', 'empty');
  await expect(itemPage.header).toContainText(ada.name);
});

test('a wrong item id is explained above the form, which keeps it', async ({
  ada,
  greetingPage,
  itemPage,
  browserLog,
}) => {
  browserLog.expectStatus(422);
  await greetingPage.open();
  await greetingPage.itemForm.submit('4x2', 'kept');
  await expect(itemPage.heading).toHaveText('Not an item ID');
  await expect(itemPage.page).toHaveTitle(/^Error: /);
  await expect(itemPage.problem).toContainText('Enter a whole number, for example 420');
  await expect(itemPage.problem).toContainText('4x2');
  await expect(itemPage.itemForm.itemId).toHaveValue('4x2');
  await expect(itemPage.itemForm.itemId).toHaveAttribute('aria-invalid', 'true');
  await expect(itemPage.itemForm.itemId).toHaveAccessibleDescription(/Not a whole number.*A whole number, for example 420/);
  await expect(itemPage.itemForm.query).toHaveValue('kept');
  await expect(itemPage.header).toContainText(ada.name);
});

test('the error summary links to the field, where it can be corrected', async ({
  ada,
  itemPage,
  browserLog,
}) => {
  browserLog.expectStatus(422);
  await itemPage.open('abc');
  await itemPage.problem.getByRole('link').click();
  await expect(itemPage.page).toHaveURL('/items/abc#item_id');
  await itemPage.itemForm.submit('0042');
  await itemPage.expectShows('42', 'empty');
  await expect(itemPage.header).toContainText(ada.name);
});

for (const written of ['a/b?c#d', '..', '<img src=x onerror=alert(1)>', '%', '٣', '99999999999999999999']) {
  test(`${written} in the form is a wrong item id and nothing else`, async ({
    ada,
    greetingPage,
    itemPage,
    browserLog,
  }) => {
    browserLog.expectStatus(422);
    await greetingPage.open();
    await greetingPage.itemForm.submit(written);
    await expect(itemPage.heading).toHaveText('Not an item ID');
    await expect(itemPage.itemForm.itemId).toHaveValue(written);
    await expect(itemPage.header).toContainText(ada.name);
  });
}

test('an empty form is not sent', async ({ ada, greetingPage }) => {
  await greetingPage.open();
  await greetingPage.itemForm.button.click();
  await expect(greetingPage.itemForm.itemId).toBeFocused();
  await greetingPage.expectGreets(ada.name);
});

test('the back button goes through the items', async ({ ada, page, itemPage }) => {
  await itemPage.open('1');
  await itemPage.itemForm.submit('2');
  await itemPage.expectShows('2', 'empty');
  await page.goBack();
  await itemPage.expectShows('1', 'not given');
  await page.goForward();
  await itemPage.expectShows('2', 'empty');
  await expect(itemPage.header).toContainText(ada.name);
});

test('an item links to its own JSON', async ({ ada, itemPage, page }) => {
  await itemPage.open('-5?q=x%26y');
  await itemPage.followLink('This item as JSON');
  await expect(page).toHaveURL('/api/item?item_id=-5&q=x%26y');
  expect(JSON.parse((await page.locator('pre').textContent()) ?? '')).toEqual({ item_id: -5, q: 'x&y' });
  expect(await ada.sessionCookie()).toBeDefined();
});
