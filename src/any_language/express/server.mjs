import { getUser, GrantType, protectRoute, setupKinde } from '@kinde-oss/kinde-node-express';
import express from 'express';

const site = 'http://localhost:3000';
const app = express();
setupKinde({
  grantType: GrantType.AUTHORIZATION_CODE,
  issuerBaseUrl: process.env.KINDE_ISSUER_URL,
  clientId: process.env.KINDE_CLIENT_ID,
  secret: process.env.KINDE_CLIENT_SECRET,
  siteUrl: site,
  redirectUrl: `${site}/kinde_callback`,
  postLogoutRedirectUrl: site,
  unAuthorisedUrl: `${site}/refused`,
}, app);
app.get('/', (request, response) => response.send('<a href="/login">Sign in</a>'));
app.get('/profile', protectRoute, getUser, (request, response) => response.json(request.user));
app.listen(new URL(site).port);
