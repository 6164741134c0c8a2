// The app at npm's oidc-provider. It issues a refresh token only after `prompt=consent`.

import assert from 'node:assert/strict';
import { it } from 'node:test';
import { OidcProvider } from './oidc_provider.mjs';
import { signsInRefreshesAndSignsOut, Visit } from './visit.mjs';

const [basic, post] = ['client_secret_basic', 'client_secret_post'];
const consent = { KINDE_PROMPT: 'consent' };

signsInRefreshesAndSignsOut(
  'oidc-provider, where the client is registered for Basic and discovery lists other ways too',
  OidcProvider,
  { lifetimes: [2], authentication: basic },
  consent,
);

signsInRefreshesAndSignsOut(
  'oidc-provider, where secrets are sent in the body and a refresh token can be used once only',
  OidcProvider,
  { lifetimes: [2, 6], authentication: post, methods: [post], rotates: true },
  consent,
);

it(
  'signs in at oidc-provider with a secret in the body where CLIENT_AUTH_METHOD says so',
  Visit.test(
    OidcProvider,
    { lifetimes: [], authentication: post },
    { ...consent, CLIENT_AUTH_METHOD: post },
    async (visit) => {
      visit.assertIsGreeting(await visit.signIn());
      visit.assertAuthenticates(visit.tokenRequests('authorization_code'), post);
    },
  ),
);

it(
  'signs in at oidc-provider by "Create account" too, although that has no page for new accounts',
  Visit.test(OidcProvider, { lifetimes: [], authentication: basic }, consent, async (visit) => {
    visit.assertIsGreeting(await visit.signIn('/api/auth/register'));
  }),
);

it(
  'stays signed in at oidc-provider without a refresh token, and says in the log how to have one',
  Visit.test(OidcProvider, { lifetimes: [1], authentication: basic }, {}, async (visit) => {
    visit.assertIsGreeting(await visit.signIn());
    await visit.tokensEnd(1);
    visit.assertIsGreeting(await visit.browser.open(visit.site.url));
    assert.equal(visit.tokenRequests('refresh_token').length, 0);
    assert.match(visit.app.log, /WARN .*no refresh token.*consent/);
  }),
);
