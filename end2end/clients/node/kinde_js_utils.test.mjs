// Kinde's js-utils, on which its newer JavaScript SDKs are built, signs in and uses the emulated tenant's account API.
// Parts that need a browser (stores, timers, pop-ups) are not tested. js-utils verifies no signatures, so the tests do.

import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, it, mock } from 'node:test';
import * as kinde from '@kinde/js-utils';
import { ADAS_PERMISSIONS, Browser, CALLBACK, SIGNED_OUT, Tenant } from './tenant.mjs';

const { accessToken, idToken, refreshToken } = kinde.StorageKeys;

describe('js-utils', () => {
  let tenant, store, browser;

  before(async () => {
    tenant = await Tenant.start();
    // It warns when no framework is named.
    mock.method(console, 'warn', () => {});
  });
  after(() => tenant.stop());

  beforeEach(async () => {
    await tenant.reset();
    browser = new Browser();
    store = new kinde.MemoryStorage();
    kinde.setActiveStorage(store);
  });

  async function signIn(person) {
    const { url } = await kinde.generateAuthUrl(tenant.issuer, kinde.IssuerRouteTypes.login, {
      clientId: tenant.clientId,
      redirectURL: CALLBACK,
    });
    const callback = await browser.signIn(url, person);
    const result = await kinde.exchangeAuthCode({
      urlParams: callback.searchParams,
      domain: tenant.issuer,
      clientId: tenant.clientId,
      clientSecret: tenant.clientSecret,
      redirectURL: CALLBACK,
    });
    assert.ok(result.success, result.error);
    return result;
  }

  it('signs in with a code challenge and a nonce', async () => {
    const tokens = await signIn('ada');
    const [request] = await tenant.requests('/oauth2/auth');
    const claims = await tenant.verify(tokens[idToken], { audience: tenant.clientId });
    assert.equal(request.query.code_challenge_method, 'S256');
    assert.equal(claims.nonce, request.query.nonce);
    await tenant.verify(tokens[accessToken]);
  });

  it('reads user details from the ID token', async () => {
    await signIn('ada');
    const { givenName, familyName, email } = await kinde.getUserProfile();
    assert.deepEqual([givenName, familyName, email], ['Ada', 'Lovelace', 'ada@example.com']);
  });

  for (const forceApi of [false, true]) {
    const source = forceApi ? 'the account API' : 'the access token';

    it(`looks permissions, roles and flags up in ${source}`, async () => {
      await signIn('ada');
      const { orgCode, permissions } = await kinde.getPermissions({ forceApi });
      assert.match(orgCode, /^org_[0-9a-f]{12}$/);
      assert.deepEqual(permissions, ADAS_PERMISSIONS);
      assert.deepEqual((await kinde.getRoles({ forceApi })).map(({ key }) => key), ['admin']);
      assert.equal(await kinde.getFlag('theme', { forceApi }), 'pink');
      assert.equal(await kinde.getFlag('competitions_limit', { forceApi }), 5);
      const requests = await tenant.requests('/account_api/v1/permissions');
      assert.equal(requests.length, forceApi ? 1 : 0);
    });

    it(`combines permissions, roles and flags from ${source}`, async () => {
      await signIn('ada');
      const featureFlags = [{ flag: 'is_dark_mode', value: true }];
      assert.equal(await kinde.has({ permissions: ['read:items'], roles: ['admin'], featureFlags, forceApi }), true);
      assert.equal(await kinde.has({ permissions: ['delete:items'], roles: ['admin'], forceApi }), false);
    });
  }

  it('requests entitlements and a portal link from the account API', async () => {
    await signIn('ada');
    const { entitlements, plans } = await kinde.getEntitlements();
    assert.equal(plans.length, 1);
    const [{ featureKey }] = entitlements;
    assert.equal((await kinde.getEntitlement(featureKey)).entitlement.featureKey, featureKey);
    const { url } = await kinde.generatePortalUrl({ domain: tenant.issuer, returnUrl: SIGNED_OUT });
    assert.equal(url.origin, tenant.issuer);
  });

  it('is refused by the account API after sign-out', async () => {
    await signIn('ada');
    const url = new URL('/logout', tenant.issuer);
    url.searchParams.set('redirect', SIGNED_OUT);
    assert.equal((await browser.follow(url)).href, SIGNED_OUT);
    await assert.rejects(kinde.getPermissions({ forceApi: true }), /status 403/);
  });

  it('holds a refresh token that refreshes', async () => {
    const tokens = await signIn('ada');
    const form = new URLSearchParams({
      grant_type: 'refresh_token',
      client_id: tenant.clientId,
      client_secret: tenant.clientSecret,
      refresh_token: tokens[refreshToken],
    });
    const response = await fetch(`${tenant.issuer}/oauth2/token`, { method: 'POST', body: form });
    assert.equal(response.status, 200);
  });
});
