// npm's oidc-provider, a certified OpenID provider, in the process of the tests.

import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mock } from 'node:test';
import { Recorder } from './recorder.mjs';

// It warns about what only production needs, such as a database and pages of one's own.
for (const method of ['info', 'warn']) mock.method(console, method, () => {});
const { Provider } = await import('oidc-provider');

const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
const claims = { name: 'Ada Lovelace', email: 'ada@example.com', email_verified: true };
/** Of the access tokens after those that end during a test, in seconds. */
const AN_HOUR = 3_600;

export class OidcProvider {
  paths = { token: '/token', endSession: '/session/end', revocation: '/token/revocation' };
  /** What the user enters, page by page. */
  signIn = [{ login: 'ada', password: 'any' }, {}];
  signOut = { logout: 'yes' };

  client = { id: 'kinde-leptos', secret: `${randomBytes(24).toString('base64url')}+/%:&=` };
  #options;
  #server;

  /**
   * - `lifetimes`: of the first access tokens, in seconds
   * - `authentication`: how the client is registered to authenticate
   * - `methods`: the ways to authenticate that discovery lists; default: all that the provider has
   * - `rotates`: whether a refresh token can be used once only
   */
  constructor(options) {
    this.#options = options;
  }

  /** Starts it with the site registered as a client. */
  async start(site) {
    const { lifetimes, authentication, methods, rotates = false } = this.#options;
    this.recorder = await Recorder.start();
    this.issuer = this.recorder.url;
    const remaining = [...lifetimes];
    const library = new Provider(this.issuer, {
      clients: [
        {
          client_id: this.client.id,
          client_secret: this.client.secret,
          grant_types: ['authorization_code', 'refresh_token'],
          redirect_uris: [site.callback],
          post_logout_redirect_uris: [site.logout],
          token_endpoint_auth_method: authentication,
        },
      ],
      ...(methods && { clientAuthMethods: methods }),
      claims: { openid: ['sub'], profile: ['name'], email: ['email', 'email_verified'] },
      findAccount: (_, sub) => ({ accountId: sub, claims: () => ({ sub, ...claims }) }),
      features: { revocation: { enabled: true } },
      rotateRefreshToken: rotates,
      ttl: { AccessToken: () => remaining.shift() ?? AN_HOUR },
      cookies: { keys: [randomBytes(32).toString('hex')] },
      jwks: { keys: [{ ...privateKey.export({ format: 'jwk' }), kid: 'of-the-tests', alg: 'RS256', use: 'sig' }] },
    });
    this.#server = library.listen(0, '127.0.0.1');
    await once(this.#server, 'listening');
    this.recorder.forwardTo(this.#server.address().port);
  }

  stop() {
    this.recorder?.stop();
    this.#server?.close();
    this.#server?.closeAllConnections();
  }
}
