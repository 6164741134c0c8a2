// Firefox's own protocol for WebDriver commands: JSON over TCP, each message after its length in bytes. With it no
// geckodriver is needed, which Debian does not have.

import { once } from 'node:events';
import { type Socket, connect } from 'node:net';
import type { Command, Connection } from './web_driver.ts';

type Pending = { resolve: (result: unknown) => void; reject: (error: Error) => void };
type Message = [kind: 1, id: number, error: { error: string; message: string } | null, result: unknown];

/** What Marionette calls each command, and whether its result is wrapped in `{ value }`. */
const NAMES: Record<Command, [name: string, isWrapped: boolean]> = {
  'Navigate To': ['WebDriver:Navigate', false],
  Back: ['WebDriver:Back', false],
  Forward: ['WebDriver:Forward', false],
  'Execute Script': ['WebDriver:ExecuteScript', true],
  'Execute Async Script': ['WebDriver:ExecuteAsyncScript', true],
  'Find Element': ['WebDriver:FindElement', true],
  'Element Click': ['WebDriver:ElementClick', false],
  'New Window': ['WebDriver:NewWindow', false],
  'Get Window Handle': ['WebDriver:GetWindowHandle', true],
  'Get Window Handles': ['WebDriver:GetWindowHandles', false],
  'Switch To Window': ['WebDriver:SwitchToWindow', false],
  'Delete Session': ['WebDriver:DeleteSession', false],
  Quit: ['Marionette:Quit', false],
};

export class MarionetteConnection implements Connection {
  readonly #pending = new Map<number, Pending>();
  #received = Buffer.alloc(0);
  #lastId = 0;

  private constructor(readonly socket: Socket) {
    socket.on('data', (data: Buffer | string) => this.#receive(Buffer.from(data)));
    socket.on('error', (error) => this.#fail(error));
    socket.on('close', () => this.#fail(new Error('Firefox closed the connection')));
  }

  static async open(port: number, capabilities: object): Promise<MarionetteConnection> {
    const socket = connect(port, '127.0.0.1');
    await once(socket, 'connect');
    const connection = new MarionetteConnection(socket);
    await connection.#call('WebDriver:NewSession', capabilities);
    return connection;
  }

  async send(command: Command, parameters: Record<string, unknown>): Promise<unknown> {
    const [name, isWrapped] = NAMES[command];
    const result = await this.#call(name, parameters);
    return isWrapped ? (result as { value: unknown }).value : result;
  }

  #call(name: string, parameters: object): Promise<unknown> {
    const id = ++this.#lastId;
    const message = Buffer.from(JSON.stringify([0, id, name, parameters]));
    return new Promise((resolve, reject) => {
      this.#pending.set(id, { resolve, reject });
      this.socket.write(Buffer.concat([Buffer.from(`${message.length}:`), message]));
    });
  }

  #receive(data: Buffer): void {
    this.#received = Buffer.concat([this.#received, data]);
    for (;;) {
      const colon = this.#received.indexOf(':');
      const end = colon + 1 + Number(this.#received.subarray(0, Math.max(colon, 0)));
      if (colon < 0 || this.#received.length < end) return;
      this.#handle(JSON.parse(this.#received.subarray(colon + 1, end).toString()) as Message | object);
      this.#received = this.#received.subarray(end);
    }
  }

  #handle(message: Message | object): void {
    // The first message only says which version of the protocol this is.
    if (!Array.isArray(message)) return;
    const [, id, error, result] = message as Message;
    const pending = this.#pending.get(id);
    this.#pending.delete(id);
    if (error) pending?.reject(new Error(`${error.error}: ${error.message}`));
    else pending?.resolve(result);
  }

  #fail(error: Error): void {
    for (const { reject } of this.#pending.values()) reject(error);
    this.#pending.clear();
  }
}
