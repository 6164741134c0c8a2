// The app at PyPI's oidc-provider-mock. Its discovery document names no way to authenticate, so Basic is the one; it
// refreshes without a new refresh token and without an ID token.

import { OidcProviderMock } from './oidc_provider_mock.mjs';
import { signsInRefreshesAndSignsOut } from './visit.mjs';

const options = { lifetimes: [2], authentication: 'client_secret_basic' };

signsInRefreshesAndSignsOut('oidc-provider-mock', OidcProviderMock, options);
