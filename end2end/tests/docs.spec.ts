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

test('the response shows its body before its headers, which open', { tag: '@javascript' }, async ({
  ada: _,
  docsPage,
}) => {
  await docsPage.open();
  const { sendButton, answer } = await docsPage.operation('GET', '/api/item');
  await sendButton.click();
  await expect(answer.getByRole('status')).toHaveText(/^200 OK/);
  await expect(answer.locator('pre').first()).toContainText('"item_id"');
  const headers = answer.getByRole('region', { name: 'Headers of the response' });
  await expect(headers).toBeHidden();
  await answer.getByText('Headers', { exact: true }).click();
  await expect(headers).toContainText('content-type: application/json');
});

test('the command sends what the form sends, and is copied so', { tag: ['@javascript', '@chromium'] }, async ({
  ada: _,
  site,
  context,
  page,
  docsPage,
}) => {
  await context.grantPermissions(['clipboard-read', 'clipboard-write'], { origin: site.url });
  await docsPage.open();
  const operation = await docsPage.operation('GET', '/items/{item_id}');
  const [command, accept] = [operation.command.locator('code'), `-H 'Accept: application/json'`];
  await expect(command).toHaveText(`curl -i -b jar ${accept} '${site.url}/items/420?q=x'`);
  await operation.field('item_id').fill('-5');
  await operation.field('q').fill("it's ü");
  await operation.field('Accept').selectOption('text/html');
  const address = String.raw`'${site.url}/items/-5?q=it%27s+%C3%BC'`;
  await expect(command).toHaveText(`curl -i -b jar -H 'Accept: text/html' ${address}`);
  await operation.command.getByRole('button', { name: 'Copy' }).click();
  await expect(operation.command.getByRole('button')).toHaveText('Copied');
  expect(await page.evaluate(() => navigator.clipboard.readText())).toBe(await command.textContent());
  const request = page.waitForRequest(`${site.url}/items/-5?q=it%27s+%C3%BC`);
  await operation.sendButton.click();
  expect((await request).headers()['accept']).toBe('text/html');
  await operation.field('q').fill('');
  await operation.field('item_id').fill('');
  await expect(command).toHaveText(`curl -i -b jar -H 'Accept: text/html' '${site.url}/items/ITEM_ID'`);
});

test('the commands of forms and bodies follow them too', { tag: '@javascript' }, async ({ site, docsPage }) => {
  await docsPage.open();
  const theme = await docsPage.operation('POST', '/theme');
  await theme.field('theme').selectOption('dark');
  await theme.field('return_to').fill("/it's");
  await expect(theme.command.locator('code')).toHaveText(
    String.raw`curl -i --data-urlencode 'return_to=/it'\''s' --data-urlencode 'theme=dark' '${site.url}/theme'`,
  );
  const webhook = await docsPage.operation('POST', '/api/webhooks/kinde');
  await webhook.field('body').fill('@a.b');
  await expect(webhook.command.locator('code')).toHaveText(
    `curl -i -H 'Content-Type: application/jwt' --data-raw '@a.b' '${site.url}/api/webhooks/kinde'`,
  );
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
