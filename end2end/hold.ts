// Holds requests of a page back, as a slow network does.

import type { Page } from '@playwright/test';

/** Holds back every request whose URL matches, until the function returned is called. */
export async function hold(page: Page, pattern: string): Promise<() => void> {
  let release = () => {};
  const released = new Promise<void>((resolve) => (release = resolve));
  await page.route(pattern, async (route) => {
    await released;
    await route.continue();
  });
  return () => release();
}
