// What a visit costs on the wire: every response of a page with its headers, as Chromium counts it.

import type { CDPSession, Page } from '@playwright/test';
import { expect, test } from '../fixtures.ts';

/** The budget of a first page with everything that it loads. */
const FIRST_PAGE = 48_000;

interface Received {
  path: string;
  bytes: number;
}

test('a first page costs little, and the next one loads no file again', { tag: '@chromium' }, async ({
  ada,
  page,
  greetingPage,
  itemPage,
}) => {
  const devTools = await page.context().newCDPSession(page);
  await devTools.send('Network.enable');
  await devTools.send('Network.clearBrowserCache');

  const first = await received(devTools, page, () => greetingPage.open());
  await greetingPage.expectGreets(ada.name);
  const bytes = sum(first);
  const parts = first.map((received) => `${received.path} ${received.bytes}`);
  console.log(`first page: ${bytes} bytes of ${FIRST_PAGE}: ${parts.join(', ')}`);
  expect(first.filter(({ path }) => path.startsWith('/assets/')).length).toBeGreaterThanOrEqual(4);
  expect(bytes).toBeLessThanOrEqual(FIRST_PAGE);

  const next = await received(devTools, page, () => itemPage.open('420'));
  expect(next.map(({ path }) => path)).toEqual(['/items/420']);
});

/** The responses that come from the site until the page is at rest. */
async function received(devTools: CDPSession, page: Page, visit: () => Promise<unknown>): Promise<Received[]> {
  const paths = new Map<string, string>();
  const responses: Received[] = [];
  const sent = ({ requestId, request }: { requestId: string; request: { url: string } }) =>
    paths.set(requestId, new URL(request.url).pathname);
  const finished = ({ requestId, encodedDataLength: bytes }: { requestId: string; encodedDataLength: number }) => {
    // What comes from the cache costs nothing.
    if (bytes > 0) responses.push({ path: paths.get(requestId) ?? '', bytes });
  };
  devTools.on('Network.requestWillBeSent', sent).on('Network.loadingFinished', finished);
  await visit();
  await page.locator('html[data-islands]').waitFor({ state: 'attached' });
  await page.waitForLoadState('networkidle');
  devTools.off('Network.requestWillBeSent', sent).off('Network.loadingFinished', finished);
  return responses;
}

function sum(responses: Received[]): number {
  return responses.reduce((sum, { bytes }) => sum + bytes, 0);
}
