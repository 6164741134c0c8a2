kinde-leptos dev-issuer --port 8001 --env-file .env.local --logout-url http://localhost:3000 \
    --callback-url http://localhost:3000/api/auth/kinde_callback
