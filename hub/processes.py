"""How the hub's own processes are started, each as a Python module with its arguments."""

WORKER = "celery -q -A hub worker --concurrency 2 --without-gossip --without-mingle --without-heartbeat"
CLOCK = "celery -q -A hub beat --pidfile="
WEB = "gunicorn hub.wsgi:application --workers 1 --threads 4 --log-level warning --no-control-socket"
