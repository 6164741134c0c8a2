// JSON opened in a browser's window.

import { type Page, expect } from '@playwright/test';

export class JsonPage {
  constructor(readonly page: Page) {}

  /** Opens a path and expects exactly this data. */
  async expectAt(path: string, status: number, data: unknown): Promise<void> {
    const response = await this.page.goto(path);
    expect(response?.status()).toBe(status);
    expect(response?.headers()['content-type']).toMatch(/^application\/json/);
    expect(await response?.json()).toEqual(data);
    const shown = await this.page.locator('pre').textContent();
    expect(JSON.parse(shown ?? '')).toEqual(data);
  }
}
