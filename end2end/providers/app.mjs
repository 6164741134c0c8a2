// Starts the app at an issuer, with a session store of its own. `.ci/providers` builds it.

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort, Program } from './program.mjs';

const program = process.env.KINDE_LEPTOS_PROGRAM;

/** The URLs of an app that is not started yet, which providers want to know first. */
export async function newSite() {
  const url = `http://localhost:${await freePort()}`;
  return { url, callback: `${url}/api/auth/kinde_callback`, logout: `${url}/api/auth/logout` };
}

export class App {
  #folder = mkdtempSync(join(tmpdir(), 'kinde-leptos-providers-'));
  #program;

  async start(site, { issuer, client }, settings) {
    const env = {
      SITE_URL: site.url,
      KINDE_ISSUER_URL: issuer,
      CLIENT_ID: client.id,
      CLIENT_SECRET: client.secret,
      SESSION_STORE_URL: `sqlite://${join(this.#folder, 'sessions.db')}`,
      ...settings,
    };
    this.#program = await Program.start(program, [], { env, cwd: this.#folder, ready: /running at (http\S+)/ });
  }

  /** What the app printed: its log. */
  get log() {
    return this.#program?.output ?? '';
  }

  async stop() {
    await this.#program?.stop();
    rmSync(this.#folder, { recursive: true, force: true });
  }
}
