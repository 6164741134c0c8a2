// `/items/{item_id}`: an item, or what is wrong with its id.

import { type Locator, type Page, expect } from '@playwright/test';
import { ItemForm } from './item_form.ts';
import { SitePage } from './site_page.ts';

export class ItemPage extends SitePage {
  readonly itemForm: ItemForm;
  readonly result: Locator;
  readonly problem: Locator;

  constructor(page: Page, hasIslands = false) {
    super(page, hasIslands);
    this.itemForm = new ItemForm(page, this.islands);
    this.result = page.getByRole('region', { name: 'Item', exact: true });
    this.problem = page.getByRole('alert', { name: 'There is a problem' });
  }

  /** Opens `/items/…`. */
  async open(pathAndQuery: string): Promise<void> {
    await this.page.goto(`/items/${pathAndQuery}`);
  }

  async expectShows(itemId: string, query: string): Promise<void> {
    await expect(this.heading).toHaveText(`Item ${itemId}`);
    await expect(this.#fact('Item ID')).toHaveText(itemId);
    await expect(this.#fact('Query')).toHaveText(query);
  }

  #fact(term: string): Locator {
    const row = this.result.locator('div').filter({ has: this.page.getByRole('term').filter({ hasText: term }) });
    return row.getByRole('definition');
  }
}
