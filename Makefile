# 质衡 Zhiheng. Each target does its own set-up from python3, make and the package registries.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
# make demo ends with the pages being served; SERVE=0 leaves that out.
SERVE ?= 1
PORT ?= 8000
READY := $(VENV)/.ready
# What Python compiled once is kept, however the machine is set up: the tests start it some hundred times.
unexport PYTHONDONTWRITEBYTECODE
# Style sheet, scripts and icons of the pages: made from locked npm packages, again whenever their sources change.
FRONTEND := zhiheng/pages/frontend
ASSETS := zhiheng/pages/static/pages/built/.assets-ready
ASSET_SOURCES := $(FRONTEND)/package-lock.json $(FRONTEND)/build.mjs $(wildcard $(FRONTEND)/src/*) $(wildcard $(FRONTEND)/src/*/*) \
	$(wildcard zhiheng/*/templates/*/*.html) $(wildcard zhiheng/*/templates/*/*/*.html) $(wildcard zhiheng/*/*.py) $(wildcard zhiheng/*/*/*.py)

# What make check tries: nothing that is marked slow where it stands, and nothing that needs the reference data.
QUICK := "not slow and not shared"

.PHONY: help setup assets check durations test test-spark bench reliability demo docs sbom lock clean

help:
	@echo "make demo   写出、接收、核对五个虚构地区并启动网站（SERVE=0 不启动） / make the demo places and serve them"
	@echo "make check  快速检查（一分钟多）/ lint, types, contracts and the book beside the fast tests"
	@echo "make durations 快速检查里各项测试用的处理器时间 / the processor time of each quick test"
	@echo "make test   全部测试（SQLite 与 PostgreSQL）/ all tests on both databases"
	@echo "make test-spark 在 Spark 上核对（需要 Java 17 或 21）/ the tests on Spark, which need Java 17 or 21"
	@echo "make bench  性能对比并写入 docs/reference/benchmarks.md / every speed claim"
	@echo "make reliability 随处杀死、磁盘写满写坏、慢连接，写入 docs/reference/reliability.md / kills, I/O errors, slow sockets"
	@echo "make assets 由锁定的 npm 包制作样式、脚本和图标 / build style sheet, scripts and icons"
	@echo "make docs   文档网站，写入 build/site / the documentation as a site"
	@echo "make sbom   软件物料清单（CycloneDX），写入 build/sbom.cdx.json / the software bill of materials, from the locks"
	@echo "make lock   重新锁定依赖 / compile requirements*.txt from pyproject.toml"

$(READY): requirements-dev.txt pyproject.toml
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.txt
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@

setup: $(READY)

$(ASSETS): $(READY) $(ASSET_SOURCES)
	$(BIN)/python -m zhiheng.pages.build
	@touch $@

assets: $(ASSETS)

# Lint (programs and templates), types, contracts and the book beside the quick tests: the list is in tests/check.py.
check: setup assets
	$(BIN)/python -m tests.check

# Where the time of the quick tests goes; what is over the budget of one test is made cheaper or marked slow where it stands.
durations: setup assets
	ZHIHENG_QUICK=1 $(BIN)/python -m pytest -p tests.durations -m $(QUICK) -n 2 --dist loadfile

test: setup assets
	$(BIN)/python -m pytest -n 2 --dist loadfile
	$(BIN)/python -m tests.postgres $(BIN)/python -m pytest -m database -n 2 --dist loadfile

# Spark is large and needs Java beside: it has an environment of its own, and nothing else needs it.
SPARK_VENV := build/spark-venv
$(SPARK_VENV)/.ready: requirements-spark.txt pyproject.toml
	$(PYTHON) -m venv $(SPARK_VENV)
	$(SPARK_VENV)/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-spark.txt
	$(SPARK_VENV)/bin/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@

test-spark: $(SPARK_VENV)/.ready
	$(SPARK_VENV)/bin/python -m pytest -m spark

bench: setup
	$(BIN)/python -m bench

# Some thirty minutes on two cores; ARGS="--only io_errors" runs a part, ARGS="--kills 40 --most 40" a smaller one.
reliability: setup assets
	$(BIN)/python -m bench.reliability $(ARGS)

demo: setup assets
	$(BIN)/zhiheng demo --folder var/demo --check
ifneq ($(SERVE),0)
	$(BIN)/zhiheng serve --port $(PORT)
endif

# The site's own environment: nothing of it is needed to run or to test the house.
DOCS_VENV := build/docs-venv
$(DOCS_VENV)/.ready: requirements-docs.txt
	$(PYTHON) -m venv $(DOCS_VENV)
	$(DOCS_VENV)/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-docs.txt
	@touch $@

docs: setup $(DOCS_VENV)/.ready
	@mkdir -p build/docs
	$(BIN)/python docs/roles_table.py > build/docs/roles.md
	NO_MKDOCS_2_WARNING=1 $(DOCS_VENV)/bin/mkdocs build --quiet --strict

# What an installation runs, from the locks alone: the same locks give the same bytes.
sbom: setup
	@mkdir -p build
	$(BIN)/python docs/software_list.py > build/sbom.cdx.json
	@echo build/sbom.cdx.json

lock:
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check uv
	$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header \
		pyproject.toml -o requirements.txt
	$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header \
		--extra dev --extra bench -c requirements.txt pyproject.toml -o requirements-dev.txt
	$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header \
		--extra peers -c requirements.txt pyproject.toml -o requirements-peers.txt
	$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header \
		--extra dev --extra spark -c requirements-dev.txt pyproject.toml -o requirements-spark.txt
	$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header \
		docs/requirements.in -o requirements-docs.txt

clean:
	rm -rf $(VENV) $(FRONTEND)/node_modules zhiheng/pages/static/pages/built var build dist *.egg-info .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache
