# Console, hub and worker, one image with three targets, and the operator's commands in each of them:
#   docker build -f infra/docker/control-plane.Dockerfile --target console -t gatehouse-console .
# The release workflow gives BASE with the digest that it resolved. Runs as any user, on a root that is read-only, with nothing to write to.
ARG BASE=node:24-bookworm-slim

FROM ${BASE} AS build
WORKDIR /src
COPY . .
RUN node tools/local/bootstrap.mjs
RUN node node_modules/turbo/bin/turbo run build --filter=@gatehouse/cli --filter=@gatehouse/agent --output-logs=errors-only
RUN node tools/release/control-plane.ts /opt/gatehouse
RUN cd /opt/gatehouse && npm ci --omit=dev --ignore-scripts --no-audit --no-fund

FROM ${BASE} AS runtime
ENV NODE_ENV=production
WORKDIR /opt/gatehouse
COPY --from=build /opt/gatehouse /opt/gatehouse
RUN ln -s /opt/gatehouse/bin/gatehouse /usr/local/bin/gatehouse
USER 65532:65532

FROM runtime AS console
ENV GATEHOUSE_CONSOLE_HOST=0.0.0.0 GATEHOUSE_CONSOLE_PORT=3000 GATEHOUSE_AGENT_BUNDLE=/opt/gatehouse/agent/gatehouse-agent.mjs
EXPOSE 3000
HEALTHCHECK --interval=10s --timeout=5s --start-period=60s CMD ["node", "bin/healthy.mjs", "3000"]
CMD ["node", "apps/console/dist/main.mjs"]

FROM runtime AS hub
ENV GATEHOUSE_HUB_HOST=0.0.0.0 GATEHOUSE_HUB_PORT=3001
EXPOSE 3001
HEALTHCHECK --interval=10s --timeout=5s --start-period=60s CMD ["node", "bin/healthy.mjs", "3001"]
CMD ["node", "apps/hub/dist/main.mjs"]

FROM runtime AS worker
ENV GATEHOUSE_WORKER_HOST=0.0.0.0 GATEHOUSE_WORKER_PORT=3002
EXPOSE 3002
HEALTHCHECK --interval=10s --timeout=5s --start-period=60s CMD ["node", "bin/healthy.mjs", "3002"]
CMD ["node", "apps/worker/dist/main.mjs"]
