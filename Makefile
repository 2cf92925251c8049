# GeoFM: set up, show, test and pack. Everything it makes lies in build/.
SHELL := bash
.SHELLFLAGS := -eu -o pipefail -c
.DELETE_ON_ERROR:
.DEFAULT_GOAL := help

# QGIS's own Python; the environments of the engine and of the tests are made with it too.
export QGIS_PYTHON ?= /usr/bin/python3
WITH_ENV = eval "$$(scripts/env.sh)";
STAMPS := build/stamps
SET_UP := $(addprefix $(STAMPS)/,system engine dev qgis weights)

.PHONY: help setup run demo test test-gpu compat lint fuzz bench pictures i18n locks licences package env clean

help: ## Show this list.
	@sed -n 's/^\([a-z0-9-]*\):.*## \(.*\)/  make \1\t\2/p' Makefile | sed 's/[$$][$$]/$$/' | expand -t 18

setup: $(SET_UP) ## Install what is missing and make the environments (in build/).

run: setup ## Open QGIS with the plugin, in a profile of its own.
	@$(WITH_ENV) exec qgis

demo: $(STAMPS)/system $(STAMPS)/engine ## Map real imagery; the maps go to build/demo/.
	@$(WITH_ENV) exec "$$QGIS_PYTHON" scripts/demo.py

test: setup ## Run all tests; PARTS="engine inference qgis doors desktop" chooses.
	@$(WITH_ENV) exec "$$QGIS_PYTHON" scripts/run_tests.py $(PARTS)

# GPU_PYTHON: any Python with the engine's packages and pytest, on a machine without QGIS.
GPU_PYTHON ?= build/dev/bin/python
test-gpu: $(if $(filter build/dev/%,$(GPU_PYTHON)),$(STAMPS)/dev) ## Run the tests that need an NVIDIA GPU.
	@$(WITH_ENV) exec "$(GPU_PYTHON)" -m pytest -m gpu -s tests/engine

compat: $(STAMPS)/engine $(STAMPS)/qt6 $(STAMPS)/weights ## Run the QGIS tests on newer QGIS (root); PARTS="trixie sid qt6" chooses.
	@$(WITH_ENV) exec "$$QGIS_PYTHON" scripts/compat.py $(PARTS)

lint: $(STAMPS)/dev ## Check style (ruff) and types (mypy).
	@scripts/lint.sh

fuzz: $(STAMPS)/dev ## Throw a million spoiled lines at the wire, ten thousand spoiled cards at the catalogue.
	@$(WITH_ENV) GEOFM_FUZZ_LINES=1000000 GEOFM_FUZZ_CARDS=10000 exec build/dev/bin/python -m pytest -s -k fuzz tests/engine tests/inference

bench: setup ## Measure accuracy and speed into docs/benchmarks.md; PARTS="memory" chooses.
	@$(WITH_ENV) exec "$$QGIS_PYTHON" scripts/bench.py $(PARTS)

pictures: setup ## Make the pictures of the documents from the stories of the desktop.
	@$(WITH_ENV) exec build/qgis/bin/python scripts/tutorial_pictures.py

i18n: ## Bring resources/i18n up to date with the source; LANGUAGES="fr" begins a translation.
	@python3 scripts/translations.py $(LANGUAGES)

locks: $(STAMPS)/dev ## Make the lists that the engine is installed from; LOCKS="--sizes" weighs them, too.
	@build/dev/bin/python scripts/locks.py $(LOCKS)

licences: $(STAMPS)/dev ## Note the licences of the packages in those lists; LICENCES="--anew" asks for all.
	@build/dev/bin/python scripts/licences.py $(LICENCES)

package: $(STAMPS)/dev ## Make build/geofm-<version>.zip of the last commit, as plugins.qgis.org wants it.
	@build/dev/bin/python scripts/package.py --scan

env: | build/plugins/geofm ## Print the exports for working by hand: eval "$$(make -s env)"
	@scripts/env.sh

clean: ## Remove everything made here.
	rm -rf build .qgis-settings

# A stamp is touched last: an interrupted step is done again, a finished one is not.
build/plugins/geofm:
	@mkdir -p build/plugins
	@ln -sfn ../.. build/plugins/geofm

$(STAMPS)/system: scripts/system-packages.sh | build/plugins/geofm
	@scripts/system-packages.sh
	@mkdir -p $(STAMPS) && touch $@

ENGINE_LISTS := $(filter-out %/dev.txt %/qgis-tests.txt,$(wildcard resources/requirements/*.txt))
OPENVINO := resources/requirements/linux-$(shell uname -m)-openvino.txt
$(STAMPS)/engine: $(ENGINE_LISTS) | $(STAMPS)/system
	@echo "Making the engine's Python environment ..."
	@$(WITH_ENV) "$$QGIS_PYTHON" -m geofm setup
	@touch $@

$(STAMPS)/dev: resources/requirements/dev.txt $(OPENVINO) $(STAMPS)/engine
	@echo "Making the developer's environment ..."
	@$(WITH_ENV) engine=$$("$$QGIS_PYTHON" -m geofm setup --where); \
	  "$$engine" -m venv --clear build/dev; \
	  "$$engine" -c 'import sysconfig; print(sysconfig.get_path("purelib"))' \
	  >"$$(build/dev/bin/python -c 'import sysconfig; print(sysconfig.get_path("purelib"))')/engine.pth"
	@build/dev/bin/python -m pip install -q -r $<
	@build/dev/bin/python -m pip install -q --no-deps --require-hashes -r $(OPENVINO)
	@touch $@

$(STAMPS)/qgis: resources/requirements/qgis-tests.txt | $(STAMPS)/system
	@echo "Making the environment of the QGIS tests ..."
	@"$$QGIS_PYTHON" -m venv --clear --system-site-packages build/qgis
	@build/qgis/bin/python -m pip install -q -r $<
	@touch $@

$(STAMPS)/qt6: resources/requirements/qt6-tests.txt | $(STAMPS)/system
	@echo "Making the environment of the tests with Qt 6 ..."
	@"$$QGIS_PYTHON" -m venv --clear --system-site-packages build/qt6
	@build/qt6/bin/python -m pip install -q -r $<
	@touch $@

$(STAMPS)/weights: resources/models/ukis-csmask.json | $(STAMPS)/engine
	@echo "Fetching the cloud model ..."
	@$(WITH_ENV) "$$QGIS_PYTHON" -m geofm models pull ukis-csmask
	@touch $@
