node --env-file=tenant.env server.mjs
