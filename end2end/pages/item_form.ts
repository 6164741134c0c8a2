// The form that asks for an item, wherever it stands.

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

  /** Fills in the form, leaves the query as it is when none is given, and sends it. */
  async askFor(itemId: string, query?: string): Promise<void> {
    await this.islands.areAwake();
    await this.itemId.fill(itemId);
    if (query !== undefined) await this.query.fill(query);
    await this.button.click();
  }
}
