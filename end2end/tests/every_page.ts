// Every page of the site and how to get there, for specs that look at all of them.

import type { BrowserContext, Page } from '@playwright/test';
import { Ada } from '../ada.ts';
import { GreetingPage } from '../pages/greeting_page.ts';
import type { Problem } from '../pages/problem_page.ts';
import { SignInPage } from '../pages/sign_in_page.ts';
import type { AnotherSite } from '../servers/another_site.ts';
import type { Site } from '../servers/site.ts';
import type { Tenant } from '../servers/tenant.ts';

/** What it takes to get to a page. */
export interface Surroundings {
  page: Page;
  context: BrowserContext;
  site: Site;
  tenant: Tenant;
  anotherSite: AnotherSite;
}

export interface Place {
  name: string;
  open(surroundings: Surroundings): Promise<void>;
}

export interface ProblemPlace extends Place, Problem {
  /** The way on that leads back to the greeting. */
  wayOn: string;
}

const signedIn = ({ context, site, tenant }: Surroundings) => new Ada(context, site, tenant).signsIn();

/** Chooses Ada while the tenant has a fault. */
async function signInDespite({ page, tenant }: Surroundings, fault: string): Promise<void> {
  await page.goto('/');
  await tenant.misbehaves(fault);
  await new SignInPage(page, tenant).choose('ada@example.com');
}

/** A page on our own origin that the site does not have, with a form that leads to `action`. */
async function submitFormOfOurOwn({ page }: Surroundings, action: string): Promise<void> {
  const form = `<form method="post" action="${action}"><button>Send</button></form>`;
  const body = `<!doctype html><link rel="icon" href="data:,">${form}`;
  await page.route('/a-form', (route) => route.fulfill({ contentType: 'text/html', body }));
  await page.goto('/a-form');
  await page.getByRole('button').click();
}

async function comeFromAnotherSite({ page, anotherSite }: Surroundings, content: string): Promise<void> {
  await page.goto(anotherSite.publishes(content));
  await page.getByRole('link').or(page.getByRole('button')).click();
}

export const PROBLEMS: ProblemPlace[] = [
  {
    name: 'an address where nothing is',
    status: 404,
    title: 'Page not found',
    wayOn: 'Start page',
    open: async ({ page }) => void (await page.goto('/nothing/here')),
  },
  {
    name: 'a form sent where none is expected',
    status: 405,
    title: 'Not possible here',
    wayOn: 'Start page',
    open: (surroundings) => submitFormOfOurOwn(surroundings, '/signed-out'),
  },
  {
    name: 'an address that is too long',
    status: 414,
    title: 'Too long',
    wayOn: 'Start page',
    open: async ({ page }) => void (await page.goto(`/items/1?q=${'x'.repeat(9000)}`)),
  },
  {
    name: 'a callback that nobody asked for',
    status: 400,
    title: 'Sign-in did not work',
    says: 'begun in another browser',
    wayOn: 'Sign in again',
    open: async ({ page }) => void (await page.goto('/api/auth/kinde_callback?code=made-up&state=made-up')),
  },
  {
    name: 'a cancelled sign-in',
    status: 400,
    title: 'Sign-in was cancelled',
    wayOn: 'Sign in again',
    open: async ({ page, tenant }) => {
      await page.goto('/');
      await new SignInPage(page, tenant).cancel();
    },
  },
  {
    name: 'an ID token that fails verification',
    status: 400,
    title: 'Sign-in did not work',
    wayOn: 'Sign in again',
    open: (surroundings) => signInDespite(surroundings, 'id_wrong_nonce'),
  },
  {
    name: 'a hostile error on the callback',
    status: 400,
    title: 'Sign-in did not work',
    wayOn: 'Sign in again',
    open: (surroundings) => signInDespite(surroundings, 'cb_xss_error'),
  },
  {
    name: 'a sign-out that another site asks for',
    status: 403,
    title: 'Sign out?',
    wayOn: 'Stay signed in',
    open: async (surroundings) => {
      await signedIn(surroundings);
      await comeFromAnotherSite(surroundings, `<a href="${surroundings.site.url}/api/auth/logout">A surprise</a>`);
    },
  },
  {
    name: 'a form on another site',
    status: 403,
    title: 'Refused',
    wayOn: 'Start page',
    open: (surroundings) => {
      const form = `<form method="post" action="${surroundings.site.url}/"><button>Win</button></form>`;
      return comeFromAnotherSite(surroundings, form);
    },
  },
  {
    name: 'a tenant whose token endpoint fails',
    status: 502,
    title: 'Sign-in is not available',
    says: 'cannot be reached',
    wayOn: 'Try again',
    open: (surroundings) => signInDespite(surroundings, 'token_500'),
  },
  {
    name: 'a tenant that is unavailable for a while',
    status: 503,
    title: 'Sign-in is not available',
    wayOn: 'Try again',
    open: (surroundings) => signInDespite(surroundings, 'cb_temporarily_unavailable'),
  },
  {
    name: 'a tenant that does not answer in time',
    status: 504,
    title: 'Sign-in is not available',
    wayOn: 'Try again',
    open: (surroundings) => signInDespite(surroundings, 'token_slow'),
  },
];

/** Pages where nothing went wrong, and the item page that explains a wrong id. */
export const PAGES: Place[] = [
  { name: 'signed out', open: async ({ page }) => void (await page.goto('/signed-out')) },
  {
    name: 'greeting',
    open: async (surroundings) => {
      await signedIn(surroundings);
      await new GreetingPage(surroundings.page).open();
    },
  },
  { name: 'item', open: (surroundings) => openSignedIn(surroundings, '/items/420?q=blue') },
  { name: 'item with an empty query', open: (surroundings) => openSignedIn(surroundings, '/items/-1?q=') },
  { name: 'not an item', open: (surroundings) => openSignedIn(surroundings, '/items/4x2') },
  { name: 'sign-in at the tenant', open: async ({ page }) => void (await page.goto('/')) },
  { name: 'registration at the tenant', open: async ({ page }) => void (await page.goto('/api/auth/register')) },
];

async function openSignedIn(surroundings: Surroundings, path: string): Promise<void> {
  await signedIn(surroundings);
  await surroundings.page.goto(path);
}

export const EVERY_PAGE: Place[] = [...PAGES, ...PROBLEMS];
