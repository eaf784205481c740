FROM python:3.12-slim AS build
COPY requirements.txt /build/requirements.txt
RUN python -m venv /opt/venv
RUN /opt/venv/bin/python -m pip install --no-cache-dir --disable-pip-version-check --require-hashes --no-deps -r /build/requirements.txt

FROM python:3.12-slim
RUN useradd --system --uid 10001 --home-dir /srv/dog dog
RUN mkdir -p /srv/dog/var && chown -R dog /srv/dog
COPY --from=build /opt/venv /opt/venv
WORKDIR /srv/dog
COPY dog dog
COPY jobs jobs
COPY rules rules
COPY wsgi.py wsgi.py
USER dog
ENV PATH=/opt/venv/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 DOG_BIND=0.0.0.0:8000 DOG_DATA_DIR=/srv/dog/var
VOLUME /srv/dog/var
EXPOSE 8000
HEALTHCHECK --interval=10s --timeout=3s --start-period=20s CMD ["python", "-c", "import urllib.request; urllib.request.urlopen('http://127.0.0.1:8000/health/ready', timeout=2)"]
CMD ["python", "-m", "dog", "serve"]
