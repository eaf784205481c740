# docker build -t dog .      Run it by compose.yaml, deploy/kubernetes/dog.yaml, or alone as docs/how-to/operations.md says.

# Not Alpine: the embedded server needs glibc. The digest names the image for all processors; a newer one:
#   docker buildx imagetools inspect python:3.12-slim --format '{{.Manifest.Digest}}'
FROM python:3.12-slim@sha256:78387bc3881b8273120a12ebe6c1ab22b018ccc2c9adf565ae1ac9b536e184ea AS build
# With the console's packages, 150 MB. The API alone: docker build --build-arg REQUIREMENTS=requirements.txt -t dog .
ARG REQUIREMENTS=requirements-console.txt
COPY $REQUIREMENTS /build/requirements.txt
RUN python -m venv /opt/venv
RUN /opt/venv/bin/python -m pip install --no-cache-dir --disable-pip-version-check --require-hashes --no-deps -r /build/requirements.txt
# Compiled once here: at run time the root is read-only.
RUN /opt/venv/bin/python -m compileall -q /opt/venv/lib

FROM python:3.12-slim@sha256:78387bc3881b8273120a12ebe6c1ab22b018ccc2c9adf565ae1ac9b536e184ea
RUN useradd --system --uid 10001 --home-dir /srv/dog dog
RUN mkdir -p /srv/dog/var && chown -R dog /srv/dog
COPY --from=build /opt/venv /opt/venv
WORKDIR /srv/dog
COPY dog dog
COPY jobs jobs
COPY rules rules
COPY docs/reference docs/reference
COPY wsgi.py wsgi.py
RUN /opt/venv/bin/python -m compileall -q dog jobs
RUN printf '#!/bin/sh\nPYTHONPATH=/srv/dog exec python -m jobs.dog_script "$@"\n' > /opt/venv/bin/dog && chmod +x /opt/venv/bin/dog
# By number: Kubernetes' runAsNonRoot cannot tell who a name is.
USER 10001
ENV PATH=/opt/venv/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1
ENV DOG_BIND=0.0.0.0:8000 DOG_DATA_DIR=/srv/dog/var
# In the volume, since the root is read-only: compiled here for this machine's processor, again at the first start on
# another kind of processor, or where the volume was not filled from the image.
ENV NUMBA_CACHE_DIR=/srv/dog/var/kernels
RUN python -m dog.kernels
VOLUME /srv/dog/var
EXPOSE 8000
# Liveness, as a Redis that is away is no reason to restart the container.
HEALTHCHECK --interval=10s --timeout=3s --start-period=20s CMD ["python", "-c", "from http.client import HTTPConnection as C; c = C('127.0.0.1', 8000, timeout=2); c.request('GET', '/health/live'); raise SystemExit(c.getresponse().status != 200)"]
STOPSIGNAL SIGTERM
CMD ["python", "-m", "dog", "serve"]
