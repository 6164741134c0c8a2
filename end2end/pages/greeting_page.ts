// `/`: the greeting, with the item form.

import { type Page, expect } from '@playwright/test';
import { ItemForm } from './item_form.ts';
import { SitePage } from './site_page.ts';

export class GreetingPage extends SitePage {
  readonly itemForm: ItemForm;

  constructor(page: Page, hasIslands = false) {
    super(page, hasIslands);
    this.itemForm = new ItemForm(page, this.islands);
  }

  async open(): Promise<void> {
    await this.page.goto('/');
  }

  async expectGreets(name: string): Promise<void> {
    await expect(this.heading).toHaveText(`Hello, ${name}`);
    await expect(this.page.getByText('Route protected with Kinde')).toBeVisible();
  }
}
