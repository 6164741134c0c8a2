// Coming in: from an address of the site to the tenant and back.

import { expect, test } from '../fixtures.ts';
import { ItemPage } from '../pages/item_page.ts';
import { SignInPage } from '../pages/sign_in_page.ts';

const PEOPLE = [
  { email: 'ada@example.com', greeted: 'Ada Lovelace', who: 'a person with everything filled in' },
  { email: 'grace@example.com', greeted: 'Grace', who: 'a person without a family name' },
  { email: 'nameless@example.com', greeted: 'nameless@example.com', who: 'a person without any name' },
  { email: 'hypatia@example.com', greeted: 'Ὑπατία Θέωνος', who: 'a person with a Greek name' },
  { email: 'dorothy@example.com', greeted: 'Dorothy Vaughan', who: 'a person without permissions' },
  { email: 'emmy@example.com', greeted: 'Emmy Noether', who: 'a person known to the user profile alone' },
  { email: 'atlas@example.com', greeted: 'Atlas Farnese', who: 'a person with 65 kB of claims' },
  {
    email: 'mallory@example.com',
    greeted: '<b onclick=alert(1)>Mallory</b> O\'Hara X-Injected: "yes" & more',
    who: 'a person with markup in the name',
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

test('a person of two organizations signs in for one of them', async ({ greetingPage, signInPage }) => {
  await greetingPage.open();
  await signInPage.choose('katherine@example.com', 'Space Task Group');
  await greetingPage.expectGreets('Katherine Johnson');
});

test('a person who never came before creates an account', async ({ signedOutPage, signInPage, greetingPage }) => {
  await signedOutPage.open();
  await signedOutPage.createAccount();
  await signInPage.expectShown('Create an account');
  await signInPage.createAccount({ givenName: 'Annie', familyName: 'Easley', email: 'annie@example.com' });
  await expect(greetingPage.page).toHaveURL('/');
  await greetingPage.expectGreets('Annie Easley');
});

test('a person who cancels finds a way back', async ({ greetingPage, signInPage, problemPage }) => {
  await greetingPage.open();
  await signInPage.cancel();
  await problemPage.expectShows({ status: 400, title: 'Sign-in was cancelled', says: 'You cancelled' });
  await problemPage.goOn('Sign in again');
  await signInPage.choose('ada@example.com');
  await greetingPage.expectGreets('Ada Lovelace');
});

test('a person whose link expired starts again', async ({ greetingPage, signInPage, problemPage }) => {
  await greetingPage.open();
  await signInPage.pretendTheLinkExpired();
  await problemPage.expectShows({ status: 400, title: 'Sign-in did not work', says: 'The sign-in link has expired' });
  await problemPage.goOn('Sign in again');
  await signInPage.choose('ada@example.com');
  await greetingPage.expectGreets('Ada Lovelace');
});

// SE-2: the tenant is another site than the app
test('an address with a query comes back exactly after sign-in', async ({ itemPage, signInPage }) => {
  await itemPage.open('42?q=a%26b%20c');
  await signInPage.choose('ada@example.com');
  await expect(itemPage.page).toHaveURL('/items/42?q=a%26b%20c');
  await itemPage.expectShows('42', 'a&b c');
});

test('a person whom the tenant remembers comes in without a question', async ({
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
  const answer = await request.get('/api/greeting', { headers: { cookie: `kinde_session=${cookie?.value}` } });
  expect(answer.status()).toBe(401);
});

test('two tabs sign in at once and each arrives where it wanted', async ({ context, tenant, itemPage, signInPage }) => {
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
