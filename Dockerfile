# syntax=docker/dockerfile:1
#   docker buildx build --platform linux/amd64,linux/arm64 --tag <registry>/otel-retrofit:0.1.0 .

# Whoever wants the same bytes every time gives these with a digest: docs/decisions/0008-base-images.md.
ARG BUILDER=node:24-trixie-slim
ARG BASE=gcr.io/distroless/nodejs24-debian13:nonroot

# What is built is JavaScript alone, so it is built once, on the machine's own architecture.
FROM --platform=$BUILDPLATFORM $BUILDER AS build
WORKDIR /src
COPY package.json package-lock.json ./
RUN npm ci --ignore-scripts --no-audit --no-fund
COPY bin/bundle.js bin/fresh.mjs bin/lean.ts bin/
COPY cli cli
COPY config config
COPY controller controller
COPY crds crds
COPY domain domain
COPY metrics metrics
RUN npm run --silent bundle
# "--omit dev" would also leave out what a tool needs as well as we do.
RUN npm pkg delete devDependencies workspaces && npm prune --package-lock-only --ignore-scripts && npm sbom --package-lock-only --sbom-format cyclonedx > dist/bundle/sbom.json

FROM $BASE
WORKDIR /app
COPY --from=build /src/dist/bundle/ ./
# The heap leaves room for what lies beside it, whatever limit the manifest sets.
ENV NODE_ENV=production
ENV NODE_OPTIONS="--max-semi-space-size=4 --max-old-space-size-percentage=65 --disable-proto=throw"
USER 65532:65532
# Reviews, metrics, probes.
EXPOSE 9443 8080 8081
ENTRYPOINT ["/nodejs/bin/node", "/app/main.mjs"]
CMD ["run"]
