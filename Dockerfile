# Assets, then packages, then the application: the last image holds neither Node nor a compiler nor a root user.
FROM node:24-slim AS assets
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
RUN npm ci --ignore-scripts --no-audit --no-fund
COPY . .
RUN node assets/build.mjs

FROM python:3.13-slim AS packages
COPY requirements/uv.txt requirements/main.txt /requirements/
RUN pip install --no-cache-dir --require-hashes -r /requirements/uv.txt \
    && uv venv /app/.venv \
    && uv pip sync --no-cache --compile-bytecode --python /app/.venv/bin/python --require-hashes /requirements/main.txt

FROM python:3.13-slim
ENV PATH=/app/.venv/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 \
    DJANGO_SETTINGS_MODULE=carteira.settings CARTEIRA_DATA=/data BIND=0.0.0.0:8000
RUN useradd --system --uid 10001 --no-create-home carteira && install -d -o carteira -m 0700 /data
WORKDIR /app
COPY --from=packages /app/.venv .venv
COPY . .
COPY --from=assets /app/static_dist static_dist
# Needs neither database nor broker; the key is thrown away with this step.
RUN DATABASE_URL=postgresql:///none REDIS_URL=redis://none \
    SECRET_KEY="$(python -c 'import secrets; print(secrets.token_urlsafe(50))')" \
    python -m carteira.preparation files
USER carteira
VOLUME /data
EXPOSE 8000
CMD ["gunicorn", "carteira.wsgi:application"]
