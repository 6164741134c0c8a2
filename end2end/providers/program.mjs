// Starts programs for the tests, keeps what they print, and ends them.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';

const PATIENCE = 60_000;

export class Program {
  /** What it printed so far. */
  output = '';
  /** The group that `ready` found. */
  found;
  #child;
  #ended;

  /** Starts a program with exactly this environment, and waits until its output matches `ready`. */
  static async start(path, parameters, { env, cwd, ready }) {
    const program = new Program();
    program.#child = spawn(path, parameters, { env, cwd, stdio: ['ignore', 'pipe', 'pipe'] });
    program.#ended = once(program.#child, 'close');
    const match = await program.#outputMatches(ready);
    if (!match) {
      await program.stop();
      throw new Error(`${path} did not start:\n${program.output}`);
    }
    program.found = match[1];
    return program;
  }

  async stop() {
    this.#child.kill('SIGKILL');
    await this.#ended;
  }

  /** The match, or `undefined` if the program ends before that or takes too long. */
  #outputMatches(pattern) {
    return new Promise((resolve, reject) => {
      const limit = setTimeout(resolve, PATIENCE);
      const settle = (match) => {
        clearTimeout(limit);
        resolve(match);
      };
      for (const stream of [this.#child.stdout, this.#child.stderr]) {
        stream.setEncoding('utf8').on('data', (text) => {
          this.output += text;
          const match = pattern.exec(this.output);
          if (match) settle(match);
        });
      }
      this.#ended.then(() => settle(undefined), reject);
    });
  }
}

/** A port that is free on both loopback addresses, below those that systems give to programs that ask for any. */
export async function freePort() {
  for (;;) {
    const port = 10_000 + Math.floor(Math.random() * 20_000);
    if ((await isFree(port, '127.0.0.1')) && (await isFree(port, '::1'))) return port;
  }
}

async function isFree(port, host) {
  const server = createServer().listen(port, host);
  try {
    await once(server, 'listening');
  } catch ({ code }) {
    // A machine without IPv6 has no such address.
    return code === 'EADDRNOTAVAIL';
  }
  server.close();
  await once(server, 'close');
  return true;
}
