// The emulated tenant's sign-in page, which lists the tenant's people.

import { type Locator, type Page, expect } from '@playwright/test';
import type { Tenant } from '../servers/tenant.ts';

export class SignInPage {
  readonly heading: Locator;
  readonly notice: Locator;

  constructor(
    readonly page: Page,
    readonly tenant: Tenant,
  ) {
    this.heading = page.getByRole('heading', { level: 1 });
    this.notice = page.getByRole('complementary');
  }

  async expectShown(title = 'Choose who signs in'): Promise<void> {
    await expect(this.heading).toHaveText(title);
    expect(new URL(this.page.url()).origin).toBe(this.tenant.issuer);
  }

  /** Waits for this page or the greeting, and returns whether it is this one. */
  async isShownBeforeTheGreeting(): Promise<boolean> {
    await expect(this.heading).toHaveText(/^(Choose who signs in|Hello, )/);
    return new URL(this.page.url()).origin === this.tenant.issuer;
  }

  /** Signs in as the person with that e-mail address, in this one of the person's organizations. */
  async choose(email: string, organization?: string): Promise<void> {
    await this.expectShown();
    await this.#person(email, organization).click();
  }

  #person(email: string, organization?: string): Locator {
    const buttons = this.page.getByRole('listitem').getByRole('button').filter({ hasText: email });
    return (organization ? buttons.filter({ hasText: organization }) : buttons).first();
  }

  async createAccount(account: { givenName?: string; familyName?: string; email: string }): Promise<void> {
    await this.page.getByLabel('Given name').fill(account.givenName ?? '');
    await this.page.getByLabel('Family name').fill(account.familyName ?? '');
    await this.page.getByLabel('E-mail').fill(account.email);
    await this.page.getByRole('button', { name: 'Create account' }).click();
  }

  async cancel(): Promise<void> {
    await this.page.getByRole('button', { name: 'Cancel' }).click();
  }

  async pretendTheLinkExpired(): Promise<void> {
    await this.page.getByRole('button', { name: 'Pretend the link expired' }).click();
  }
}
