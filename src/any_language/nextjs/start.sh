npx next dev --port 3000
