FROM node:24-slim AS packages
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
RUN npm ci --omit=dev

FROM node:24-slim
COPY --from=packages /app/node_modules /app/node_modules
COPY package.json LICENSE /app/
COPY db /app/db
COPY src /app/src
RUN install -d -o node -g node -m 700 /data
# Paths like data/root-token are relative to the working directory: from / they lie in the volume.
WORKDIR /
USER node
ENV NODE_ENV=production HOST=0.0.0.0 PORT=8080 DATABASE_URL=sqlite:/data/keyrotator.db
VOLUME /data
EXPOSE 8080
HEALTHCHECK --interval=30s --timeout=5s --start-period=10s \
  CMD ["node", "-e", "fetch(`http://127.0.0.1:${process.env.PORT}/healthz`).then((answer) => process.exit(answer.ok ? 0 : 1), () => process.exit(1))"]
CMD ["node", "/app/src/main.ts"]
