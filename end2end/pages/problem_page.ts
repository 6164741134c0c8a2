// The page for everything that went wrong.

import { type Locator, type Page, expect } from '@playwright/test';
import type { BrowserLog } from '../browser_log.ts';
import { SitePage } from './site_page.ts';

export interface Problem {
  status: number;
  title: string;
  /** A part of the sentence below the title. */
  says?: string;
}

export class ProblemPage extends SitePage {
  readonly reference: Locator;

  constructor(
    page: Page,
    readonly browserLog: BrowserLog,
  ) {
    super(page);
    this.reference = page.getByText('If you report this, please quote');
  }

  /** Browsers log a page with such a status as an error, so this announces it, too. */
  async expectShows({ status, title, says }: Problem): Promise<void> {
    this.browserLog.expectStatus(status);
    await expect(this.heading).toHaveText(title);
    await expect(this.page.getByText(`Status ${status}`)).toBeVisible();
    await expect(this.reference).toBeVisible();
    if (says) await expect(this.page.getByRole('main')).toContainText(says);
  }

  async goOn(way: string): Promise<void> {
    const main = this.page.getByRole('main');
    await main
      .getByRole('link', { name: way })
      .or(main.getByRole('button', { name: way }))
      .click();
  }
}
