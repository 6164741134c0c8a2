// What Playwright's experimental driver of Firefox (WebDriver BiDi, channel `moz-firefox`) needs for Debian's Firefox.

import type { Browser } from '@playwright/test';

/** A command that Playwright sends for every page, and that Firefox 153 does not know. */
const UNKNOWN = 'emulation.setMediaFeaturesOverride';

type Send = (method: string, parameters: unknown) => Promise<unknown>;

/** Playwright's own object behind the one that it hands out; it has no public way to it. */
interface Internals {
  _connection: { toImpl(browser: object): { _browserSession?: { send: Send } } };
}

/** Lets no command reach Firefox that it would refuse. */
export function withoutUnknownCommands(browser: Browser): void {
  const session = (browser as unknown as Internals)._connection.toImpl(browser)._browserSession;
  if (!session) throw new Error('Playwright drives this browser in another way');
  const send = session.send.bind(session);
  session.send = async (method, parameters) => (method === UNKNOWN ? {} : send(method, parameters));
}
