// `/docs`: the API docs.

import type { Locator, Page } from '@playwright/test';

export class DocsPage {
  readonly title: Locator;
  /** Who is signed in. */
  readonly standing: Locator;

  constructor(readonly page: Page) {
    this.title = page.getByRole('heading', { name: 'API docs' });
    this.standing = page.locator('#standing');
  }

  async open(): Promise<void> {
    await this.page.goto('/docs');
  }

  /** An operation, opened. */
  async operation(method: string, path: string): Promise<Operation> {
    const heading = `${method} ${path} `;
    const details = this.page
      .locator('details')
      .filter({ has: this.page.locator('summary').filter({ hasText: heading }) })
      .first();
    if ((await details.getAttribute('open')) === null) await details.locator('> summary').click();
    return new Operation(details);
  }
}

/** One method of one path. */
export class Operation {
  readonly sendButton: Locator;
  readonly answer: Locator;
  /** The first `curl`, with its button. */
  readonly command: Locator;

  constructor(readonly details: Locator) {
    this.sendButton = details.getByRole('button', { name: /^(Send request|Open)$/ });
    this.answer = details.locator('.docs-answer');
    this.command = details.locator('.docs-command').first();
  }

  field(name: string): Locator {
    return this.details.getByLabel(name, { exact: true });
  }
}
