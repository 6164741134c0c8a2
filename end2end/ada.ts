// A person who is signed in already, for tests that are about something else; and what happens to her session
// without her browser taking part.

import { type BrowserContext, type Cookie, expect, request } from '@playwright/test';
import type { Site } from './servers/site.ts';
import type { Tenant } from './servers/tenant.ts';

export class Ada {
  readonly name = 'Ada Lovelace';

  constructor(
    readonly context: BrowserContext,
    readonly site: Site,
    readonly tenant: Tenant,
  ) {}

  /** By the same requests as in a window, but without one. */
  async signsIn(): Promise<void> {
    await this.tenant.isSet({ auto_sign_in: 'ada' });
    const answer = await this.context.request.get(this.site.url);
    expect(await answer.text()).toContain('Ada Lovelace');
    await this.tenant.isSet({ auto_sign_in: null });
  }

  async sessionCookie(): Promise<Cookie | undefined> {
    const cookies = await this.context.cookies(this.site.url);
    return cookies.find(({ name }) => name.endsWith('kinde_session'));
  }

  /** Ends the session on the server alone, as its expiry does: the browser keeps a cookie that opens nothing. */
  async losesTheSession(): Promise<void> {
    const { name, value } = (await this.sessionCookie()) ?? {};
    const headers = { cookie: `${name}=${value}` };
    const elsewhere = await request.newContext({ baseURL: this.site.url, ignoreHTTPSErrors: true });
    await elsewhere.post('/api/auth/logout', { headers, maxRedirects: 0 });
    const answer = await elsewhere.get('/api/greeting', { headers });
    expect(answer.status()).toBe(401);
    await elsewhere.dispose();
  }

  /** The tenant will ask again who it is. */
  async isForgottenByTheTenant(): Promise<void> {
    await this.context.clearCookies({ domain: '127.0.0.1' });
  }
}
