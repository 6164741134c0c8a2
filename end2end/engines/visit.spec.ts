// A user's visit in each engine, over https: with islands, without them because their code is blocked, and before they have
// arrived over a slow network. Chromium and Firefox run all other specs too, which have more of everything.

import type { Site } from '../servers/site.ts';
import { expect, test } from './fixtures.ts';
import { Visitor } from './visitor.ts';

test.use({ siteSettings: { scheme: 'https', env: {} } });

const ISLANDS = /^\/assets\/islands\..*\.wasm$/;

test.afterEach(({ site }) => {
  if (site.proxy) site.proxy.intervene = async () => 'pass';
});

test('a visit from sign-in to sign-out', async ({ driver, site }) => {
  const ada = new Visitor(driver, site);
  await ada.signIn();
  await ada.expectIslands();
  await driver.run(`document.body.classList.add('same-document')`);
  await ada.click(`//li[contains(., 'GET /api/greeting')]//button`);
  await ada.expectToRead('Copied');
  await ada.choose('Dark');
  await ada.showItem('9223372036854775807', 'x');
  expect(await driver.run(`return document.body.className`)).toBe('same-document');
  await driver.back();
  await ada.expectHeading(`Hello, ${ada.person.name}`);
  await ada.signOut();
});

test('a visit whose islands are blocked', async ({ driver, site }) => {
  intervene(site, async () => 'cut');
  const ada = new Visitor(driver, site);
  await ada.signIn();
  await ada.choose('Dark');
  await ada.showItem('9223372036854775807', 'x');
  await ada.signOut();
});

test('a visit over a slow network, before the islands have arrived', async ({ driver, site }) => {
  let arrive = () => {};
  const arrived = new Promise<void>((resolve) => (arrive = resolve));
  intervene(site, async () => arrived.then(() => 'pass'));
  const ada = new Visitor(driver, site);
  await ada.signIn();
  await ada.choose('Dark');
  await ada.showItem('420', 'x');
  arrive();
  await ada.expectIslands();
  await ada.showItem('421', 'y');
  await ada.signOut();
});

/** Decides what becomes of requests for the islands' code. */
function intervene(site: Site, decide: () => Promise<'pass' | 'cut'>): void {
  if (!site.proxy) throw new Error('the site has no proxy');
  site.proxy.intervene = async (url) => (ISLANDS.test(url) ? decide() : 'pass');
}
