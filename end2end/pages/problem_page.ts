// The page that explains an error and offers a next step.

import { type Locator, type Page, expect } from '@playwright/test';
import type { BrowserLog } from '../browser_log.ts';
import { SitePage } from './site_page.ts';

export interface Problem {
  status: number;
  title: string;
  /** A part of the sentence below the title. */
  text?: string;
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

  /** Also expects the browser to log the status as an error. */
  async expectShows({ status, title, text }: Problem): Promise<void> {
    this.browserLog.expectStatus(status);
    await expect(this.heading).toHaveText(title);
    await expect(this.page.getByText(`Status ${status}`)).toBeVisible();
    await expect(this.reference).toBeVisible();
    if (text) await expect(this.page.getByRole('main')).toContainText(text);
  }

  async followNextStep(name: string): Promise<void> {
    const main = this.page.getByRole('main');
    await main
      .getByRole('link', { name })
      .or(main.getByRole('button', { name }))
      .click();
  }
}
