// `/docs`: Swagger UI.

import type { Locator, Page } from '@playwright/test';

export class DocsPage {
  readonly title: Locator;

  constructor(readonly page: Page) {
    this.title = page.getByRole('heading', { name: 'kinde-leptos' });
  }

  async open(): Promise<void> {
    await this.page.goto('/docs');
  }

  /** The first operation of a path. */
  route(path: string): Locator {
    return this.page
      .locator('.opblock')
      .filter({ has: this.page.locator(`[data-path="${path}"]`) })
      .first();
  }
}
