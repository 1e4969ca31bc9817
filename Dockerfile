# The platform without embedded servers: its event store, database and payment gateway are given by settings.
FROM node:24-bookworm-slim AS build
WORKDIR /panglot
COPY package.json package-lock.json .npmrc ./
RUN npm ci --no-audit
COPY tsconfig.json tsconfig.build.json ./
COPY bin bin
COPY src src
RUN npm run build && npm prune --omit=dev

FROM node:24-bookworm-slim
ENV DATA_DIR=/var/lib/panglot
RUN install -d -o node -g node -m 0700 /var/lib/panglot
WORKDIR /panglot
COPY --from=build /panglot/package.json ./
COPY --from=build /panglot/node_modules node_modules
COPY --from=build /panglot/bin bin
COPY --from=build /panglot/dist dist
USER node
VOLUME /var/lib/panglot
# Run with --init, so that child processes that end are collected.
ENTRYPOINT ["node", "bin/panglot.js"]
CMD ["start"]
