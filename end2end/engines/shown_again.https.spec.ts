// Pages that are shown again after a sign-out, over https, behind a TLS proxy.

import { test } from './fixtures.ts';
import { testWaysBack } from './shown_again.ts';

test.use({ siteSettings: { scheme: 'https', env: {} } });

// CA-4
testWaysBack();
