// JSON in a browser's window: the address bar was given the URL of data.

import { type Page, expect } from '@playwright/test';

export class JsonPage {
  constructor(readonly page: Page) {}

  /** Opens an address and expects exactly this data. */
  async expectAt(path: string, status: number, data: unknown): Promise<void> {
    const answer = await this.page.goto(path);
    expect(answer?.status()).toBe(status);
    expect(answer?.headers()['content-type']).toMatch(/^application\/json/);
    expect(await answer?.json()).toEqual(data);
    const shown = await this.page.locator('pre').textContent();
    expect(JSON.parse(shown ?? '')).toEqual(data);
  }
}
