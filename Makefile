# SPDX-License-Identifier: GPL-2.0-only
# Everything that is built goes below build/. The two commands to know:
#   make demo [KERNEL=6.1|6.12]   see a tunnel outlive its gateway
#   make bench [KERNEL=6.1|6.12]  figures, each beside its peer's
#   make check                    all tests
# Then: make, modules, module-debug, tools, unit, fuzz, lint, install, clean.

KERNEL	?= 6.1
KDIR	?= $(wildcard /lib/modules/$(shell uname -r)/build)
KERNELS	:= 6.1 6.12
FUZZ_SECONDS ?= 60
BENCH_SCALE ?= 1
BENCH	?=
BENCH_SECONDS ?= 7200

CC	?= gcc
CLANG	?= clang
PREFIX	?= /usr
SBINDIR	?= $(PREFIX)/sbin
CONFDIR	?= /etc/xfrm-ha
UNITDIR	?= /lib/systemd/system

B	:= build
LIBS	:= libnl-3.0 libnl-genl-3.0 libnl-route-3.0 libconfuse json-c \
	   libsystemd libcap nettle
INCLUDE	:= -Ikmod/uapi -Ikmod -Itools/lib
WARN	:= -Wall -Wextra -Werror -Wno-unused-parameter
CFLAGS	?= -O2 -g
TOOL_CFLAGS = $(CFLAGS) $(WARN) $(INCLUDE) -D_GNU_SOURCE \
	   $(shell pkg-config --cflags $(LIBS))
SANITIZE := -fsanitize=address,undefined -fno-sanitize-recover=undefined \
	   -fno-omit-frame-pointer -g -O1

.PHONY: all check-held modules tools test-tools unit fuzz fuzz-corpus lint demo check \
	mutants campaign bench install clean $(KERNELS:%=module-%) module-debug \
	module-uml module-kdir checks-debug checks-uml $(KERNELS:%=test-modules-%) \
	test-modules-debug test-modules-uml kernel-tests
.DELETE_ON_ERROR:
.SECONDARY:
.SUFFIXES:

all: $(if $(KDIR),module-kdir,modules) tools

# Module -----------------------------------------------------------------

modules: $(KERNELS:%=module-%)

# The kernels of the guests are ours to be strict on.
$(KERNELS:%=module-%) module-debug module-uml: module-%:
	+@selftests/vm/module $* W=1 KCFLAGS=-Werror

module-kdir:
	+@selftests/vm/module kdir $(KDIR)

# What tests load beside the module; the first: of debug kernels only
checks-debug checks-uml: checks-%:
	+@selftests/vm/module --as checks-$* --from selftests/modules $* W=1 \
		KCFLAGS=-Werror

$(KERNELS:%=test-modules-%) test-modules-debug test-modules-uml: test-modules-%:
	+@selftests/vm/module --as test-$* --from selftests/modules/stock $* W=1 \
		KCFLAGS=-Werror

# Tools ------------------------------------------------------------------

# usage: $(call linked,FILE): sources that a "link:" line in FILE names
linked = $(shell echo $$(sed -n 's|^/\* link: \(.*\) \*/$$|\1|p' $(1)))
libs = $(shell sed -n 's|^/\* libs: \(.*\) \*/$$|\1|p' $(1))

lib_src	 := $(wildcard tools/lib/*.c)
xhad_src := $(wildcard tools/xhad/*.c)
xha_src	 := $(wildcard tools/xha/*.c tools/xha/*/*.c)
headers	 := $(wildcard kmod/*.h kmod/*/*.h kmod/uapi/linux/*.h tools/*/*.h \
	      selftests/unit/*.h selftests/fuzz/*.h selftests/lib/*.h)

# usage: $(eval $(call tool,NAME,SOURCES))
define tool
$(1)_obj := $$(patsubst %.c,$$(B)/obj/%.o,$$(sort $(2) $$(lib_src) \
	$$(if $(2),$$(call linked,$(2)))))
$$(B)/tools/$(1): $$($(1)_obj)
	@mkdir -p $$(@D)
	$$(CC) $$(CFLAGS) $$(LDFLAGS) -o $$@ $$^ $$$$(pkg-config --libs $$(LIBS))
-include $$($(1)_obj:.o=.d)
endef
$(eval $(call tool,xhad,$(xhad_src)))
$(eval $(call tool,xha,$(xha_src)))

$(B)/obj/%.o: %.c
	@mkdir -p $(@D)
	$(CC) $(TOOL_CFLAGS) -MMD -MP -c -o $@ $<

tools: $(if $(wildcard tools/xhad/main.c),$(B)/tools/xhad) \
       $(if $(wildcard tools/xha/main.c),$(B)/tools/xha)

# What tests need in C beside the product
test-tools:
	@if [ -e selftests/lib/build.sh ]; then bash selftests/lib/build.sh; fi

# The kernel's own tests, for TESTS=kernel_selftests only: packages of 280 MB
kernel-tests:
	@selftests/vm/deps build kernel-tests
	@selftests/vm/kernel-tests

# Unit tests and fuzzers -------------------------------------------------
# Each names what it is linked with in its head: "link: FILES" from the top
# directory, patterns too, and "libs: PACKAGES" of pkg-config, each in a comment
# of its own.
# kmod/ comes last among the headers: some of its names are the helper's too.

unit_tests := $(patsubst selftests/%.c,$(B)/%,$(wildcard selftests/unit/test_*.c))
fuzzers	   := $(patsubst selftests/%.c,$(B)/%,$(wildcard selftests/fuzz/fuzz_*.c))

define program
$(1): selftests/$(1:$(B)/%=%).c $(call linked,selftests/$(1:$(B)/%=%).c) $(headers)
	@mkdir -p $$(@D)
	@rm -f $$@
	$(2) $(SANITIZE) $(WARN) -Itools/xhad -Itools/xha $(INCLUDE) \
		-D_GNU_SOURCE -o $$@ $$(filter %.c,$$^) \
		$(3) $(if $(call libs,selftests/$(1:$(B)/%=%).c),$$$$(pkg-config \
		--cflags --libs $(call libs,selftests/$(1:$(B)/%=%).c)))
endef
$(foreach t,$(unit_tests),$(eval $(call program,$(t),$$(CC),-lcmocka)))
$(foreach f,$(fuzzers),$(eval $(call program,$(f),$$(CLANG),-fsanitize=fuzzer)))

# usage: $(call build_all,PROGRAMS): one that does not build is a failed point
# of what follows, and does not keep the others from running
build_all = +@$(MAKE) -s -k $(1) || true

unit:
	$(call build_all,$(unit_tests))
	@selftests/host.sh unit $(unit_tests)

fuzz:
	$(call build_all,$(fuzzers))
	@selftests/host.sh fuzz $(FUZZ_SECONDS) $(fuzzers)

fuzz-corpus:
	$(call build_all,$(fuzzers))
	@selftests/host.sh corpus $(fuzzers)

lint:
	@selftests/lint/run

# Guests -----------------------------------------------------------------

demo:
	@selftests/vm/deps build guest
	@selftests/vm/run --kernel $(KERNEL) --timeout 900 --name demo-$(KERNEL) \
		-- selftests/demo.sh

# What a guest that was lost had measured is worth a table, too.
bench:
	@selftests/vm/deps build guest bench
	@XHA_COMMIT=$$(git describe --always --dirty 2>/dev/null) \
	selftests/vm/run --kernel $(KERNEL) --icount --cpus 1 --mem 4096 \
		--timeout $(BENCH_SECONDS) --name bench-$(KERNEL) -- env \
		BENCH_SCALE=$(BENCH_SCALE) BENCH="$(BENCH)" selftests/bench/bench.sh || \
	{ selftests/bench/report.py build/bench/$(KERNEL) build/bench.json; exit 1; }

check:
	@selftests/check.sh

# Every test that check holds back: HELD="a b" or all
check-held:
	@selftests/vm/deps build guest
	@selftests/held.sh $(KERNEL) $(HELD)

# Takeovers with faults: ROUNDS=200 SEED=1, result in build/campaign.json
ROUNDS	?= 200
SEED	?= 1
campaign:
	@selftests/vm/deps build guest
	@ROUNDS=$(ROUNDS) XHA_CAMPAIGN_SEED=$(SEED) selftests/vm/run \
		--kernel $(KERNEL) --timeout $$((900 + $(ROUNDS) * 90)) \
		--name campaign-$(KERNEL) -- selftests/campaign/run

# Deliberately broken builds, which the tests must notice: MUTANTS="a b" or all
mutants:
	@selftests/mutants.sh --kernel $(KERNEL) $(MUTANTS)

# Install ----------------------------------------------------------------

install: all
	install -d $(DESTDIR)$(SBINDIR) $(DESTDIR)$(CONFDIR)
	install -m 755 $(B)/tools/xhad $(B)/tools/xha $(DESTDIR)$(SBINDIR)
	if [ -e Documentation/examples/xhad.conf ]; then \
		install -m 600 Documentation/examples/xhad.conf \
			$(DESTDIR)$(CONFDIR)/xhad.conf.example; \
	fi
	for f in dual.conf single.conf xhad-external.conf keepalived.conf \
			keepalived-vips.conf; do \
		install -m 600 Documentation/examples/$$f \
			$(DESTDIR)$(CONFDIR)/$$f.example || exit 1; \
	done
	if [ -e tools/xhad/xhad.service ]; then \
		install -d $(DESTDIR)$(UNITDIR); \
		install -m 644 tools/xhad/xhad.service $(DESTDIR)$(UNITDIR); \
	fi
	if [ -n "$(KDIR)" ]; then \
		$(MAKE) -C $(KDIR) M=$(CURDIR)/$(B)/mod-kdir CONFIG_MODULE_SIG_ALL= \
			$(if $(DESTDIR),INSTALL_MOD_PATH=$(DESTDIR)) modules_install; \
	else \
		echo "no KDIR for the running kernel: the module is not installed" >&2; \
	fi

clean:
	rm -rf $(B)
