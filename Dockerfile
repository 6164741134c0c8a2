# syntax=docker/dockerfile:1
# The program in an image of its own: no shell, no package manager, no root. Every step that builds is one of
# .ci/container, which `make test` runs too. `docker build -t kinde-leptos .`

FROM node:24-bookworm-slim AS node

FROM rust:1.95-slim-bookworm AS build
RUN apt-get update -qq && apt-get install -y -qq --no-install-recommends ca-certificates
COPY --from=node /usr/local/bin/node /usr/local/bin/node
COPY --from=node /usr/local/lib/node_modules /usr/local/lib/node_modules
RUN ln -s ../lib/node_modules/npm/bin/npm-cli.js /usr/local/bin/npm
WORKDIR /build

# The tools and the dependencies stay in the cache until one of these changes.
COPY .ci .ci
COPY .cargo .cargo
COPY Cargo.toml Cargo.lock ./
RUN .ci/container tools
RUN .ci/container dependencies

COPY . .
RUN .ci/container program
RUN .ci/container image /image

FROM scratch
COPY --from=build /image /
USER 65532:65532
WORKDIR /data
ENV LISTEN_ADDR=0.0.0.0:8000 SESSION_STORE_URL=sqlite:///data/sessions.db
VOLUME /data
EXPOSE 8000
STOPSIGNAL SIGTERM
# Whether the process lives. What restarts a container must not ask for more: no restart brings a session store back.
HEALTHCHECK --interval=10s --timeout=3s --start-period=5s CMD ["/kinde-leptos", "health", "--live"]
ENTRYPOINT ["/kinde-leptos"]
