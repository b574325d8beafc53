# A thin front of Bazel: what the targets do is in bazel/ and .bazelrc.
PREFIX ?= /usr/local
DESTDIR ?=
FUZZ_SECONDS ?= 60
SECONDS ?= 600
SEED ?= 1
ROOT = $(DESTDIR)$(PREFIX)

# CI=1 keeps progress bars and colours out of logs.
BAZEL_FLAGS ?= $(if $(CI),--config=ci)
PROGRAMS := //supervisor/cli:drover //supervisor/main:drover-supervisor //supervisor/admin:drover-gateway //supervisor/hold:drover-holder
LIBRARY := //sdk-c:drover //sdk-c:libdrover.so.1 //sdk-c:pkg_config

.DEFAULT_GOAL := help
.PHONY: help setup setup-dev build demo test asan tsan bench chaos fuzz format lint install

help: ## this list
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/make \1|\2/p' $(MAKEFILE_LIST) | awk -F'|' '{ printf "%-16s %s\n", $$1, $$2 }'

setup: ## install the missing Debian packages (and node modules) that build and tests need
	@bazel/install-dependencies.sh
	@bazel/install-node-modules.sh

setup-dev: ## ... and those of format, lint and fuzz
	@bazel/install-dependencies.sh --dev

build: setup ## the programs and the C library, optimised
	@bazel build $(BAZEL_FLAGS) --config=opt $(PROGRAMS) $(LIBRARY)

demo: setup ## a supervisor at work, to look at
	@bazel run $(BAZEL_FLAGS) --ui_event_filters=-info //examples/demo

test: setup ## all tests; the last line counts their cases
	@bazel/test.sh $(BAZEL_FLAGS) //...

asan: setup ## all tests under AddressSanitizer and UBSan
	@bazel/test.sh $(BAZEL_FLAGS) --config=asan //...

tsan: setup ## all tests under ThreadSanitizer
	@bazel/test.sh $(BAZEL_FLAGS) --config=tsan //...

bench: setup ## all benchmarks, optimised
	@bazel/bench.sh

chaos: setup ## SECONDS (600) of faults that SEED (1) chooses, under load
	@bazel run $(BAZEL_FLAGS) --ui_event_filters=-info //supervisor/chaos -- --seconds=$(SECONDS) --seed=$(SEED)

fuzz: setup-dev ## every fuzz target for FUZZ_SECONDS (60)
	@bazel/fuzz.sh $(FUZZ_SECONDS)

format: setup-dev ## clang-format over our C and C++
	@git ls-files --cached --others --exclude-standard -- '*.h' '*.cc' '*.c' | xargs -r clang-format -i

lint: setup-dev ## formatting, schemas, clang-tidy
	@bazel/lint/run.sh

install: build ## below DESTDIR and PREFIX (/usr/local)
	install -D -m 755 -t '$(ROOT)/bin' bazel-bin/supervisor/cli/drover
	install -D -m 755 -t '$(ROOT)/libexec/drover' \
	  bazel-bin/supervisor/main/drover-supervisor bazel-bin/supervisor/admin/drover-gateway \
	  bazel-bin/supervisor/hold/drover-holder
	install -d '$(ROOT)/lib/systemd/system'
	bazel-bin/supervisor/cli/drover systemd-unit --program '$(PREFIX)/bin/drover' \
	  >'$(ROOT)/lib/systemd/system/drover@.service'
	install -D -m 644 -t '$(ROOT)/include' sdk-c/include/*.h
	install -D -m 755 -t '$(ROOT)/lib' bazel-bin/sdk-c/libdrover.so.1
	install -D -m 644 -t '$(ROOT)/lib' bazel-bin/sdk-c/libdrover.a
	ln -sf libdrover.so.1 '$(ROOT)/lib/libdrover.so'
	install -d '$(ROOT)/lib/pkgconfig'
	sed 's|@PREFIX@|$(PREFIX)|' bazel-bin/sdk-c/drover.pc >'$(ROOT)/lib/pkgconfig/drover.pc'
