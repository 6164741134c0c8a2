// A user of the site in a browser of any engine: what she does, and what she sees.

import { expect } from '@playwright/test';
import type { Site } from '../servers/site.ts';
import type { WebDriver } from './web_driver.ts';

/** Where a page notes that a user saw it after it was left. */
const SEEN_AGAIN = 'seen-again';

/** One of the emulated tenant's people. */
export interface Person {
  key: string;
  name: string;
}

// Whoever a test suspends cannot sign in again in the same minute, so no other test of the same site uses that person.
export const ADA: Person = { key: 'ada', name: 'Ada Lovelace' };
export const GRACE: Person = { key: 'grace', name: 'Grace' };
export const DOROTHY: Person = { key: 'dorothy', name: 'Dorothy Vaughan' };
export const KATHERINE: Person = { key: 'katherine', name: 'Katherine Johnson' };
export const EMMY: Person = { key: 'emmy', name: 'Emmy Noether' };

export class Visitor {
  constructor(
    readonly driver: WebDriver,
    readonly site: Site,
    readonly person = ADA,
  ) {}

  /** Signs in at the tenant, on the way to the start page. */
  async signIn(): Promise<void> {
    await this.driver.open(`${this.site.url}/`);
    await this.expectHeading('Choose who signs in');
    // Not by the mouse: where the list still scrolls, that may hit the button beside it.
    await this.driver.run(`[...document.querySelectorAll('li button')]
      .find(({ textContent }) => textContent.includes('${this.person.key}@example.com')).click()`);
    await this.expectHeading(`Hello, ${this.person.name}`);
  }

  async open(path: string, heading: string): Promise<void> {
    await this.driver.open(this.site.url + path);
    await this.expectHeading(heading);
    await this.noteIfSeenAgain();
  }

  async expectIslands(): Promise<void> {
    await this.expectTrue(`return document.documentElement.hasAttribute('data-islands')`);
  }

  async expectToRead(text: string): Promise<void> {
    await expect.poll(() => this.text(), { intervals: [100], timeout: 20_000 }).toContain(text);
  }

  /** Chooses a theme. */
  async choose(theme: 'Light' | 'Dark'): Promise<void> {
    await this.click(`//form[@aria-label='Theme']//button[. = '${theme}']`);
    await this.expectTrue(`return document.documentElement.dataset.theme === '${theme.toLowerCase()}'`);
  }

  /** Fills in the item form and sends it. */
  async showItem(id: string, query: string): Promise<void> {
    await this.driver.run(
      `document.querySelector('[name=item_id]').value = arguments[0]; document.querySelector('[name=q]').value = arguments[1]`,
      id,
      query,
    );
    await this.click(`//button[. = 'Show item']`);
    await this.expectHeading(`Item ${id}`);
    await this.expectToRead(query);
  }

  /** Opens something of the site that shows nobody's name. */
  async openPublicPage(path = '/robots.txt'): Promise<void> {
    await this.driver.open(this.site.url + path);
    await this.expectPublicPage(path);
  }

  async expectPublicPage(path = '/robots.txt'): Promise<void> {
    // WebKit's driver drops a navigation that begins before the page has loaded.
    await this.expectTrue(`return location.pathname === '${path}' && document.readyState === 'complete'`);
  }

  /** Presses the button of the header. */
  async signOut(): Promise<void> {
    await this.click(`//header//button[. = 'Sign out']`);
    await this.expectHeading('You are signed out');
  }

  /** Clicks as soon as it is there, and stays where it is. */
  async click(xpath: string): Promise<void> {
    await this.expectTrue(`return document.readyState === 'complete'`);
    await expect(() => this.driver.click(xpath)).toPass({ intervals: [100], timeout: 20_000 });
  }

  async expectHeading(heading: string): Promise<void> {
    await expect.poll(() => this.driver.heading().catch(String), { intervals: [100], timeout: 20_000 }).toBe(heading);
  }

  /** Looks at everything that the browser shows until `isOver`: the name must not be there. */
  async expectNeverToSeeTheName(isOver: () => Promise<boolean>): Promise<void> {
    const look = async () => {
      const [over, text] = [await isOver(), await this.text()];
      expect(text.includes(this.person.name) && !text.includes('Choose who signs in'), text).toBe(false);
      return over;
    };
    await expect.poll(look, { intervals: [50], timeout: 20_000 }).toBe(true);
  }

  /** No page was drawn, not even for one frame, when the browser showed it again in this tab. */
  async expectNotToHaveSeenAPageAgain(): Promise<void> {
    await this.driver.open(`${this.site.url}/signed-out`);
    await this.expectHeading('You are signed out');
    expect(await this.driver.run(`return sessionStorage.getItem(${JSON.stringify(SEEN_AGAIN)})`)).toBeNull();
  }

  private async expectTrue(script: string): Promise<void> {
    await expect.poll(() => this.driver.run(script).catch(String), { intervals: [100], timeout: 20_000 }).toBe(true);
  }

  /** What can be read now; nothing while the browser is between two pages. */
  private async text(): Promise<string> {
    return this.driver.text().catch(() => '');
  }

  private async noteIfSeenAgain(): Promise<void> {
    await this.driver.run(`addEventListener('pageshow', ({ persisted }) => requestAnimationFrame(() => {
      if (persisted && document.body.checkVisibility()) sessionStorage.setItem(${JSON.stringify(SEEN_AGAIN)}, location.pathname);
    }))`);
  }
}
