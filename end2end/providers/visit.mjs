// A visit: a provider, the app and a browser of its own for each test; and the tests that every provider has to pass.

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { setTimeout as after } from 'node:timers/promises';
import { App, newSite } from './app.mjs';
import { Browser } from './browser.mjs';

/** The app counts in whole seconds. */
const ONE_SECOND = 1_000;

export class Visit {
  app = new App();
  browser = new Browser();

  /** A test's function: it runs `steps` on a new visit. If they fail, the app's log is a part of the message. */
  static test(Provider, options, settings, steps) {
    return async () => {
      const visit = new Visit();
      visit.provider = new Provider(options);
      try {
        visit.site = await newSite();
        await visit.provider.start(visit.site);
        await visit.app.start(visit.site, visit.provider, settings);
        // At its start the app asks what the provider thinks of the client, with a code that nobody issued.
        await visit.provider.recorder.responded(visit.provider.paths.token);
        visit.provider.recorder.forget();
        await steps(visit);
      } catch (error) {
        throw new Error(`${error.message}\n\nThe app printed:\n${visit.app.log}`, { cause: error });
      } finally {
        await visit.app.stop();
        await visit.provider.stop();
      }
    };
  }

  /** Opens a path of the app and signs in at the provider. Returns the page on which that ends. */
  async signIn(path = '/') {
    let page = await this.browser.open(this.site.url + path);
    for (const fields of this.provider.signIn) page = await this.browser.submit(page, fields);
    return page;
  }

  /** Signs out with the button of a page, and confirms it at the provider. Returns the page on which that ends. */
  async signOut(page) {
    const confirmation = await this.browser.submit(page, {}, '/api/auth/logout');
    return this.browser.submit(confirmation, this.provider.signOut);
  }

  assertIsGreeting(page) {
    assert.equal(page.url.href, `${this.site.url}/`);
    assert.equal(page.status, 200);
    assert.match(page.text, /Hello, <bdi>Ada Lovelace<\/bdi>/);
  }

  /** Requests to the token endpoint with this `grant_type`. */
  tokenRequests(grant) {
    return this.provider.recorder
      .requests(this.provider.paths.token)
      .filter(({ parameters }) => parameters.grant_type === grant);
  }

  /** Waits until the tokens of the newest response of the token endpoint have ended. */
  async tokensEnd(lifetime) {
    const responded = await this.provider.recorder.responded(this.provider.paths.token);
    await after(responded.at(-1).respondedAt + lifetime * 1_000 + ONE_SECOND - Date.now());
  }

  /** Each of these requests has the client's credentials in this way alone. (oidc-provider takes them in any way.) */
  assertAuthenticates(requests, authentication) {
    const { id, secret } = this.provider.client;
    for (const { authorization, parameters } of requests) {
      if (authentication === 'client_secret_basic') {
        assert.deepEqual(basicCredentials(authorization), [id, secret]);
        assert.equal(parameters.client_secret, undefined);
      } else {
        assert.equal(authorization, undefined);
        assert.deepEqual([parameters.client_id, parameters.client_secret], [id, secret]);
      }
    }
  }
}

/** RFC 6749 §2.3.1: both are encoded before they are joined. */
function basicCredentials(authorization = '') {
  const joined = Buffer.from(authorization.replace(/^Basic /, ''), 'base64').toString();
  return joined.split(':').map(decodeURIComponent);
}

/** Sign-in, refresh and sign-out at a provider, where the client is registered to authenticate in this way. */
export function signsInRefreshesAndSignsOut(title, Provider, options, settings = {}) {
  const test = (steps) => Visit.test(Provider, options, settings, steps);

  // Most of the time they wait.
  describe(title, { concurrency: true }, () => {
    it(
      'signs in, and greets the user by name',
      test(async (visit) => {
        visit.assertIsGreeting(await visit.signIn());
        const exchanges = visit.tokenRequests('authorization_code');
        assert.deepEqual(exchanges.map(({ status }) => status), [200]);
        visit.assertAuthenticates(exchanges, options.authentication);
      }),
    );

    it(
      'refreshes once whenever the access token has ended, whatever the number of pages, and signs out afterwards',
      test(async (visit) => {
        visit.assertIsGreeting(await visit.signIn());
        for (const [index, lifetime] of options.lifetimes.entries()) {
          await visit.tokensEnd(lifetime);
          const pages = await Promise.all(Array.from({ length: 5 }, () => visit.browser.open(visit.site.url)));
          for (const page of pages) visit.assertIsGreeting(page);
          // One exchange came before.
          await visit.provider.recorder.responded(visit.provider.paths.token, index + 2);
          visit.assertIsGreeting(await visit.browser.open(visit.site.url));
          const refreshes = visit.tokenRequests('refresh_token');
          assert.deepEqual(refreshes.map(({ status }) => status), Array(index + 1).fill(200));
          visit.assertAuthenticates(refreshes, options.authentication);
        }
        const end = await visit.signOut(await visit.browser.open(visit.site.url));
        assert.equal(end.url.href, `${visit.site.url}/signed-out`);
      }),
    );

    it(
      'signs out here and at the provider, and comes back',
      test(async (visit) => {
        const { site, provider, browser } = visit;
        const page = await visit.signOut(await visit.signIn());
        assert.equal(page.url.href, `${site.url}/signed-out`);
        assert.match(page.text, /You are signed out/);

        const [{ parameters }] = provider.recorder.requests(provider.paths.endSession);
        assert.equal(parameters.post_logout_redirect_uri, site.logout);
        assert.equal(parameters.client_id, provider.client.id);
        assert.match(parameters.id_token_hint, /^[\w-]+\.[\w-]+\.[\w-]+$/);
        assert.match(parameters.state, /^[\w-]{22,}$/);
        const landing = browser.visited.findLast((url) => url.href.startsWith(site.logout));
        assert.equal(landing.searchParams.get('state'), parameters.state);

        if (provider.paths.revocation) {
          const revocations = await provider.recorder.responded(provider.paths.revocation);
          assert.deepEqual(revocations.map(({ status }) => status), [200]);
          visit.assertAuthenticates(revocations, options.authentication);
        }

        // Nobody is signed in, here or there: the next page is the provider's question who it is.
        const next = await browser.open(site.url);
        assert.equal(next.url.origin, provider.issuer);
        const [field] = Object.keys(provider.signIn[0]);
        assert.match(next.text, new RegExp(`<input\\s[^>]*name="${field}"`));
      }),
    );
  });
}
