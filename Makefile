# What people and CI call. Needs Python >= 3.11 and make; everything else comes from the lock files.

HOST ?= 127.0.0.1
PORT ?= 8000
ARGS ?=

BIN := .venv/bin
RUN := .stamps/run
DEV := .stamps/dev
CATALOGUE := hub/locale/es/LC_MESSAGES/django.po
COMPILE := $(BIN)/uv pip compile pyproject.toml --universal --python-version 3.11 --generate-hashes \
	--no-annotate --no-header --no-emit-index-url --no-emit-find-links --quiet
# The first Python that is new enough; empty where there is none.
FIND_PYTHON := for python in python3.13 python3.12 python3.11 python3; do \
	if $$python -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then \
	echo $$python; break; fi; done

# Without bytecode every start compiles all imports again.
unexport PYTHONDONTWRITEBYTECODE
export PIP_DISABLE_PIP_VERSION_CHECK = 1

.DELETE_ON_ERROR:
.NOTPARALLEL:
.PHONY: help run test check bench lock messages check-production check-locks

help:
	@echo "make run       start the hub with demo data on http://localhost:$(PORT) (PORT=, HOST=)"
	@echo "make test      run all tests (ARGS=\"tests/x.py -k y\" for some, DB=postgres on PostgreSQL)"
	@echo "make check     lint, types, templates, migrations, production settings, translations, locks"
	@echo "make bench     run the benchmarks"
	@echo "make lock      compile the lock files again, after a change in pyproject.toml"
	@echo "make messages  collect the texts to translate and compile the translations"

run: $(RUN)
	@exec $(BIN)/python manage.py run --host '$(HOST)' --port '$(PORT)'

test: $(DEV)
	@exec $(BIN)/python -m tests.run $(ARGS)

check: $(DEV)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy hub campaigns committees events
	find templates -name '*.html' -exec $(BIN)/djade --check {} +
	HUB_VAR=.stamps/var $(BIN)/python manage.py makemigrations --check --dry-run
	@$(MAKE) --no-print-directory check-production
	$(BIN)/python tests/check_translations.py
	@$(MAKE) --no-print-directory check-locks

# Made-up values: what is checked is the settings' own doing.
check-production: $(DEV)
	@key() { $(BIN)/python -c 'import base64, os; print(base64.b64encode(os.urandom(32)).decode())'; }; \
	echo "manage.py check --deploy, with production settings"; \
	HUB_VAR=.stamps/var HUB_ENV=production SECRET_KEY="$$(key)$$(key)" \
	DATA_KEYS="$$(key)" INDEX_KEY="$$(key)" LINK_KEY="$$(key)" \
	SITE_URL=https://hub.example.org ALLOWED_HOSTS=hub.example.org DATABASE_URL=postgres://hub@db/hub \
	EMAIL_URL=smtp+tls://user:password@mail.example.org:587 \
	$(BIN)/python manage.py check --deploy --fail-level WARNING

# Compiled on top of the present pins and compared without hashes, so that a newer release, or one
# more wheel of the same release, is no failure here.
check-locks: $(DEV)
	@cp requirements.txt requirements-dev.txt .stamps/
	$(COMPILE) --output-file .stamps/requirements.txt
	$(COMPILE) --group dev --output-file .stamps/requirements-dev.txt
	@for file in requirements.txt requirements-dev.txt; do \
	pins() { grep -v '^ ' "$$1"; }; \
	[ "$$(pins $$file)" = "$$(pins .stamps/$$file)" ] || { echo "$$file is not what pyproject.toml says: make lock"; exit 1; }; \
	! grep -nE '://|^-' $$file || { echo "$$file holds an address or an option"; exit 1; }; done

bench: $(DEV)
	@exec $(BIN)/python -m tests.bench $(ARGS)

lock: $(DEV)
	$(COMPILE) --output-file requirements.txt
	$(COMPILE) --group dev --output-file requirements-dev.txt

# Without line numbers, wrapped lines and the date a difference shows texts only.
messages: $(DEV)
	$(BIN)/python manage.py makemessages --locale es --extension html,txt,py,subject \
	--no-location --no-wrap --no-obsolete --ignore var --ignore tests
	@sed -i.old '/^"POT-Creation-Date:/d' $(CATALOGUE) && rm $(CATALOGUE).old
	$(BIN)/python manage.py compilemessages --locale es --ignore .venv

# --- The environment --------------------------------------------------------------------------
# Stamps: installing takes a minute, looking at two dates takes none. A changed lock file, or a new
# .venv, installs again.
.venv/pyvenv.cfg:
	@python=$$($(FIND_PYTHON)); \
	if [ -z "$$python" ]; then echo "The hub needs Python 3.11 or newer; please install it."; exit 1; fi; \
	echo "Making .venv with $$python"; \
	$$python -m venv .venv || { \
	echo "Python's venv module is incomplete; on Debian: apt-get install python3-venv"; exit 1; }

$(RUN): requirements.txt .venv/pyvenv.cfg
	@mkdir -p .stamps
	@echo "Installing what the hub needs (about a minute)"
	@$(BIN)/python -m pip install --quiet --require-hashes -r requirements.txt
	@touch $@

$(DEV): requirements-dev.txt .venv/pyvenv.cfg
	@mkdir -p .stamps
	@echo "Installing what tests and checks need (about a minute)"
	@$(BIN)/python -m pip install --quiet --require-hashes -r requirements-dev.txt
	@touch $@ $(RUN)
