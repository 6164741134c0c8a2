// A user who is signed in already, for tests of something else; and changes to her session that her browser does not
// notice.

import { type BrowserContext, type Cookie, expect, request } from '@playwright/test';
import { loginAs } from './login_as.ts';
import type { Site } from './servers/site.ts';

export class Ada {
  readonly name = 'Ada Lovelace';

  constructor(
    readonly context: BrowserContext,
    readonly site: Site,
  ) {}

  async signIn(): Promise<void> {
    await loginAs(this.context, 'ada');
  }

  async sessionCookie(): Promise<Cookie | undefined> {
    const cookies = await this.context.cookies(this.site.url);
    return cookies.find(({ name }) => name.endsWith('kinde_session'));
  }

  /** Ends the session on the server alone, as its expiry does: the browser keeps a cookie that is no longer valid. */
  async loseSession(): Promise<void> {
    const { name, value } = (await this.sessionCookie()) ?? {};
    const headers = { cookie: `${name}=${value}` };
    const client = await request.newContext({ baseURL: this.site.url, ignoreHTTPSErrors: true });
    await client.post('/api/auth/logout', { headers, maxRedirects: 0 });
    const response = await client.get('/api/greeting', { headers });
    expect(response.status()).toBe(401);
    await client.dispose();
  }

  /** The tenant shows its sign-in page at the next sign-in. */
  async clearTenantCookies(): Promise<void> {
    await this.context.clearCookies({ domain: '127.0.0.1' });
  }
}
