// Signs people in for tests of something else, by the same requests as a window and without opening one. The sign-in page
// itself is `pages/sign_in_page.ts`.

import { type BrowserContext, type Page, expect } from '@playwright/test';

export interface LoginOptions {
  /** The code of the organization to sign in to; without it, the person's first. */
  organization?: string;
  /** Where the app begins a sign-in. */
  loginPath?: string;
}

/**
 * Signs this person of the emulated tenant, such as `ada`, in at the site of `baseURL`. From then on the pages of this
 * page's browser context are theirs, whoever was signed in before.
 */
export async function loginAs(
  { request }: Page | BrowserContext,
  person: string,
  { organization = '', loginPath = '/api/auth/login' }: LoginOptions = {},
): Promise<void> {
  // The tenant asks a user whom it knows, too.
  const page = await request.get(`${loginPath}?prompt=login`);
  const transaction = page.headers()['x-dev-transaction'];
  expect(transaction, `the sign-in page of the emulated tenant: ${page.status()} ${page.url()}`).toBeTruthy();
  const form = { transaction, person, org_code: organization };
  const signedIn = await request.post(new URL('/sign-in', page.url()).href, { form });
  expect(signedIn.ok(), `${person} signs in: ${signedIn.status()} ${await signedIn.text()}`).toBe(true);
}
