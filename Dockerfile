# The service on Bun, as one unprivileged user that writes nowhere but /tmp.
#   docker build --tag auth-service .
# BUN_IMAGE may name any image with `bun` on its path.
ARG BUN_IMAGE=oven/bun:1.4.5-slim

FROM ${BUN_IMAGE} AS packages
WORKDIR /app
COPY package.json bun.lock bunfig.toml ./
COPY packages/user-events/package.json packages/user-events/
# Scripts of packages are not needed to run, so none is.
RUN bun install --production --frozen-lockfile --ignore-scripts

FROM ${BUN_IMAGE}
WORKDIR /app
COPY --from=packages /app/node_modules node_modules
COPY package.json bunfig.toml LICENSE ./
COPY contracts contracts
COPY packages packages
COPY src src
COPY ops/compose/*.sh ops/compose/

# The sources cannot be written, so there is nowhere to keep what Bun makes of them.
ENV NODE_ENV=production BUN_RUNTIME_TRANSPILER_CACHE_PATH=0
USER 1000:1000
EXPOSE 3000 3001
# First readiness off, then requests finish, then the relay settles: within SHUTDOWN_SECONDS.
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=5s --timeout=4s --start-period=10s --retries=3 \
  CMD ["bun", "--eval", "process.exit((await fetch(`http://127.0.0.1:${process.env.PORT ?? 3000}/health/ready`)).ok ? 0 : 1)"]
ENTRYPOINT ["bun"]
CMD ["src/main/bun.ts"]
