# Omhu as one container: one process, one port, its state under /data, nothing else written.
# Build: docker build -t omhu .    Run: docker run --read-only --tmpfs /tmp -v omhu-data:/data -p 8000:8000 omhu
# With extras: --build-arg EXTRAS="meds". The extra spark also needs a Java, which is not in this image.

FROM python:3.11-slim-bookworm AS build
RUN pip install --no-cache-dir uv==0.13.9
ENV UV_PROJECT_ENVIRONMENT=/opt/omhu \
    UV_PYTHON_DOWNLOADS=never \
    UV_LINK_MODE=copy \
    UV_COMPILE_BYTECODE=1
WORKDIR /src
ARG EXTRAS=
# The libraries change seldom and take minutes, so they are a layer of their own. Beside them lies what they are, by name
# and version, for whoever has to know (CycloneDX).
COPY pyproject.toml uv.lock README.md ./
RUN set -- && for extra in ${EXTRAS}; do set -- "$@" --extra "${extra}"; done \
    && uv sync --frozen --no-cache --no-dev "$@" --no-install-project \
    && uv export --frozen --no-cache --no-dev "$@" --quiet --format cyclonedx1.5 --output-file /opt/omhu/sbom.cdx.json
COPY models models
COPY training training
COPY service service
# Not editable: what runs is the built distribution, and the sources stay behind in this stage.
RUN set -- && for extra in ${EXTRAS}; do set -- "$@" --extra "${extra}"; done \
    && uv sync --frozen --no-cache --no-dev "$@" --no-editable

FROM python:3.11-slim-bookworm
# LightGBM needs the system's OpenMP library.
RUN apt-get update \
    && apt-get install -y --no-install-recommends libgomp1 \
    && rm -rf /var/lib/apt/lists/* \
    && useradd --uid 10001 --user-group --no-create-home --home-dir /data --shell /usr/sbin/nologin omhu \
    && install -d -o omhu -g omhu -m 0750 /data
COPY --from=build /opt/omhu /opt/omhu
# Compiled kernels depend on the processor they run on, so they are made at first use and kept with the state.
ENV PATH=/opt/omhu/bin:$PATH \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1 \
    OMHU_HOME=/data \
    NUMBA_CACHE_DIR=/data/cache/numba \
    MPLCONFIGDIR=/data/cache/matplotlib \
    MLFLOW_DISABLE_TELEMETRY=true \
    DO_NOT_TRACK=true
WORKDIR /data
VOLUME /data
# By number, so that an orchestrator can see that it is not root.
USER 10001:10001
EXPOSE 8000
HEALTHCHECK --interval=30s --timeout=5s --start-period=60s --retries=3 \
    CMD ["python", "-c", "import urllib.request; urllib.request.urlopen('http://127.0.0.1:8000/healthz', timeout=4)"]
CMD ["omhu", "serve", "--host", "0.0.0.0"]
