# 质衡 Zhiheng. Each target does its own set-up from python3, make and the package registries.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready

.PHONY: help setup check test bench demo lock clean

help:
	@echo "make demo   写出五个虚构地区的文件并全流程接收、核对 / write, receive and compare the demo places"
	@echo "make check  快速检查（一分钟内）/ lint, types, contracts, book, fast tests"
	@echo "make test   全部测试（SQLite 与 PostgreSQL）/ all tests on both databases"
	@echo "make bench  性能对比并写入 docs/reference/benchmarks.md / every speed claim"
	@echo "make lock   重新锁定依赖 / compile requirements*.txt from pyproject.toml"

$(READY): requirements-dev.txt pyproject.toml
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.txt
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@

setup: $(READY)

check: setup
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/zhiheng book check
	$(BIN)/python -m pytest -m "not slow and not shared" -n 2 --maxfail=5

test: setup
	$(BIN)/python -m pytest -n 2
	$(BIN)/python -m tests.postgres $(BIN)/python -m pytest -m database

bench: setup
	$(BIN)/python -m bench

demo: setup
	$(BIN)/zhiheng demo --folder var/demo --check

lock:
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check uv
	$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header \
		pyproject.toml -o requirements.txt
	$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header \
		--extra dev --extra bench -c requirements.txt pyproject.toml -o requirements-dev.txt

clean:
	rm -rf $(VENV) var build dist *.egg-info .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache
