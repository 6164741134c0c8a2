// The theme: chosen on any page, signed in or not, with JavaScript or without.

import { expect, test } from '../fixtures.ts';

for (const theme of ['Light', 'Dark'] as const) {
  const everyPage = `${theme} applies to every page, from the first byte`;
  test(everyPage, { tag: '@chromium' }, async ({ ada, page, signedOutPage, greetingPage }) => {
    await page.emulateMedia({ colorScheme: theme === 'Light' ? 'dark' : 'light' });
    await signedOutPage.open();
    await signedOutPage.theme.expectChosen('System');
    await signedOutPage.theme.choose(theme);
    await signedOutPage.theme.expectChosen(theme);
    await expect(page).toHaveURL('/signed-out');
    await expect.poll(async () => themeCookie(await ada.context.cookies())).toBe(theme.toLowerCase());
    const response = await page.goto('/items/1');
    expect(await response?.text()).toContain(`<html lang="en" data-theme="${theme.toLowerCase()}">`);
    await greetingPage.theme.expectChosen(theme);
    await expect(greetingPage.header).toContainText(ada.name);
  });
}

test('choosing a theme changes nothing else on the page', async ({ ada, page, itemPage }) => {
  await itemPage.open('5?q=a%26b');
  await itemPage.theme.choose('Dark');
  await itemPage.theme.expectChosen('Dark');
  await expect(page).toHaveURL('/items/5?q=a%26b');
  await itemPage.expectShows('5', 'a&b');
  await expect(itemPage.header).toContainText(ada.name);
});

test('System returns to the color scheme of the system', { tag: '@chromium' }, async ({ context, page, signedOutPage }) => {
  await page.emulateMedia({ colorScheme: 'light' });
  await signedOutPage.open();
  await signedOutPage.theme.choose('Dark');
  await expect.poll(async () => themeCookie(await context.cookies())).toBe('dark');
  await signedOutPage.theme.choose('System');
  await signedOutPage.theme.expectChosen('System');
  await expect.poll(async () => themeCookie(await context.cookies())).toBeUndefined();
  await signedOutPage.open();
  await signedOutPage.theme.expectChosen('System');
});

test('no script of a page can read the cookie', async ({ context, signedOutPage }) => {
  await signedOutPage.open();
  await signedOutPage.theme.choose('Dark');
  await expect.poll(async () => themeCookie(await context.cookies())).toBe('dark');
  const cookie = (await context.cookies()).find(({ name }) => name === 'theme');
  expect(cookie).toMatchObject({ httpOnly: true, sameSite: 'Lax', path: '/' });
});

function themeCookie(cookies: { name: string; value: string }[]): string | undefined {
  return cookies.find(({ name }) => name === 'theme')?.value;
}
