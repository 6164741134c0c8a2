// Kinde's TypeScript SDK for servers, on which its SDK for Next.js is built, signs in at the emulated tenant.
// The SDK's Management API and its client for browsers are not tested; the tenant has no Management API.

import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, it, mock } from 'node:test';
import { Configuration, createKindeServerClient, GrantType, OAuthApi } from '@kinde-oss/kinde-typescript-sdk';
import { ADAS_PERMISSIONS, Browser, CALLBACK, SIGNED_OUT, Tenant } from './tenant.mjs';

/** A session in memory; the SDK expects the app to bring one. */
function newSession() {
  const items = new Map();
  return {
    items,
    getSessionItem: async (key) => items.get(key) ?? null,
    setSessionItem: async (key, value) => void items.set(key, value),
    removeSessionItem: async (key) => void items.delete(key),
    destroySession: async () => items.clear(),
  };
}

describe('kinde-typescript-sdk', () => {
  let tenant, kinde, session, browser;

  before(async () => {
    tenant = await Tenant.start();
    // The SDK logs why a user is not authenticated; the tests assert the reason instead.
    mock.method(console, 'error', () => {});
  });
  after(() => tenant.stop());

  beforeEach(async () => {
    mock.timers.reset();
    await tenant.reset();
    browser = new Browser();
    session = newSession();
    kinde = newClient();
  });

  function newClient(more = {}) {
    return createKindeServerClient(GrantType.AUTHORIZATION_CODE, {
      authDomain: tenant.issuer,
      clientId: tenant.clientId,
      clientSecret: tenant.clientSecret,
      redirectURL: CALLBACK,
      logoutRedirectURL: SIGNED_OUT,
      ...more,
    });
  }

  async function signIn(person) {
    await kinde.handleRedirectToApp(session, await browser.signIn(await kinde.login(session), person));
  }

  it('signs in and keeps only tokens whose signatures it verified', async () => {
    assert.equal(await kinde.isAuthenticated(session), false);
    await signIn('ada');
    assert.equal(await kinde.isAuthenticated(session), true);
    const claims = await tenant.verify(session.items.get('id_token'), { audience: tenant.clientId });
    assert.equal(claims.azp, tenant.clientId);
    await tenant.verify(await kinde.getToken(session));
  });

  it('sends its secret in the body and no code challenge', async () => {
    await signIn('ada');
    const [request] = await tenant.requests('/oauth2/auth');
    assert.equal(request.query.scope, 'openid profile email offline');
    assert.equal(request.query.code_challenge, undefined);
    const [exchange] = await tenant.requests('/oauth2/token');
    assert.equal(exchange.authorization, null);
    assert.equal(exchange.form.client_id, tenant.clientId);
    assert.equal((await tenant.requests('/.well-known/openid-configuration')).length, 0);
  });

  it('finds the new key in jwks.json after the tenant rotated its keys', async () => {
    await signIn('ada');
    await tenant.switchboard('POST', 'keys/rotate', { drop_old: true });
    browser = new Browser();
    await signIn('grace');
    assert.ok((await tenant.requests('/.well-known/jwks.json')).length > 0);
    assert.equal((await kinde.getUser(session)).given_name, 'Grace');
  });

  it('registers a new user', async () => {
    const url = await kinde.register(session, { authUrlParams: { login_hint: 'new@example.com' } });
    const decision = { action: 'create', email: 'new@example.com', given_name: 'Newton' };
    await kinde.handleRedirectToApp(session, await browser.decide(url, decision));
    const user = await kinde.getUser(session);
    assert.equal(user.email, 'new@example.com');
    assert.equal(user.given_name, 'Newton');
  });

  it('reads user details from the ID token and from the user profile', async () => {
    await signIn('ada');
    const user = await kinde.getUser(session);
    assert.deepEqual(
      [user.given_name, user.family_name, user.email, user.picture],
      ['Ada', 'Lovelace', 'ada@example.com', null],
    );
    const profile = await kinde.getUserProfile(session);
    assert.equal(profile.id, user.id);
    assert.equal(profile.name, 'Ada Lovelace');
    const accessToken = await kinde.getToken(session);
    const api = new OAuthApi(new Configuration({ basePath: tenant.issuer, accessToken }));
    assert.equal((await api.getUserProfileV2()).sub, user.id);
    assert.equal((await api.getUser()).preferredEmail, 'ada@example.com');
  });

  it('looks permissions up', async () => {
    await signIn('ada');
    const { orgCode, permissions } = await kinde.getPermissions(session);
    assert.match(orgCode, /^org_[0-9a-f]{12}$/);
    assert.deepEqual(permissions, ADAS_PERMISSIONS);
    assert.deepEqual(await kinde.getPermission(session, 'create:items'), { orgCode, isGranted: true });
    assert.deepEqual(await kinde.getPermission(session, 'delete:items'), { orgCode, isGranted: false });
  });

  it('looks feature flags up, each by its type', async () => {
    await signIn('ada');
    assert.equal(await kinde.getStringFlag(session, 'theme'), 'pink');
    assert.equal(await kinde.getBooleanFlag(session, 'is_dark_mode'), true);
    assert.equal(await kinde.getIntegerFlag(session, 'competitions_limit'), 5);
    assert.equal(await kinde.getBooleanFlag(session, 'no_such_flag', false), false);
    await assert.rejects(kinde.getStringFlag(session, 'is_dark_mode'), /is of type boolean, expected type is string/);
  });

  it('looks organizations and claims up', async () => {
    await signIn('katherine');
    const { orgCodes } = await kinde.getUserOrganizations(session);
    assert.equal(orgCodes.length, 2);
    assert.ok(orgCodes.includes((await kinde.getOrganization(session)).orgCode));
    assert.deepEqual(await kinde.getClaim(session, 'iss'), { name: 'iss', value: tenant.issuer });
    assert.equal(await kinde.getClaimValue(session, 'given_name', 'id_token'), 'Katherine');
  });

  it('requests each audience with a parameter of its own', async () => {
    const audience = ['https://one.example.com', 'https://two.example.com'];
    kinde = newClient({ audience });
    await signIn('ada');
    assert.deepEqual((await tenant.verify(await kinde.getToken(session))).aud, audience);
  });

  it('requests a portal link from the account API', async () => {
    await signIn('ada');
    const { url } = await kinde.portal(session, { domain: tenant.issuer, returnUrl: SIGNED_OUT, subNav: 'profile' });
    assert.equal(url.origin, tenant.issuer);
    const [request] = await tenant.requests('/account_api/v1/portal_link');
    assert.equal(request.query.subnav, 'profile');
  });

  it('refreshes on request', async () => {
    await signIn('ada');
    const before = session.items.get('refresh_token');
    const tokens = await kinde.refreshTokens(session);
    assert.notEqual(tokens.refresh_token, before);
    assert.equal(session.items.get('refresh_token'), tokens.refresh_token);
    assert.equal((await kinde.getUser(session)).given_name, 'Ada');
  });

  it('refreshes automatically two days later', async () => {
    await signIn('ada');
    const before = await kinde.getToken(session);
    const twoDays = 2 * 86_400;
    await tenant.settings({ clock_offset: twoDays });
    mock.timers.enable({ apis: ['Date'], now: Date.now() + twoDays * 1_000 });
    const after = await kinde.getToken(session);
    assert.notEqual(after, before);
    const exchanges = await tenant.requests('/oauth2/token');
    assert.equal(exchanges.at(-1).form.grant_type, 'refresh_token');
  });

  it('signs out and is redirected to the requested URL', async () => {
    await signIn('ada');
    const refreshToken = session.items.get('refresh_token');
    assert.equal((await browser.follow(await kinde.logout(session))).href, SIGNED_OUT);
    assert.equal(await kinde.isAuthenticated(session), false);
    session.items.set('refresh_token', refreshToken);
    await assert.rejects(kinde.refreshTokens(session), /refresh token is unknown, used, expired or revoked/);
  });

  it('introspects and revokes tokens, as the SDK for Next.js does when a session ends', async () => {
    await signIn('ada');
    const [accessToken, refreshToken] = ['access_token', 'refresh_token'].map((name) => session.items.get(name));
    const api = new OAuthApi(new Configuration({ basePath: tenant.issuer, accessToken }));
    const { active, clientId } = await api.tokenIntrospection({ token: accessToken });
    assert.deepEqual([active, clientId], [true, tenant.clientId]);
    for (const token of [accessToken, refreshToken]) {
      await api.tokenRevocation({ token, clientId: tenant.clientId, clientSecret: tenant.clientSecret });
    }
    await assert.rejects(api.getUserProfileV2(), ({ response }) => response.status === 403);
    await assert.rejects(kinde.refreshTokens(session), /refresh token is unknown, used, expired or revoked/);
  });

  it('gets an error when the user cancels', async () => {
    const callback = await browser.decide(await kinde.login(session), { action: 'cancel' });
    await assert.rejects(kinde.handleRedirectToApp(session, callback), /access_denied/);
  });

  it('gets a token for a machine', async () => {
    const machine = createKindeServerClient(GrantType.CLIENT_CREDENTIALS, {
      authDomain: tenant.issuer,
      clientId: tenant.clientId,
      clientSecret: tenant.clientSecret,
      audience: `${tenant.issuer}/api`,
    });
    const claims = await tenant.verify(await machine.getToken(session), { audience: `${tenant.issuer}/api` });
    assert.deepEqual(claims.gty, ['client_credentials']);
  });

  const spoilt = {
    cb_wrong_state: /State mismatch/,
    cb_wrong_code: /authorization code is unknown/,
    id_tampered: /invalid id_token/,
    id_expired: /invalid id_token/,
    token_invalid_client: /./,
  };
  for (const [fault, message] of Object.entries(spoilt)) {
    it(`refuses a sign-in spoilt by ${fault}`, async () => {
      await tenant.fault(fault);
      await assert.rejects(signIn('ada'), { message });
      assert.equal(session.items.get('id_token'), undefined);
    });
  }
});
