# syntax=docker/dockerfile:1
# Builds the one binary, then puts it alone into a small image that runs it as an ordinary user.
#   docker build -t gaung .                                 reaches PostgreSQL without TLS
#   docker build -t gaung --build-arg FEATURES=pg-tls .     and with it
ARG FEATURES=""

FROM rust:1.95-slim-bookworm AS build
ARG FEATURES
RUN apt-get update \
    && apt-get install -y --no-install-recommends gcc g++ libc6-dev make cmake perl pkg-config libssl-dev \
    && rm -rf /var/lib/apt/lists/*
WORKDIR /src
COPY . .
RUN --mount=type=cache,target=/usr/local/cargo/registry \
    --mount=type=cache,target=/src/target \
    cargo build --release --locked --features "${FEATURES}" \
    && install -D -m 0755 target/release/gaung /out/gaung

FROM debian:bookworm-slim
ARG FEATURES
# Certificates for mail servers; OpenSSL only where libpq was built with it.
RUN apt-get update \
    && apt-get install -y --no-install-recommends ca-certificates \
    && case " ${FEATURES} " in *pg-tls*) apt-get install -y --no-install-recommends libssl3 ;; esac \
    && rm -rf /var/lib/apt/lists/* \
    && useradd --system --uid 10001 --user-group --home-dir /var/lib/gaung --shell /usr/sbin/nologin gaung \
    && install -d -o gaung -g gaung -m 0750 /var/lib/gaung
COPY --from=build /out/gaung /usr/local/bin/gaung
USER gaung
WORKDIR /var/lib/gaung
VOLUME /var/lib/gaung
# Secrets come from files: set GAUNG__SECRETS__KEY_FILE, GAUNG__DATABASE__URL_FILE, GAUNG__MAIL__SMTP__PASSWORD_FILE,
# GAUNG__METRICS__TOKEN_FILE.
# The mailbox of development shows everyone's links, and this image listens on every address: it is off.
ENV GAUNG__SERVER__BIND=0.0.0.0 \
    GAUNG__SERVER__DEV_MAILBOX=false \
    GAUNG__DATA__DIR=/var/lib/gaung \
    GAUNG__LOG__FORMAT=json
EXPOSE 8080
# Alive or not; /readyz at GAUNG__METRICS__LISTEN says whether it can do its work. A container of `gaung worker` sets its own check:
# gaung healthcheck --worker
HEALTHCHECK --interval=30s --timeout=5s --start-period=15s CMD ["gaung", "healthcheck"]
ENTRYPOINT ["gaung"]
CMD ["serve"]
