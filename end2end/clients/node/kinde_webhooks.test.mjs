// Kinde's library for webhooks decodes what the emulated tenant sends: it fetches the tenant's keys, verifies the
// signature, and returns null for anything else. It checks neither the age of an event nor whether it came before.

import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { after, before, beforeEach, describe, it } from 'node:test';
import webhooks from '@kinde/webhooks';
import { Tenant } from './tenant.mjs';

const { decodeWebhook } = webhooks;

describe('@kinde/webhooks', () => {
  let tenant;
  let receiver;
  /** The requests that the receiver got: headers and body. */
  const received = [];

  before(async () => {
    tenant = await Tenant.start();
    receiver = createServer(async (request, response) => {
      const body = (await request.setEncoding('utf8').toArray()).join('');
      received.push({ headers: request.headers, body });
      response.writeHead(200).end();
    }).listen(0, '127.0.0.1');
    await once(receiver, 'listening');
    const webhook_url = `http://127.0.0.1:${receiver.address().port}/`;
    await tenant.settings({ webhook_url, delivery_pauses: [0] });
  });

  beforeEach(() => received.splice(0));

  after(async () => {
    receiver?.close();
    await tenant?.stop();
  });

  /** Waits until the tenant has delivered what changes caused. */
  async function delivered(count) {
    const end = Date.now() + 20_000;
    for (;;) {
      const deliveries = await tenant.switchboard('GET', 'deliveries');
      if (deliveries.length === count && deliveries.at(-1).status === 200) return;
      assert.ok(Date.now() < end, `not delivered: ${JSON.stringify(deliveries)}`);
    }
  }

  it('decodes the events of a user who is changed, suspended and deleted', async () => {
    const { sub } = (await tenant.switchboard('GET', 'people')).find(({ person }) => person === 'katherine');
    await tenant.switchboard('PATCH', 'people/katherine', { family_name: 'Goble' });
    await delivered(1);
    await tenant.switchboard('PATCH', 'people/katherine', { is_suspended: true });
    await delivered(2);
    await tenant.switchboard('DELETE', 'people/katherine');
    await delivered(3);
    for (const { headers } of received) assert.equal(headers['content-type'], 'application/jwt');
    const events = await Promise.all(received.map(({ body }) => decodeWebhook(body, tenant.issuer)));
    const [changed, suspended, deleted] = events;
    assert.deepEqual(events.map(({ type }) => type), ['user.updated', 'user.updated', 'user.deleted']);
    assert.deepEqual([changed.data.user.id, changed.data.user.last_name, changed.data.user.is_suspended], [sub, 'Goble', false]);
    assert.equal(suspended.data.user.is_suspended, true);
    assert.deepEqual(deleted.data, { user: { id: sub } });
    for (const { event_id, timestamp, source } of events) {
      assert.match(event_id, /^event_[0-9a-f]{32}$/);
      assert.ok(Math.abs(Date.parse(timestamp) - Date.now()) < 60_000, timestamp);
      assert.equal(source, 'admin');
    }
    assert.equal(new Set(events.map(({ event_id }) => event_id)).size, 3);
  });

  it('refuses the events that the tenant signs wrongly', async () => {
    for (const fault of ['bad_signature', 'alg_none', 'unknown_kid']) {
      await tenant.switchboard('POST', 'webhooks', { type: 'user.deleted', data: { user: { id: 'kp_1' } }, fault });
      assert.equal(await decodeWebhook(received.at(-1).body, tenant.issuer), null, fault);
    }
    await tenant.switchboard('POST', 'webhooks', { type: 'user.deleted', data: { user: { id: 'kp_1' } } });
    assert.deepEqual((await decodeWebhook(received.at(-1).body, tenant.issuer)).data, { user: { id: 'kp_1' } });
  });
});
