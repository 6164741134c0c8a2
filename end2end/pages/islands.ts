// The islands of a page: waits until they are hydrated.

import type { Page } from '@playwright/test';

export class Islands {
  constructor(
    readonly page: Page,
    /** Whether the page should have islands. */
    readonly expected: boolean,
  ) {}

  /** Call this before using an island: until it is hydrated, its form is sent as a plain form. */
  async waitUntilHydrated(): Promise<void> {
    if (this.expected) await this.page.locator('html[data-islands]').waitFor({ state: 'attached' });
  }
}
