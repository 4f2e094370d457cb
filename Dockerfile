# One image for the command line, the server and the worker of the GitHub App.
FROM python:3.13-slim AS build
WORKDIR /src
COPY requirements.lock pyproject.toml README.md LICENSE ./
RUN python -m venv /opt/twiceshy \
 && /opt/twiceshy/bin/pip install --no-cache-dir --disable-pip-version-check --require-hashes -r requirements.lock
COPY app app
COPY lessons lessons
COPY rules rules
RUN /opt/twiceshy/bin/pip install --no-cache-dir --disable-pip-version-check --no-deps --no-build-isolation .

FROM python:3.13-slim
RUN apt-get update \
 && apt-get install --yes --no-install-recommends git \
 && rm -rf /var/lib/apt/lists/* \
 && useradd --create-home --uid 10001 twiceshy \
 && git config --system --add safe.directory '*'
COPY --from=build /opt/twiceshy /opt/twiceshy
ENV PATH=/opt/twiceshy/bin:$PATH PYTHONUNBUFFERED=1
USER 10001
WORKDIR /work
HEALTHCHECK --interval=30s --timeout=5s CMD ["twiceshy", "--version"]
ENTRYPOINT ["twiceshy"]
CMD ["--help"]
