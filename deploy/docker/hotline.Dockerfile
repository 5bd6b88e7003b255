# Our own processes, one target each: docker build --target ivr -f deploy/docker/hotline.Dockerfile .

FROM debian:bookworm-slim AS build
RUN apt-get update \
    && apt-get install -y --no-install-recommends ca-certificates nodejs npm python3 python3-venv \
    && rm -rf /var/lib/apt/lists/*
WORKDIR /app
COPY requirements.lock ./
RUN python3 -m venv /app/.venv \
    && /app/.venv/bin/pip install --no-cache-dir --require-hashes --requirement requirements.lock
COPY . .
# Asterisk is an image of its own; here only the softphone library and the speech models are made.
RUN /app/.venv/bin/python -m hotline setup --only assets --only models \
    && rm -rf .runtime/npm

FROM debian:bookworm-slim AS base
RUN apt-get update \
    && apt-get install -y --no-install-recommends python3 tzdata \
    && rm -rf /var/lib/apt/lists/* \
    && groupadd --gid 10001 hotline \
    && useradd --uid 10001 --gid hotline --no-create-home --home-dir /state hotline \
    && install -d -o hotline -g hotline -m 0750 /state
COPY --from=build /app /app
# Asterisk's configuration names its files below this path, as on a machine without containers.
RUN ln -s / /app/.runtime/rootfs
WORKDIR /app
ENV PATH=/app/.venv/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 HOTLINE_STATE_DIR=/state
USER hotline
VOLUME /state

FROM base AS prepare
CMD ["python", "-m", "hotline", "prepare"]

FROM base AS ivr
EXPOSE 12352
HEALTHCHECK --interval=10s --timeout=3s --start-period=30s CMD ["python", "-m", "hotline", "health", "ivr"]
CMD ["python", "-m", "ivr", "stasis"]

FROM base AS agi
EXPOSE 12349 12356
HEALTHCHECK --interval=10s --timeout=3s --start-period=30s CMD ["python", "-m", "hotline", "health", "agi"]
CMD ["python", "-m", "ivr", "agi"]

FROM base AS routing
EXPOSE 12353
HEALTHCHECK --interval=10s --timeout=3s --start-period=30s CMD ["python", "-m", "hotline", "health", "routing"]
CMD ["python", "-m", "routing"]

FROM base AS recordings
EXPOSE 12350 12354
HEALTHCHECK --interval=10s --timeout=3s --start-period=60s CMD ["python", "-m", "hotline", "health", "recordings"]
CMD ["python", "-m", "recordings"]

FROM base AS agent_ui
EXPOSE 12345 12346 12355
HEALTHCHECK --interval=10s --timeout=3s --start-period=30s CMD ["python", "-m", "hotline", "health", "agent_ui"]
CMD ["python", "-m", "agent_ui"]
