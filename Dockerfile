# One image for the hub and for the agency simulator. Packages are compiled in the first stage; the second holds what
# runs.
FROM node:24.21.0-bookworm-slim AS build
RUN apt-get update && apt-get install -y --no-install-recommends python3 make g++ && rm -rf /var/lib/apt/lists/*
WORKDIR /hub
COPY package.json package-lock.json ./
RUN npm ci --no-audit --no-fund
COPY . .
# Which commit this is, for `hub --version`: --build-arg HUB_BUILD=$(git rev-parse --short=12 HEAD). Git is not here.
ARG HUB_BUILD
# The ledger's driver for Node 20 is not for this one.
RUN npm run build && npm run --silent sbom && npm prune --omit=dev && rm -rf node_modules/better-sqlite3-node20 \
  && chmod 0755 dist/hub/cli/main.js

FROM node:24.21.0-bookworm-slim
ENV NODE_ENV=production HUB_DATA=/data HUB_HOST=0.0.0.0
# `docker compose exec hub hub …`, as all pages write it.
RUN install -d -o node -g node /data && ln -s /hub/dist/hub/cli/main.js /usr/local/bin/hub
WORKDIR /hub
COPY --from=build --chown=root:root /hub/package.json ./
COPY --from=build --chown=root:root /hub/node_modules ./node_modules
COPY --from=build --chown=root:root /hub/dist ./dist
COPY --from=build --chown=root:root /hub/routing ./routing
COPY --from=build --chown=root:root /hub/xsd ./xsd
COPY --from=build --chown=root:root /hub/monitoring/page ./monitoring/page
COPY --from=build --chown=root:root /hub/hub/operate/evidence/verify.mjs ./hub/operate/evidence/verify.mjs
USER node
VOLUME /data
EXPOSE 8080 2222
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=10s --timeout=3s --start-period=15s --retries=3 \
  CMD ["node", "-e", "const ask = (s, or) => require(`node:${s}`).get(`${s}://127.0.0.1:8080/readyz`, { rejectUnauthorized: false }, (r) => r.statusCode === 400 ? or() : process.exit(r.statusCode === 200 ? 0 : 1)).on('error', () => process.exit(1)); ask('http', () => ask('https', () => process.exit(1)))"]
ENTRYPOINT ["node", "dist/hub/cli/main.js"]
CMD ["start"]
