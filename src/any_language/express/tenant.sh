kinde-leptos dev-issuer --port 8001 --env-file tenant.env --logout-url http://localhost:3000 \
    --callback-url http://localhost:3000/kinde_callback
