# One image for web, worker and clock; docker-compose.yml says which it becomes.

FROM python:3.13-slim AS build
ENV PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1
RUN python -m venv /srv/venv
COPY requirements.txt /srv/
RUN /srv/venv/bin/pip install --require-hashes -r /srv/requirements.txt

FROM python:3.13-slim
RUN useradd --system --no-create-home --uid 10001 hub
COPY --from=build /srv/venv /srv/venv
COPY . /srv/hub/
WORKDIR /srv/hub
ENV PATH=/srv/venv/bin:$PATH PYTHONUNBUFFERED=1 HUB_ENV=production HUB_VAR=/srv/hub/var
# Static files are named after their content, so they belong to the image. The settings want values
# that collecting them doesn't use; none of these is kept.
RUN KEY=AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA= \
    && SECRET_KEY=unused DATA_KEYS=$KEY INDEX_KEY=$KEY LINK_KEY=$KEY SITE_URL=https://hub.example.org \
       ALLOWED_HOSTS=hub.example.org EMAIL_URL=smtp://localhost:25 \
       python manage.py collectstatic --noinput \
    && python -m compileall -q hub campaigns committees events \
    && install -d -o hub var/media
USER hub
EXPOSE 8000
# No access log: addresses of pages may be secret links. Heartbeats in memory, not on a slow disk.
CMD ["gunicorn", "hub.wsgi:application", "--bind", "0.0.0.0:8000", "--workers", "2", "--threads", "4", \
     "--worker-tmp-dir", "/dev/shm", "--no-control-socket", "--log-level", "warning"]
