# An image that runs every command of gitlab-ci-pusher in an ops repository, which is mounted or checked out at /ops. Untested: docs/image.md.
FROM docker.io/library/node:24-bookworm-slim AS package

WORKDIR /src
COPY . .
RUN npm ci --no-audit --no-fund && npm run build && npm pack

FROM docker.io/library/node:24-bookworm-slim

LABEL org.opencontainers.image.title="gitlab-ci-pusher" \
      org.opencontainers.image.description="Lets CI push to GitLab safely: declared, reviewed, rotated." \
      org.opencontainers.image.licenses="MIT"

# What the distribution has today: it keeps no older release to pin.
# hadolint ignore=DL3008
RUN apt-get update \
 && apt-get install --yes --no-install-recommends ca-certificates curl git unzip \
 && rm -rf /var/lib/apt/lists/*

# The release and the checksums of terraform/release.ts.
ARG TARGETARCH=amd64
ARG TERRAFORM_VERSION=1.11.4
ARG TERRAFORM_SHA256_amd64=1ce994251c00281d6845f0f268637ba50c0005657eb3cf096b92f753b42ef4dc
ARG TERRAFORM_SHA256_arm64=a43d1d0da9b9bab214a8305a39db0e40869572594ccf50c416a7756499143633
WORKDIR /tmp/terraform
RUN case "$TARGETARCH" in amd64) sum="$TERRAFORM_SHA256_amd64" ;; arm64) sum="$TERRAFORM_SHA256_arm64" ;; *) exit 1 ;; esac \
 && curl --fail --silent --show-error --output terraform.zip "https://releases.hashicorp.com/terraform/${TERRAFORM_VERSION}/terraform_${TERRAFORM_VERSION}_linux_${TARGETARCH}.zip" \
 && echo "$sum  terraform.zip" > checksums \
 && sha256sum --check checksums \
 && unzip terraform.zip terraform -d /usr/local/bin \
 && rm terraform.zip checksums

# The package as it is published; npm adds its peers.
COPY --from=package /src/gitlab-ci-pusher-*.tgz /tmp/package/
RUN npm install --global --ignore-scripts --no-audit --no-fund /tmp/package/*.tgz && npm cache clean --force && rm -r /tmp/package

# Whoever runs it brings the ops repository, the tokens in the environment, and a home that can be written.
# The user is `node` by number: by a name Kubernetes cannot tell that it is not root.
USER 1000
WORKDIR /ops
ENV TERRAFORM_BINARY_NAME=/usr/local/bin/terraform
ENTRYPOINT ["gitlab-ci-pusher"]
CMD ["--help"]
