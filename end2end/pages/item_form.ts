// The item form, which is on several pages.

import type { Locator, Page } from '@playwright/test';
import { Islands } from './islands.ts';

export class ItemForm {
  readonly itemId: Locator;
  readonly query: Locator;
  readonly button: Locator;

  constructor(
    page: Page,
    readonly islands = new Islands(page, false),
  ) {
    this.itemId = page.getByRole('textbox', { name: 'Item ID' });
    this.query = page.getByRole('textbox', { name: 'Query' });
    this.button = page.getByRole('button', { name: 'Show item' });
  }

  /** Fills in the form and sends it; without `query` that field stays as it is. */
  async submit(itemId: string, query?: string): Promise<void> {
    await this.islands.waitUntilHydrated();
    await this.itemId.fill(itemId);
    if (query !== undefined) await this.query.fill(query);
    await this.button.click();
  }
}
