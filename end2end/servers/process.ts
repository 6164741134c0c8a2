// A child process: starts a program, waits until it is ready, keeps its output and ends it.

import { type ChildProcess, spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { once } from 'node:events';

/** A program ended before it was ready; the message is its output. */
export class NotStarted extends Error {}

export class Process {
  /** The program's output so far; the report of a failed test shows it. */
  output = '';
  readonly #child: ChildProcess;

  private constructor(child: ChildProcess) {
    this.#child = child;
    child.stdout?.on('data', (chunk) => (this.output += chunk));
    child.stderr?.on('data', (chunk) => (this.output += chunk));
  }

  /** Starts a program with exactly this environment and waits until its output matches `ready`. */
  static async start(
    program: string,
    args: string[],
    { env, cwd, ready }: { env: Record<string, string>; cwd: string; ready: RegExp },
  ): Promise<{ process: Process; match: RegExpExecArray }> {
    const started = new Process(spawn(program, args, { env, cwd, stdio: ['ignore', 'pipe', 'pipe'] }));
    const match = await started.#outputMatches(ready).catch(async (error) => {
      await started.stop();
      throw error;
    });
    return { process: started, match };
  }

  /** The memory that the process has in use, in bytes (Linux). */
  residentBytes(): number {
    const status = readFileSync(`/proc/${this.#child.pid}/status`, 'utf8');
    return Number(/^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1]) * 1024;
  }

  #outputMatches(pattern: RegExp): Promise<RegExpExecArray> {
    return new Promise((resolve, reject) => {
      const limit = setTimeout(() => reject(new NotStarted(`not ready in 20 s:\n${this.output}`)), 20_000);
      const look = () => {
        const match = pattern.exec(this.output);
        if (match) {
          clearTimeout(limit);
          resolve(match);
        }
      };
      this.#child.stdout?.on('data', look);
      this.#child.once('error', reject);
      this.#child.once('close', () => {
        clearTimeout(limit);
        reject(new NotStarted(this.output));
      });
    });
  }

  async stop(): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    const closed = once(this.#child, 'close');
    this.#child.kill('SIGKILL');
    await closed;
  }
}

/** A port that was free a moment ago; another program may take it first, so callers must be ready to try again. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  if (address === null || typeof address === 'string') throw new Error('no port');
  return address.port;
}
