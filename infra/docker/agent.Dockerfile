# The agent: one file and Node.
#   docker build -f infra/docker/agent.Dockerfile -t gatehouse-agent .
# The release workflow gives BASE with the digest that it resolved. Writes to /var/lib/gatehouse-agent alone; guardrails and credentials are
# mounted below /etc/gatehouse-agent. stdio servers that are to run in a sandbox want a base with bubblewrap.
ARG BASE=node:24-bookworm-slim

FROM ${BASE} AS build
WORKDIR /src
COPY . .
RUN node tools/local/bootstrap.mjs
RUN node apps/agent/build.ts

FROM ${BASE} AS agent
ENV NODE_ENV=production GATEHOUSE_DATA_DIR=/var/lib/gatehouse-agent GATEHOUSE_GUARDRAILS_FILE=/etc/gatehouse-agent/guardrails.yaml
COPY --from=build /src/apps/agent/dist/gatehouse-agent.mjs /opt/gatehouse-agent/gatehouse-agent.mjs
RUN mkdir -m 0700 /var/lib/gatehouse-agent && chown 65532:65532 /var/lib/gatehouse-agent
USER 65532:65532
VOLUME /var/lib/gatehouse-agent
EXPOSE 7300
HEALTHCHECK --interval=10s --timeout=5s --start-period=60s CMD ["node", "/opt/gatehouse-agent/gatehouse-agent.mjs", "status"]
CMD ["node", "--max-semi-space-size=8", "/opt/gatehouse-agent/gatehouse-agent.mjs", "run"]
