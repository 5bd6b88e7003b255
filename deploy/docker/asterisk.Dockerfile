# Asterisk 22 from Debian's packages, the same that `hotline setup` unpacks.
FROM debian:forky-slim
RUN apt-get update \
    && apt-get install -y --no-install-recommends asterisk asterisk-modules \
    && rm -rf /var/lib/apt/lists/* \
    && groupadd --gid 10001 hotline \
    && useradd --uid 10001 --gid hotline --no-create-home --home-dir /state hotline \
    && install -d -o hotline -g hotline -m 0750 /state \
    && mkdir -p /app/.runtime && ln -s / /app/.runtime/rootfs
COPY ivr/prompts /app/ivr/prompts
USER hotline
VOLUME /state
EXPOSE 12347 12348 12360/udp
HEALTHCHECK --interval=10s --timeout=5s --start-period=30s \
    CMD ["asterisk", "-C", "/state/asterisk/etc/asterisk.conf", "-rx", "core waitfullybooted"]
CMD ["asterisk", "-C", "/state/asterisk/etc/asterisk.conf", "-f", "-n"]
