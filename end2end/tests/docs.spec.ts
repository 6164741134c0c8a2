// The API's documentation.

import { expect, test } from '../fixtures.ts';

test('an item is read by the form, with the session', async ({ ada, page, docsPage, javaScriptEnabled }) => {
  await docsPage.open();
  await expect(docsPage.standing).toContainText(ada.name);
  const operation = await docsPage.operation('GET', '/api/item');
  await operation.field('item_id').fill('7');
  await operation.sendButton.click();
  if (javaScriptEnabled === false) {
    await expect(page).toHaveURL('/api/item?item_id=7&q=x');
    await expect(page.locator('pre')).toContainText('"item_id":7');
    return;
  }
  await expect(operation.answer.getByRole('status')).toHaveText(/^200 OK, \d+ ms$/);
  await expect(operation.answer).toContainText('content-type: application/json');
  await expect(operation.answer).toContainText('"item_id": 7');
  await expect(page).toHaveURL('/docs');
});

test('nobody gets 401 in place', { tag: '@javascript' }, async ({ docsPage, browserLog }) => {
  await docsPage.open();
  await expect(docsPage.standing).toContainText('Nobody is signed in');
  const operation = await docsPage.operation('GET', '/api/item');
  await operation.sendButton.click();
  await expect(operation.answer.getByRole('status')).toHaveText(/^401 Unauthorized/);
  browserLog.tolerateStatuses();
});

test('a part of the path and the media type can be changed', { tag: '@javascript' }, async ({ ada, docsPage }) => {
  await docsPage.open();
  const operation = await docsPage.operation('GET', '/items/{item_id}');
  await operation.field('item_id').fill('-5');
  await operation.sendButton.click();
  await expect(operation.answer).toContainText('"item_id": -5');
  await operation.field('Accept').selectOption('text/html');
  await operation.sendButton.click();
  await expect(operation.answer).toContainText(ada.name);
});

test('a form is sent by POST', { tag: '@javascript' }, async ({ page, docsPage }) => {
  await docsPage.open();
  const operation = await docsPage.operation('POST', '/theme');
  await operation.field('theme').selectOption('dark');
  await operation.sendButton.click();
  await expect(operation.answer.getByRole('status')).toHaveText(/^204/);
  await page.reload();
  await expect(page.locator('html')).toHaveAttribute('data-theme', 'dark');
});

test('the sign-in leads back to the docs', async ({ page, docsPage, signInPage, ada: _ }) => {
  await page.context().clearCookies({ name: 'kinde_session' });
  await docsPage.open();
  await page.getByRole('link', { name: 'Sign in and come back' }).click();
  if (!page.url().endsWith('/docs')) await signInPage.choose('ada@example.com');
  await expect(page).toHaveURL('/docs');
  await expect(docsPage.standing).toContainText('You are signed in as');
});

test('a link leads to an operation and opens it', { tag: '@javascript' }, async ({ page, docsPage }) => {
  await page.goto('/docs#read_item');
  await expect(page.locator('#read_item')).toBeVisible();
  await expect(docsPage.title).toBeVisible();
});

test('the OpenAPI document opens from every page', async ({ page, signedOutPage }) => {
  await signedOutPage.open();
  await signedOutPage.followLink('OpenAPI document');
  await expect(page).toHaveURL('/openapi.json');
  await expect(page.locator('pre')).toContainText('/items/{item_id}');
});
