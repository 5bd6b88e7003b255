# Redis from the same Debian as Asterisk.
FROM debian:forky-slim
RUN apt-get update \
    && apt-get install -y --no-install-recommends redis-server redis-tools \
    && rm -rf /var/lib/apt/lists/* \
    && install -d -o redis -g redis -m 0750 /data
USER redis
WORKDIR /data
VOLUME /data
EXPOSE 6379
# REDISCLI_AUTH holds the password: it is on no command line that `ps` would show.
HEALTHCHECK --interval=5s --timeout=3s --start-period=10s CMD ["redis-cli", "ping"]
CMD ["sh", "-c", "printf 'requirepass %s\\n' \"$REDISCLI_AUTH\" | exec redis-server - --bind 0.0.0.0 --dir /data --daemonize no --appendonly yes --appendfsync everysec --save '' --maxmemory-policy noeviction"]
