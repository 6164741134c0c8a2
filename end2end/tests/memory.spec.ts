// The memory of the app: it stays the same however many pages it renders.

import { Agent, get } from 'node:http';
import { expect, test } from '../fixtures.ts';

const AT_ONCE = 8;
const WARM_UP = 5_000;
const PAGES = 100_000;
/** A leak of 100 bytes a page would be more. */
const TOLERATED_BYTES = 8 * 1024 * 1024;

test.skip(process.platform !== 'linux', 'memory is read from /proc');

// It runs no script, and once is enough.
test('a hundred thousand pages leave nothing in memory', { tag: ['@javascript', '@chromium'] }, async ({ ada, site }) => {
  test.setTimeout(600_000);
  const cookie = await ada.sessionCookie();
  const agent = new Agent({ keepAlive: true, maxSockets: AT_ONCE });
  const headers = { cookie: `${cookie?.name}=${cookie?.value}` };
  const page = () =>
    new Promise<void>((resolve, reject) => {
      get(site.url, { agent, headers }, (response) => {
        if (response.statusCode !== 200) reject(new Error(`status ${response.statusCode}`));
        response.resume().on('end', resolve);
      }).on('error', reject);
    });
  const pages = async (count: number) => {
    let left = count;
    const client = async () => {
      while (left-- > 0) await page();
    };
    await Promise.all(Array.from({ length: AT_ONCE }, client));
  };

  await pages(WARM_UP);
  const before = site.app.residentBytes();
  await pages(PAGES);
  const growth = site.app.residentBytes() - before;
  agent.destroy();
  console.log(`${PAGES} pages: ${before} bytes before, ${growth} more afterwards`);
  expect(growth).toBeLessThan(TOLERATED_BYTES);
});
