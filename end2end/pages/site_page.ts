// The parts that all pages of the site share: heading, header with the user and sign-out, theme switch.

import type { Locator, Page } from '@playwright/test';
import { Islands } from './islands.ts';
import { ThemeSwitch } from './theme_switch.ts';

export class SitePage {
  readonly heading: Locator;
  readonly header: Locator;
  readonly signOutButton: Locator;
  readonly islands: Islands;
  readonly theme: ThemeSwitch;

  constructor(
    readonly page: Page,
    hasIslands = false,
  ) {
    this.islands = new Islands(page, hasIslands);
    this.theme = new ThemeSwitch(page, this.islands);
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
