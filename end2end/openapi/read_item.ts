// Reads an item as a signed-in program, through a client with the types that openapi-typescript generates from the
// site's own document. `.ci/openapi` generates them, as `document.ts`, and sets the environment.

import assert from 'node:assert/strict';
import createClient from 'openapi-fetch';
import type { components, paths } from './document.js';

type Item = components['schemas']['Item'];

function variable(name: string): string {
  const value = process.env[name];
  assert.ok(value, `${name} is not set`);
  return value;
}

const baseUrl = variable('SITE_URL');
const signedIn = createClient<paths>({ baseUrl, headers: { cookie: variable('SESSION_COOKIE') } });

const found = await signedIn.GET('/api/item', { params: { query: { item_id: '420', q: 'x' } } });
const item: Item | undefined = found.data;
assert.deepEqual(item, { item_id: 420, q: 'x' });

const withoutText = await signedIn.GET('/api/item', { params: { query: { item_id: '0042' } } });
assert.deepEqual(withoutText.data, { item_id: 42, q: null } satisfies Item);

const noInteger = await signedIn.GET('/api/item', { params: { query: { item_id: 'abc' } } });
assert.equal(noInteger.response.status, 422);
const detail = noInteger.error?.detail;
assert.ok(Array.isArray(detail), 'the error names no field');
assert.deepEqual([detail[0]?.type, detail[0]?.loc, detail[0]?.input], ['int_parsing', ['query', 'item_id'], 'abc']);

// @ts-expect-error -- the document requires an item id
const missing = await signedIn.GET('/api/item', { params: { query: {} } });
assert.equal(missing.response.status, 422);

const anonymous = await createClient<paths>({ baseUrl }).GET('/api/item', { params: { query: { item_id: '420' } } });
assert.equal(anonymous.response.status, 401);
assert.equal(anonymous.error?.detail, 'Not authenticated');

console.log('The generated client compiles and reads an item.');
