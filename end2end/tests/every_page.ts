// Every page of the site and how to open it, for specs that test all of them.

import type { Page } from '@playwright/test';
import { loginAs } from '../login_as.ts';
import { DocsPage } from '../pages/docs_page.ts';
import { GreetingPage } from '../pages/greeting_page.ts';
import type { Problem } from '../pages/problem_page.ts';
import { SignInPage } from '../pages/sign_in_page.ts';
import type { AnotherSite } from '../servers/another_site.ts';
import type { Site } from '../servers/site.ts';
import type { Tenant } from '../servers/tenant.ts';

/** The fixtures that opening a page needs. */
export interface PageFixtures {
  page: Page;
  site: Site;
  tenant: Tenant;
  anotherSite: AnotherSite;
}

export interface PageCase {
  name: string;
  open(fixtures: PageFixtures): Promise<void>;
  /** The rules of the checkers that it breaks on purpose; the reason stands in `src/accessibility.rs`. */
  exceptions?: { axe: string[]; sniffer: string[] };
}

export interface ProblemCase extends PageCase, Problem {
  /** The link or button that leads back to the greeting, possibly through sign-in. */
  nextStep: string;
}

const signedIn = ({ page }: PageFixtures) => loginAs(page, 'ada');

/** Signs in as Ada while the tenant has a fault. */
async function signInWithFault({ page, tenant }: PageFixtures, fault: string): Promise<void> {
  await page.goto('/');
  await tenant.fault(fault);
  await new SignInPage(page, tenant).choose('ada@example.com');
}

/** Submits a form from a page of the site's origin, which Playwright serves. */
async function submitForm({ page }: PageFixtures, action: string): Promise<void> {
  const form = `<form method="post" action="${action}"><button>Send</button></form>`;
  const body = `<!doctype html><link rel="icon" href="data:,">${form}`;
  await page.route('/a-form', (route) => route.fulfill({ contentType: 'text/html', body }));
  await page.goto('/a-form');
  await page.getByRole('button').click();
}

async function comeFromAnotherSite({ page, anotherSite }: PageFixtures, content: string): Promise<void> {
  await page.goto(anotherSite.publish(content));
  await page.getByRole('link').or(page.getByRole('button')).click();
}

export const PROBLEMS: ProblemCase[] = [
  {
    name: 'an unknown path',
    status: 404,
    title: 'Page not found',
    nextStep: 'Start page',
    open: async ({ page }) => void (await page.goto('/nothing/here')),
  },
  {
    name: 'a form sent to a page that accepts none',
    status: 405,
    title: 'Not possible here',
    nextStep: 'Start page',
    open: (fixtures) => submitForm(fixtures, '/signed-out'),
  },
  {
    name: 'a URL that is too long',
    status: 414,
    title: 'Too long',
    nextStep: 'Start page',
    open: async ({ page }) => void (await page.goto(`/items/1?q=${'x'.repeat(9000)}`)),
  },
  {
    name: 'a callback without a sign-in',
    status: 400,
    title: 'Sign-in did not work',
    text: 'begun in another browser',
    nextStep: 'Sign in again',
    open: async ({ page }) => void (await page.goto('/api/auth/kinde_callback?code=made-up&state=made-up')),
  },
  {
    name: 'a cancelled sign-in',
    status: 400,
    title: 'Sign-in was cancelled',
    nextStep: 'Sign in again',
    open: async ({ page, tenant }) => {
      await page.goto('/');
      await new SignInPage(page, tenant).cancel();
    },
  },
  {
    name: 'an ID token that fails verification',
    status: 400,
    title: 'Sign-in did not work',
    nextStep: 'Sign in again',
    open: (fixtures) => signInWithFault(fixtures, 'id_wrong_nonce'),
  },
  {
    name: 'a hostile error on the callback',
    status: 400,
    title: 'Sign-in did not work',
    nextStep: 'Sign in again',
    open: (fixtures) => signInWithFault(fixtures, 'cb_xss_error'),
  },
  {
    name: 'a sign-out that another site requests',
    status: 403,
    title: 'Sign out?',
    nextStep: 'Stay signed in',
    open: async (fixtures) => {
      await signedIn(fixtures);
      await comeFromAnotherSite(fixtures, `<a href="${fixtures.site.url}/api/auth/logout">A surprise</a>`);
    },
  },
  {
    name: 'another organization that another site chooses',
    status: 403,
    title: 'Sign in to another organization?',
    nextStep: 'Stay signed in as now',
    open: async (fixtures) => {
      await signedIn(fixtures);
      const url = `${fixtures.site.url}/api/auth/switch_org?org_code=org_1`;
      await comeFromAnotherSite(fixtures, `<a href="${url}">A surprise</a>`);
    },
  },
  {
    name: 'a form on another site',
    status: 403,
    title: 'Refused',
    nextStep: 'Start page',
    open: (fixtures) => {
      const form = `<form method="post" action="${fixtures.site.url}/"><button>Win</button></form>`;
      return comeFromAnotherSite(fixtures, form);
    },
  },
  {
    name: 'a tenant whose token endpoint fails',
    status: 502,
    title: 'Sign-in is not available',
    text: 'cannot be reached',
    nextStep: 'Try again',
    open: (fixtures) => signInWithFault(fixtures, 'token_500'),
  },
  {
    name: 'a tenant that is unavailable for a while',
    status: 503,
    title: 'Sign-in is not available',
    nextStep: 'Try again',
    open: (fixtures) => signInWithFault(fixtures, 'cb_temporarily_unavailable'),
  },
  {
    name: 'a tenant that does not respond in time',
    status: 504,
    title: 'Sign-in is not available',
    nextStep: 'Try again',
    open: (fixtures) => signInWithFault(fixtures, 'token_slow'),
  },
];

/** The other pages. */
export const PAGES: PageCase[] = [
  { name: 'signed out', open: async ({ page }) => void (await page.goto('/signed-out')) },
  {
    name: 'greeting',
    open: async (fixtures) => {
      await signedIn(fixtures);
      await new GreetingPage(fixtures.page).open();
    },
  },
  { name: 'item', open: (fixtures) => openSignedIn(fixtures, '/items/420?q=blue') },
  { name: 'item with an empty query', open: (fixtures) => openSignedIn(fixtures, '/items/-1?q=') },
  { name: 'not an item', open: (fixtures) => openSignedIn(fixtures, '/items/4x2') },
  { name: 'account', open: (fixtures) => openSignedIn(fixtures, '/account') },
  {
    name: 'account with three thousand permissions',
    open: async ({ page }) => {
      await loginAs(page, 'atlas');
      await page.goto('/account');
    },
  },
  {
    name: 'account with two organizations',
    open: async ({ page }) => {
      await loginAs(page, 'katherine');
      await page.goto('/account');
    },
  },
  { name: 'members', open: (fixtures) => openSignedIn(fixtures, '/members') },
  {
    name: 'members for whom they are not',
    open: async ({ page }) => {
      await loginAs(page, 'dorothy');
      await page.goto('/members');
    },
  },
  { name: 'API docs', open: openDocs },
  {
    name: 'API docs of a user',
    open: async (fixtures) => {
      await signedIn(fixtures);
      await openDocs(fixtures);
    },
  },
  { name: 'set-up', open: async ({ page }) => void (await page.goto('/setup')) },
  {
    name: 'set-up with a problem',
    open: async ({ page, tenant }) => {
      await tenant.fault('jwks_500');
      await page.goto('/setup');
    },
  },
  { name: 'sign-in at the tenant', open: async ({ page }) => void (await page.goto('/')) },
  { name: 'registration at the tenant', open: async ({ page }) => void (await page.goto('/api/auth/register')) },
  {
    name: 'refusal of the tenant',
    open: async ({ page, tenant }) => void (await page.goto(`${tenant.issuer}/oauth2/auth?client_id=unknown`)),
  },
  {
    name: 'an unknown path of the tenant',
    open: async ({ page, tenant }) => void (await page.goto(`${tenant.issuer}/nothing/here`)),
  },
  { name: 'portal of the tenant', open: (fixtures) => openSignedIn(fixtures, '/api/auth/portal') },
];

/** With operations open that have every kind of field. All of them would take axe-core half a minute. */
async function openDocs({ page }: PageFixtures): Promise<void> {
  const docs = new DocsPage(page);
  await docs.open();
  await docs.operation('GET', '/items/{item_id}');
  await docs.operation('POST', '/theme');
  await docs.operation('POST', '/api/webhooks/kinde');
}

async function openSignedIn(fixtures: PageFixtures, path: string): Promise<void> {
  await signedIn(fixtures);
  await fixtures.page.goto(path);
}

/** Opens a page of the tenant's console, after a sign-in that it can show. */
async function openConsole({ page, tenant }: PageFixtures, path: string): Promise<void> {
  await loginAs(page, 'ada');
  await page.goto(tenant.issuer + path);
}

/** Opens a page of the console that loads itself again, and keeps it from doing so. */
async function openFollowed({ page, tenant }: PageFixtures): Promise<void> {
  const url = `${tenant.issuer}/?follow`;
  await loginAs(page, 'ada');
  await page.goto(url);
  await page.route(url, (route) => route.fulfill({ status: 204 }));
}

/** Has the console issue a token for Ada. */
async function issueToken(fixtures: PageFixtures): Promise<void> {
  await openConsole(fixtures, '/tokens');
  await fixtures.page.getByLabel('Person', { exact: true }).selectOption('ada');
  await fixtures.page.getByRole('button', { name: 'Issue the token' }).click();
}

async function callWithToken(fixtures: PageFixtures): Promise<void> {
  const { page } = fixtures;
  await issueToken(fixtures);
  // A response that is longer than its place on the page.
  await page.getByLabel('Path').fill('/openapi.json');
  await page.getByRole('button', { name: 'Send the request' }).click();
}

/** Has the console read the token of a session, as it stands in the form of an issued one. */
async function readToken(fixtures: PageFixtures): Promise<void> {
  const { page, tenant } = fixtures;
  await issueToken(fixtures);
  const token = await page.locator('input[name=token]').inputValue();
  await page.goto(`${tenant.issuer}/tokens`);
  await page.getByLabel('Token', { exact: true }).fill(token);
  await page.getByRole('button', { name: 'Read the token' }).click();
}

/**
 * Has the console send an event to the app, which accepts it. It changes no rights: after one that does, the site asks
 * the tenant for everybody's from then on, in the tests that follow too.
 */
async function sendEvent(fixtures: PageFixtures): Promise<void> {
  const { page, site, tenant } = fixtures;
  await tenant.settings({ webhook_url: `${site.url}/api/webhooks/kinde` });
  await openConsole(fixtures, '/webhooks');
  await page.getByLabel('Type').fill('subscriber.created');
  await page.getByRole('button', { name: 'Send the event' }).click();
}

/** The tenant's own pages for developers. */
export const CONSOLE: PageCase[] = [
  { name: 'console: sign-ins', open: (fixtures) => openConsole(fixtures, '/') },
  {
    name: 'console: a sign-in',
    open: async (fixtures) => {
      await openConsole(fixtures, '/');
      await fixtures.page.getByRole('main').getByRole('link', { name: /^Sign-in / }).first().click();
    },
  },
  {
    name: 'console: sign-ins that somebody follows',
    open: openFollowed,
    exceptions: { axe: ['meta-refresh'], sniffer: ['WCAG2AA.Principle2.Guideline2_2.2_2_1.F41.2'] },
  },
  { name: 'console: outside of a sign-in', open: (fixtures) => openConsole(fixtures, '/sign-ins/outside') },
  { name: 'console: faults', open: (fixtures) => openConsole(fixtures, '/sign-ins/faults') },
  { name: 'console: people', open: (fixtures) => openConsole(fixtures, '/people') },
  { name: 'console: a person', open: (fixtures) => openConsole(fixtures, '/people/ada') },
  { name: 'console: deletion of a person', open: (fixtures) => openConsole(fixtures, '/people/ada/delete') },
  { name: 'console: tokens', open: (fixtures) => openConsole(fixtures, '/tokens') },
  { name: 'console: an issued token', open: issueToken },
  { name: 'console: a token that was read', open: readToken },
  { name: 'console: a call with a token', open: callWithToken },
  { name: 'console: events', open: (fixtures) => openConsole(fixtures, '/webhooks') },
  { name: 'console: an event', open: sendEvent },
  { name: 'console: conditions', open: (fixtures) => openConsole(fixtures, '/conditions') },
];

export const EVERY_PAGE: PageCase[] = [...PAGES, ...CONSOLE, ...PROBLEMS];
