// The general OpenID Connect client `openid-client` signs in at the emulated tenant and verifies all tokens.
// Kinde's additions to the protocol are tested with the Kinde SDKs.

import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, it, mock } from 'node:test';
import * as client from 'openid-client';
import { ADAS_PERMISSIONS, Browser, CALLBACK, SIGNED_OUT, Tenant } from './tenant.mjs';

describe('openid-client', () => {
  let tenant, configuration, browser;

  before(async () => {
    tenant = await Tenant.start();
  });
  after(() => tenant.stop());

  beforeEach(async () => {
    mock.timers.reset();
    await tenant.reset();
    browser = new Browser();
    configuration = await discover();
  });

  function discover(authentication) {
    return client.discovery(new URL(tenant.issuer), tenant.clientId, tenant.clientSecret, authentication, {
      // The tenant has no TLS. OpenID Connect lets clients skip signatures of the token endpoint; these are checked.
      execute: [client.allowInsecureRequests, client.enableNonRepudiationChecks],
    });
  }

  async function authorizationRequest(more = {}) {
    const checks = {
      pkceCodeVerifier: client.randomPKCECodeVerifier(),
      expectedState: client.randomState(),
      expectedNonce: client.randomNonce(),
      idTokenExpected: true,
    };
    const url = client.buildAuthorizationUrl(configuration, {
      redirect_uri: CALLBACK,
      scope: 'openid profile email offline',
      code_challenge: await client.calculatePKCECodeChallenge(checks.pkceCodeVerifier),
      code_challenge_method: 'S256',
      state: checks.expectedState,
      nonce: checks.expectedNonce,
      ...more,
    });
    return { url, checks };
  }

  async function signIn(person, more) {
    const { url, checks } = await authorizationRequest(more);
    return client.authorizationCodeGrant(configuration, await browser.signIn(url, person), checks);
  }

  it('finds every endpoint by discovery', () => {
    const metadata = configuration.serverMetadata();
    assert.equal(metadata.issuer, tenant.issuer);
    assert.ok(metadata.supportsPKCE());
    for (const name of ['token', 'userinfo', 'revocation', 'introspection', 'end_session']) {
      assert.ok(metadata[`${name}_endpoint`].startsWith(`${tenant.issuer}/`), name);
    }
  });

  it('signs in with PKCE, state and nonce and verifies the ID token', async () => {
    const tokens = await signIn('ada');
    assert.equal(tokens.token_type, 'bearer');
    assert.equal(tokens.expires_in, 86_400);
    const claims = tokens.claims();
    assert.match(claims.sub, /^kp_[0-9a-f]{32}$/);
    assert.equal(claims.name, 'Ada Lovelace');
    assert.equal(claims.email, 'ada@example.com');
    assert.equal((await tenant.requests('/.well-known/jwks')).length, 1);
  });

  it('signs in by HTTP Basic too', async () => {
    configuration = await discover(client.ClientSecretBasic(tenant.clientSecret));
    assert.ok((await signIn('grace')).access_token);
    const [exchange] = await tenant.requests('/oauth2/token');
    assert.equal(exchange.authorization.toLowerCase(), 'basic');
  });

  it('signs in without a page when the setting auto_sign_in names one of the people', async () => {
    await tenant.settings({ auto_sign_in: 'hypatia' });
    const { url, checks } = await authorizationRequest();
    const tokens = await client.authorizationCodeGrant(configuration, await browser.follow(url), checks);
    assert.equal(tokens.claims().given_name, 'Ὑπατία');
  });

  it('requests user details', async () => {
    const tokens = await signIn('emmy');
    const { sub, email } = tokens.claims();
    assert.equal(email, undefined, 'only the user profile has this e-mail address');
    const profile = await client.fetchUserInfo(configuration, tokens.access_token, sub);
    assert.equal(profile.name, 'Emmy Noether');
    assert.equal(profile.email, 'emmy@example.com');
  });

  it('reads permissions and feature flags out of the access token', async () => {
    const tokens = await signIn('ada', { audience: 'https://api.example.com' });
    const claims = await tenant.verify(tokens.access_token, { audience: 'https://api.example.com' });
    assert.deepEqual(claims.permissions, ADAS_PERMISSIONS);
    assert.deepEqual(claims.feature_flags.theme, { t: 's', v: 'pink' });
    assert.match(claims.org_code, /^org_[0-9a-f]{12}$/);
  });

  it('requests permissions and feature flags from the account API', async () => {
    const tokens = await signIn('ada');
    const get = async (resource) => {
      const url = new URL(`/account_api/v1/${resource}`, tenant.issuer);
      const response = await client.fetchProtectedResource(configuration, tokens.access_token, url, 'GET');
      return (await response.json()).data;
    };
    const { permissions } = await get('permissions');
    assert.deepEqual(permissions.map(({ key }) => key), ADAS_PERMISSIONS);
    const { feature_flags } = await get('feature_flags');
    const limit = feature_flags.find(({ key }) => key === 'competitions_limit');
    assert.deepEqual([limit.type, limit.value], ['integer', 5]);
  });

  it('refreshes, with a new refresh token each time', async () => {
    const first = await signIn('ada');
    const second = await client.refreshTokenGrant(configuration, first.refresh_token);
    assert.equal(second.access_token, first.access_token, 'Kinde returns an access token that is still good');
    assert.notEqual(second.refresh_token, first.refresh_token);
    assert.equal(second.claims().sub, first.claims().sub);
    await tenant.settings({ reuse_access_token: false });
    const third = await client.refreshTokenGrant(configuration, second.refresh_token);
    assert.notEqual(third.access_token, second.access_token);
    await tenant.verify(third.access_token);
  });

  it('gets no refresh token for offline_access, which is not Kinde\'s name for it', async () => {
    const tokens = await signIn('ada', { scope: 'openid offline_access' });
    assert.equal(tokens.refresh_token, undefined);
  });

  it('introspects and revokes', async () => {
    const tokens = await signIn('ada');
    const before = await client.tokenIntrospection(configuration, tokens.access_token);
    assert.equal(before.active, true);
    assert.equal(before.client_id, tenant.clientId);
    await client.tokenRevocation(configuration, tokens.refresh_token);
    const after = await client.tokenIntrospection(configuration, tokens.refresh_token);
    assert.equal(after.active, false);
    const refused = client.refreshTokenGrant(configuration, tokens.refresh_token);
    await assert.rejects(refused, { error: 'invalid_grant', status: 400 });
  });

  it('signs out and is redirected to the requested URL', async () => {
    const tokens = await signIn('ada');
    const url = client.buildEndSessionUrl(configuration, {
      post_logout_redirect_uri: SIGNED_OUT,
      id_token_hint: tokens.id_token,
      state: 'after-sign-out',
    });
    assert.equal((await browser.follow(url)).href, `${SIGNED_OUT}&state=after-sign-out`);
    await assert.rejects(client.refreshTokenGrant(configuration, tokens.refresh_token), { error: 'invalid_grant' });
  });

  it('is refused a refresh when the user was suspended, and keeps the access token that it has', async (t) => {
    const tokens = await signIn('ada');
    t.after(() => tenant.switchboard('PATCH', 'people/ada', { is_suspended: false }));
    await tenant.switchboard('PATCH', 'people/ada', { is_suspended: true });
    const refused = client.refreshTokenGrant(configuration, tokens.refresh_token);
    await assert.rejects(refused, { error: 'invalid_grant', status: 400 });
    const claims = await client.fetchUserInfo(configuration, tokens.access_token, tokens.claims().sub);
    assert.equal(claims.name, 'Ada Lovelace');
    const page = await browser.open((await authorizationRequest({ prompt: 'login' })).url);
    const transaction = page.headers.get('x-dev-transaction');
    const decided = await browser.open(new URL('/sign-in', tenant.issuer), { transaction, person: 'ada' });
    assert.equal(decided.headers.get('location'), null, 'a suspended user signed in');
  });

  it('ends the tenant\'s sessions of every browser by all_sessions', async () => {
    await signIn('ada');
    const elsewhere = browser;
    browser = new Browser();
    const tokens = await signIn('ada');
    const url = client.buildEndSessionUrl(configuration, {
      post_logout_redirect_uri: SIGNED_OUT,
      id_token_hint: tokens.id_token,
      all_sessions: 'true',
    });
    await browser.follow(url);
    const over = await authorizationRequest({ prompt: 'none' });
    const refused = client.authorizationCodeGrant(configuration, await elsewhere.follow(over.url), over.checks);
    await assert.rejects(refused, { error: 'login_required' });
  });

  it('signs in silently during the tenant\'s session and gets an error after it', async () => {
    const first = await signIn('ada');
    const alive = await authorizationRequest({ prompt: 'none' });
    const second = await client.authorizationCodeGrant(configuration, await browser.follow(alive.url), alive.checks);
    assert.equal(second.claims().sub, first.claims().sub);
    await browser.follow(client.buildEndSessionUrl(configuration, { post_logout_redirect_uri: SIGNED_OUT }));
    const over = await authorizationRequest({ prompt: 'none' });
    const refused = client.authorizationCodeGrant(configuration, await browser.follow(over.url), over.checks);
    await assert.rejects(refused, { error: 'login_required' });
  });

  it('gets an error when the user cancels', async () => {
    const { url, checks } = await authorizationRequest();
    const callback = await browser.decide(url, { action: 'cancel' });
    await assert.rejects(client.authorizationCodeGrant(configuration, callback, checks), { error: 'access_denied' });
  });

  it('finds the new key after the tenant rotated its keys', async () => {
    await signIn('ada');
    await tenant.switchboard('POST', 'keys/rotate', { drop_old: true });
    // It fetches keys at most once a minute.
    mock.timers.enable({ apis: ['Date'], now: Date.now() + 120_000 });
    await tenant.settings({ clock_offset: 120 });
    assert.ok((await signIn('grace', { prompt: 'login' })).claims());
  });

  it('gets a token for a machine', async () => {
    const audience = `${tenant.issuer}/api`;
    const tokens = await client.clientCredentialsGrant(configuration, { audience, scope: 'read:users' });
    const claims = await tenant.verify(tokens.access_token, { audience });
    assert.deepEqual(claims.gty, ['client_credentials']);
    assert.equal(claims.sub, undefined);
  });

  it('checks the iss of the callback when discovery announces it', async () => {
    await tenant.settings({ iss_parameter: true });
    configuration = await discover();
    assert.ok(await signIn('ada'));
    await tenant.fault('cb_wrong_iss');
    browser = new Browser();
    await assert.rejects(signIn('ada'), { code: 'OAUTH_INVALID_RESPONSE' });
  });

  const spoilt = {
    cb_wrong_state: 'OAUTH_INVALID_RESPONSE',
    cb_wrong_code: 'OAUTH_RESPONSE_BODY_ERROR',
    id_wrong_iss: 'OAUTH_JWT_CLAIM_COMPARISON_FAILED',
    id_wrong_aud: 'OAUTH_JWT_CLAIM_COMPARISON_FAILED',
    id_wrong_nonce: 'OAUTH_JWT_CLAIM_COMPARISON_FAILED',
    id_expired: 'OAUTH_JWT_TIMESTAMP_CHECK_FAILED',
    id_tampered: 'OAUTH_INVALID_RESPONSE',
    id_unknown_kid: 'OAUTH_KEY_SELECTION_FAILED',
    id_alg_none: 'OAUTH_INVALID_RESPONSE',
    id_hs256_client_secret: 'OAUTH_INVALID_RESPONSE',
    id_missing: 'OAUTH_INVALID_RESPONSE',
    token_429: 'OAUTH_RESPONSE_BODY_ERROR',
    token_html: 'OAUTH_RESPONSE_IS_NOT_JSON',
  };
  for (const [fault, code] of Object.entries(spoilt)) {
    it(`refuses a sign-in spoilt by ${fault}`, async () => {
      await tenant.fault(fault);
      await assert.rejects(signIn('ada'), { code });
    });
  }
});
