# Three images from one chain, each with the one before it as its lower layers, and the store:
#
#   light      api, fetch, schedule, deliver, watch     base dependencies
#   workers    work normalize | dates | sameness        + extraction and dates
#   entities   work entities                            + spaCy and its model
#   redis      the store                                Redis with config/redis.conf
#
# What is installed is pinned by version and hash (requirements/*.txt), as wheels only: nothing is compiled, so no image
# holds a compiler. The program and config/ are the last layers, so a change of them moves a few hundred kilobytes. What is
# copied gets its mode here: a clone made under umask 077 must be readable in the container too.

# --- the program, as a wheel ---
FROM python:3.13-slim AS wheel
WORKDIR /src
# setuptools by the same pin as everywhere; everything else of that file stays out.
RUN --mount=source=requirements/dev.txt,target=/dev.txt \
    sed -n '/^setuptools==/,/[^\\]$/p' /dev.txt > /tmp/build.txt \
 && pip install --no-cache-dir --require-hashes --only-binary :all: -r /tmp/build.txt
COPY pyproject.toml README.md LICENSE ./
COPY wireroom wireroom
COPY services services
COPY workers workers
RUN pip wheel --no-cache-dir --no-deps --no-build-isolation --wheel-dir /dist .

# --- the dependencies: a virtual environment without pip ---
FROM python:3.13-slim AS base
RUN python -m venv --without-pip /opt/venv \
 && groupadd --gid 10001 wireroom \
 && useradd --uid 10001 --gid 10001 --no-create-home --home-dir /tmp --shell /usr/sbin/nologin wireroom \
 # Mount points: a named volume takes the owner of the folder that it is first mounted over.
 && install -d -o wireroom -g wireroom -m 0750 /run/wireroom /run/wireroom/redis /run/wireroom/api \
 && install -d -o wireroom -g wireroom -m 0755 /documents /segments
WORKDIR /srv/wireroom
ENV PATH=/opt/venv/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONFAULTHANDLER=1
RUN --mount=source=requirements/base.txt,target=/base.txt \
    pip --python /opt/venv/bin/python install --no-cache-dir --compile --require-hashes --only-binary :all: \
        -r /base.txt

FROM base AS base-workers
RUN --mount=source=requirements/workers.txt,target=/workers.txt \
    pip --python /opt/venv/bin/python install --no-cache-dir --compile --require-hashes --only-binary :all: \
        -r /workers.txt

FROM base-workers AS base-entities
RUN --mount=source=requirements/entities.txt,target=/entities.txt \
    pip --python /opt/venv/bin/python install --no-cache-dir --compile --require-hashes --only-binary :all: \
        -r /entities.txt

# --- the images ---
FROM redis:8 AS redis
RUN install -d -o 10001 -g 10001 -m 0750 /run/wireroom/redis
COPY --chmod=0644 config/redis.conf /etc/wireroom/
USER redis

FROM base-entities AS entities
RUN --mount=from=wheel,source=/dist,target=/dist \
    pip --python /opt/venv/bin/python install --no-cache-dir --compile --no-deps --no-index /dist/*.whl
COPY --chmod=0644 config/wireroom.toml config/
USER wireroom
ENTRYPOINT ["wireroom"]
CMD ["work", "entities"]

FROM base-workers AS workers
RUN --mount=from=wheel,source=/dist,target=/dist \
    pip --python /opt/venv/bin/python install --no-cache-dir --compile --no-deps --no-index /dist/*.whl
COPY --chmod=0644 config/wireroom.toml config/
USER wireroom
ENTRYPOINT ["wireroom"]
CMD ["work", "normalize"]

# The last one: what `docker build .` makes.
FROM base AS light
RUN --mount=from=wheel,source=/dist,target=/dist \
    pip --python /opt/venv/bin/python install --no-cache-dir --compile --no-deps --no-index /dist/*.whl
COPY --chmod=0644 config/wireroom.toml config/
USER wireroom
ENTRYPOINT ["wireroom"]
CMD ["api"]
