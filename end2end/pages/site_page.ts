// What every page of the site has: a heading, and the header with the person and the way out.

import type { Locator, Page } from '@playwright/test';

export class SitePage {
  readonly heading: Locator;
  readonly header: Locator;
  readonly signOutButton: Locator;

  constructor(readonly page: Page) {
    this.heading = page.getByRole('heading', { level: 1 });
    this.header = page.getByRole('banner');
    this.signOutButton = this.header.getByRole('button', { name: 'Sign out' });
  }

  async signOut(): Promise<void> {
    await this.signOutButton.click();
  }

  async followLink(name: string): Promise<void> {
    await this.page.getByRole('link', { name }).click();
  }
}
