// `/signed-out`: the page after a sign-out.

import { expect } from '@playwright/test';
import { SitePage } from './site_page.ts';

export class SignedOutPage extends SitePage {
  async open(): Promise<void> {
    await this.page.goto('/signed-out');
  }

  async expectShown(): Promise<void> {
    await expect(this.page).toHaveURL('/signed-out');
    await expect(this.heading).toHaveText('You are signed out');
    await expect(this.signOutButton).toHaveCount(0);
  }

  async signIn(): Promise<void> {
    await this.followLink('Sign in');
  }

  async createAccount(): Promise<void> {
    await this.followLink('Create account');
  }
}
