// The theme switch at the foot of every page.

import { type Locator, type Page, expect } from '@playwright/test';
import type { Islands } from './islands.ts';

export type Theme = 'System' | 'Light' | 'Dark';

export class ThemeSwitch {
  readonly form: Locator;

  constructor(
    readonly page: Page,
    readonly islands: Islands,
  ) {
    this.form = page.getByRole('form', { name: 'Theme' });
  }

  button(theme: Theme): Locator {
    return this.form.getByRole('button', { name: theme });
  }

  async choose(theme: Theme): Promise<void> {
    await this.islands.waitUntilHydrated();
    await this.button(theme).click();
  }

  /** Checks the buttons and the page's color scheme. */
  async expectChosen(theme: Theme): Promise<void> {
    for (const other of ['System', 'Light', 'Dark'] as const) {
      await expect(this.button(other)).toHaveAttribute('aria-pressed', String(other === theme));
    }
    if (theme !== 'System') await expect(this.page.locator('html')).toHaveCSS('color-scheme', theme.toLowerCase());
  }
}
