FROM node:24-slim AS packages
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
RUN npm ci --omit=dev

FROM node:24-slim
# Nothing of it is needed to run.
RUN rm -rf /usr/local/lib/node_modules /usr/local/bin/npm /usr/local/bin/npx /usr/local/bin/corepack /usr/local/bin/yarn* /opt/yarn*
COPY --from=packages /app/node_modules /app/node_modules
COPY package.json LICENSE /app/
COPY db /app/db
COPY src /app/src
RUN install -d -o node -g node -m 700 /data
# Paths like data/root-token are relative to the working directory: from / they lie in the volume.
WORKDIR /
# `node`, as a number: Kubernetes cannot tell of a name that it is not root's.
USER 1000:1000
# MALLOC_ARENA_MAX and the flags of CMD as in scripts/start, where it says why.
ENV NODE_ENV=production HOST=0.0.0.0 PORT=8080 DATABASE_URL=sqlite:/data/keyrotator.db MALLOC_ARENA_MAX=2
VOLUME /data
EXPOSE 8080
HEALTHCHECK --interval=30s --timeout=5s --start-period=10s CMD ["node", "/app/src/cli/check-health.ts"]
CMD ["node", "--max-semi-space-size=16", "--heap-growing-percent=30", "--no-allocation-site-pretenuring", "/app/src/main.ts"]
