# Three images from one chain, each with the one before it as its lower layers:
#
#   light      api, fetch, schedule, deliver, watch     base dependencies
#   workers    work normalize | dates | sameness        + extraction and dates
#   entities   work entities                            + spaCy and its model
#
# What is installed is pinned by version and hash (requirements/*.txt), as wheels only: nothing is compiled, so no image
# holds a compiler. The program itself is the last layer, so a change of code moves a few hundred kilobytes.

# --- the program, as a wheel ---
FROM python:3.13-slim AS wheel
WORKDIR /src
COPY requirements/dev.txt requirements/
# setuptools by the same pin as everywhere; everything else of that file stays out.
RUN sed -n '/^setuptools==/,/[^\\]$/p' requirements/dev.txt > /tmp/build.txt \
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
 && install -d -o wireroom -g wireroom -m 0755 /documents \
 && install -d /srv/wireroom
ENV PATH=/opt/venv/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONFAULTHANDLER=1
COPY requirements/base.txt /tmp/requirements/
RUN pip --python /opt/venv/bin/python install --no-cache-dir --compile --require-hashes --only-binary :all: \
        -r /tmp/requirements/base.txt

FROM base AS base-workers
COPY requirements/workers.txt /tmp/requirements/
RUN pip --python /opt/venv/bin/python install --no-cache-dir --compile --require-hashes --only-binary :all: \
        -r /tmp/requirements/workers.txt

FROM base-workers AS base-entities
COPY requirements/entities.txt /tmp/requirements/
RUN pip --python /opt/venv/bin/python install --no-cache-dir --compile --require-hashes --only-binary :all: \
        -r /tmp/requirements/entities.txt

# --- the images ---
FROM base-entities AS entities
RUN --mount=from=wheel,source=/dist,target=/dist \
    pip --python /opt/venv/bin/python install --no-cache-dir --compile --no-deps --no-index /dist/*.whl
WORKDIR /srv/wireroom
USER wireroom
ENTRYPOINT ["wireroom"]
CMD ["work", "entities"]

FROM base-workers AS workers
RUN --mount=from=wheel,source=/dist,target=/dist \
    pip --python /opt/venv/bin/python install --no-cache-dir --compile --no-deps --no-index /dist/*.whl
WORKDIR /srv/wireroom
USER wireroom
ENTRYPOINT ["wireroom"]
CMD ["work", "normalize"]

# The last one: what `docker build .` makes.
FROM base AS light
RUN --mount=from=wheel,source=/dist,target=/dist \
    pip --python /opt/venv/bin/python install --no-cache-dir --compile --no-deps --no-index /dist/*.whl
WORKDIR /srv/wireroom
USER wireroom
ENTRYPOINT ["wireroom"]
CMD ["api"]
