# scopesync with git and the driver for PostgreSQL, as a user without rights: docs/ci.md, "In a container".
# It writes nothing but into the project's folder and the one for temporary files: the root file system may be read-only.
FROM python:3.12-slim-trixie AS python

FROM python AS build
WORKDIR /source
COPY constraints.txt pyproject.toml README.md LICENSE ./
COPY schemas schemas
COPY scopesync scopesync
# Built without isolation, so that constraints.txt holds for what builds the wheel too.
RUN python -I -m venv /tools && \
    /tools/bin/python -I -m pip install --quiet --no-cache-dir --constraint constraints.txt hatch-fancy-pypi-readme hatchling && \
    /tools/bin/python -I -m hatchling build --target wheel && \
    python -I -m venv --without-pip /opt/scopesync && \
    /tools/bin/python -I -m pip --python /opt/scopesync/bin/python install --quiet --no-cache-dir \
      --constraint constraints.txt "$(echo dist/*.whl)[postgres]"
# Isolated (-I): no module is taken from the project's folder, no path from the environment. -B: no bytecode is written.
RUN sed -i '1s/$/ -IB/' /opt/scopesync/bin/scopesync

FROM python
# Debian's newest fix of git is wanted, whatever its number.
# hadolint ignore=DL3008
RUN apt-get update && \
    apt-get install --yes --no-install-recommends git && \
    rm -rf /var/lib/apt/lists/* && \
    groupadd --gid 65532 scopesync && \
    useradd --no-log-init --create-home --uid 65532 --gid 65532 scopesync
COPY --from=build /opt/scopesync /opt/scopesync
ENV PATH="/opt/scopesync/bin:$PATH" HOME=/home/scopesync TMPDIR=/tmp
WORKDIR /project
USER 65532:65532
ENTRYPOINT ["scopesync"]
