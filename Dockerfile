# The service on Bun. It runs as an unprivileged user and writes only to /tmp.
#   docker build --tag auth-service .
# BUN_IMAGE may be any image with `bun` in its PATH.
ARG BUN_IMAGE=oven/bun:1.4.5-slim

FROM ${BUN_IMAGE} AS packages
WORKDIR /app
COPY package.json bun.lock bunfig.toml ./
COPY packages/user-events/package.json packages/user-events/
# The service needs no install script of a package, so none is run.
RUN bun install --production --frozen-lockfile --ignore-scripts

FROM ${BUN_IMAGE}
WORKDIR /app
COPY --from=packages /app/node_modules node_modules
COPY package.json bunfig.toml LICENSE ./
COPY contracts contracts
COPY packages packages
COPY src src
COPY ops/compose/*.sh ops/compose/

# The sources are read-only, so Bun has no place for its cache of transpiled files.
ENV NODE_ENV=production BUN_RUNTIME_TRANSPILER_CACHE_PATH=0
USER 1000:1000
EXPOSE 3000 3001
# At SIGTERM the service reports that it is not ready, finishes its requests, and then lets the relay finish, all within
# SHUTDOWN_SECONDS.
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=5s --timeout=4s --start-period=10s --retries=3 \
  CMD ["bun", "--eval", "process.exit((await fetch(`http://127.0.0.1:${process.env.PORT ?? 3000}/health/ready`)).ok ? 0 : 1)"]
ENTRYPOINT ["bun"]
CMD ["src/main/bun.ts"]
