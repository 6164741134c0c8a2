// PyPI's oidc-provider-mock, a provider for tests, as a process of its own. `.ci/providers` installs it.

import { Program } from './program.mjs';
import { Recorder } from './recorder.mjs';

const program = process.env.OIDC_PROVIDER_MOCK;
const ada = { sub: 'ada', name: 'Ada Lovelace', email: 'ada@example.com', email_verified: true };

export class OidcProviderMock {
  paths = { token: '/oauth2/token', endSession: '/oauth2/end_session' };
  /** What the user enters, page by page. */
  signIn = [{ sub: ada.sub }];
  signOut = {};

  #lifetime;
  #program;

  /** The first access token lives so many seconds; those of a refresh live an hour. */
  constructor({ lifetimes: [lifetime] }) {
    this.#lifetime = lifetime;
  }

  /** Starts it, and registers the site as a client. */
  async start(site) {
    this.recorder = await Recorder.start();
    this.issuer = this.recorder.url;
    const options = { port: 0, 'token-max-age': this.#lifetime, 'user-claims': JSON.stringify(ada) };
    const parameters = Object.entries(options).flatMap(([name, value]) => [`--${name}`, String(value)]);
    const ready = /running on http:\/\/127\.0\.0\.1:(\d+)/;
    this.#program = await Program.start(program, ['--require-registration', ...parameters], { env: {}, ready });
    this.recorder.forwardTo(this.#program.found);
    this.client = await register(this.issuer, site);
  }

  async stop() {
    this.recorder?.stop();
    await this.#program?.stop();
  }
}

async function register(issuer, site) {
  const response = await fetch(`${issuer}/oauth2/clients`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ redirect_uris: [site.callback], token_endpoint_auth_method: 'client_secret_basic' }),
  });
  if (!response.ok) throw new Error(`the client was not registered: ${response.status} ${await response.text()}`);
  const { client_id: id, client_secret: secret } = await response.json();
  return { id, secret };
}
