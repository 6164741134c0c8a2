// The islands of a page, as far as a test must know of them: whether they are awake.

import type { Page } from '@playwright/test';

export class Islands {
  constructor(
    readonly page: Page,
    /** Whether the page is expected to have any. */
    readonly expected: boolean,
  ) {}

  /** Lets a test meet the islands or the plain page, and never a chance mixture of both. */
  async areAwake(): Promise<void> {
    if (this.expected) await this.page.locator('html[data-islands]').waitFor({ state: 'attached' });
  }
}
