// The islands of a page: waits until they are hydrated.

import type { Page } from '@playwright/test';

export class Islands {
  constructor(
    readonly page: Page,
    /** Whether the page should have islands. */
    readonly expected: boolean,
  ) {}

  /** Those of the page as it is now. A page without their script has none, as that of the API docs. */
  static async of(page: Page): Promise<Islands> {
    const scripts = await page.locator('head script').allTextContents();
    return new Islands(page, scripts.some((script) => script.includes('/assets/islands.')));
  }

  /** Call this before using an island: until it is hydrated, its form is sent as a plain form. */
  async waitUntilHydrated(): Promise<void> {
    if (this.expected) await this.page.locator('html[data-islands]').waitFor({ state: 'attached' });
  }
}
