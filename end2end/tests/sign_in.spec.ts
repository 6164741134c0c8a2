// Signing in: from a page of the site to the tenant and back.

import { expect, test } from '../fixtures.ts';
import { ItemPage } from '../pages/item_page.ts';
import { SignInPage } from '../pages/sign_in_page.ts';

const PEOPLE = [
  { email: 'ada@example.com', greeted: 'Ada Lovelace', who: 'a user with everything filled in' },
  { email: 'grace@example.com', greeted: 'Grace', who: 'a user without a family name' },
  { email: 'nameless@example.com', greeted: 'nameless@example.com', who: 'a user without any name' },
  { email: 'hypatia@example.com', greeted: 'Ὑπατία Θέωνος', who: 'a user with a Greek name' },
  { email: 'dorothy@example.com', greeted: 'Dorothy Vaughan', who: 'a user without permissions' },
  { email: 'emmy@example.com', greeted: 'Emmy Noether', who: 'a user whose name only the user profile has' },
  { email: 'atlas@example.com', greeted: 'Atlas Farnese', who: 'a user with 65 kB of claims' },
  {
    email: 'mallory@example.com',
    greeted: '<b onclick=alert(1)>Mallory</b> O\'Hara X-Injected: "yes" & more',
    who: 'a user with markup in the name',
  },
];

for (const { email, greeted, who } of PEOPLE) {
  test(`${who} signs in and is greeted by name`, async ({ greetingPage, signInPage }) => {
    await greetingPage.open();
    await signInPage.choose(email);
    await expect(greetingPage.page).toHaveURL('/');
    await greetingPage.expectGreets(greeted);
    await expect(greetingPage.header).toContainText(greeted);
  });
}

test('a user of two organizations signs in for one of them', async ({ greetingPage, signInPage }) => {
  await greetingPage.open();
  await signInPage.choose('katherine@example.com', 'Space Task Group');
  await greetingPage.expectGreets('Katherine Johnson');
});

test('a new user creates an account', async ({ signedOutPage, signInPage, greetingPage }) => {
  await signedOutPage.open();
  await signedOutPage.createAccount();
  await signInPage.expectShown('Create an account');
  await signInPage.createAccount({ givenName: 'Annie', familyName: 'Easley', email: 'annie@example.com' });
  await expect(greetingPage.page).toHaveURL('/');
  await greetingPage.expectGreets('Annie Easley');
});

test('a user who cancels can sign in again', async ({ greetingPage, signInPage, problemPage }) => {
  await greetingPage.open();
  await signInPage.cancel();
  await problemPage.expectShows({ status: 400, title: 'Sign-in was cancelled', text: 'You cancelled' });
  await problemPage.followNextStep('Sign in again');
  await signInPage.choose('ada@example.com');
  await greetingPage.expectGreets('Ada Lovelace');
});

test('a user whose sign-in link expired can start again', async ({ greetingPage, signInPage, problemPage }) => {
  await greetingPage.open();
  await signInPage.pretendTheLinkExpired();
  await problemPage.expectShows({ status: 400, title: 'This sign-in link has expired', text: 'Please start again' });
  await problemPage.followNextStep('Sign in again');
  await signInPage.choose('ada@example.com');
  await greetingPage.expectGreets('Ada Lovelace');
});

// SE-2: app and tenant are different sites
test('a URL with a query is the same after sign-in', async ({ itemPage, signInPage }) => {
  await itemPage.open('42?q=a%26b%20c');
  await signInPage.choose('ada@example.com');
  await expect(itemPage.page).toHaveURL('/items/42?q=a%26b%20c');
  await itemPage.expectShows('42', 'a&b c');
});

test('a user whom the tenant remembers signs in without a page', async ({
  greetingPage,
  signInPage,
  context,
}) => {
  await greetingPage.open();
  await signInPage.choose('ada@example.com');
  await greetingPage.expectGreets('Ada Lovelace');
  await context.clearCookies({ domain: 'localhost' });
  await greetingPage.open();
  await greetingPage.expectGreets('Ada Lovelace');
});

test('signing in once more as somebody else ends the first session', async ({
  greetingPage,
  signInPage,
  context,
  request,
}) => {
  await greetingPage.open();
  await signInPage.choose('ada@example.com');
  await greetingPage.expectGreets('Ada Lovelace');
  const cookie = (await context.cookies()).find(({ name }) => name === 'kinde_session');
  await context.clearCookies({ domain: '127.0.0.1' });
  await greetingPage.page.goto('/api/auth/login');
  await signInPage.choose('grace@example.com');
  await greetingPage.expectGreets('Grace');
  const response = await request.get('/api/greeting', { headers: { cookie: `kinde_session=${cookie?.value}` } });
  expect(response.status()).toBe(401);
});

test('two tabs sign in at once and each returns to its own page', async ({ context, tenant, itemPage, signInPage }) => {
  const secondTab = await context.newPage();
  const secondItem = new ItemPage(secondTab);
  await itemPage.open('1?q=first');
  await secondItem.open('2?q=second');
  await signInPage.choose('ada@example.com');
  await itemPage.expectShows('1', 'first');
  await new SignInPage(secondTab, tenant).choose('ada@example.com');
  await secondItem.expectShows('2', 'second');
  await itemPage.page.reload();
  await itemPage.expectShows('1', 'first');
});

test('127.0.0.1 is the same site as localhost', async ({ site, page, signInPage, itemPage }) => {
  const { port } = new URL(site.url);
  await page.goto(`http://127.0.0.1:${port}/items/7?q=x`);
  await signInPage.choose('ada@example.com');
  await expect(page).toHaveURL('/items/7?q=x');
  await itemPage.expectShows('7', 'x');
});
