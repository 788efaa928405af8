# Pilothouse in a container: built in one stage, run by an ordinary user in another that has Node and the result alone.
FROM node:20.20.2-bookworm-slim AS build
WORKDIR /build
# Packages first: they change less often than sources.
COPY package.json package-lock.json .npmrc ./
COPY scripts scripts
RUN node scripts/prepare.mjs --modules
COPY tsconfig.json ./
COPY src src
RUN npm run build && npm prune --omit=dev --no-audit --no-fund

FROM node:20.20.2-bookworm-slim
ENV NODE_ENV=production
WORKDIR /opt/pilothouse
COPY --from=build /build/package.json ./
COPY --from=build /build/node_modules node_modules
COPY --from=build /build/dist dist
COPY --chmod=0755 packaging/pilothouse-in-container /usr/local/bin/pilothouse
# Volumes begin with the owner that the folder has here.
RUN install -d -o node -g node -m 0750 /etc/pilothouse /var/lib/pilothouse
USER node
ENV PILOTHOUSE_HOST=0.0.0.0
EXPOSE 7060
VOLUME ["/etc/pilothouse", "/var/lib/pilothouse"]
HEALTHCHECK --interval=10s --timeout=5s --start-period=60s --retries=3 \
  CMD ["node", "-e", "fetch('http://127.0.0.1:7060/healthz').then(({ ok }) => process.exit(ok ? 0 : 1), () => process.exit(1))"]
ENTRYPOINT ["pilothouse"]
CMD ["start"]
