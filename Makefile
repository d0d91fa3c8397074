# pz - recommendations as Unix filters.
#
#   all        every command into build/ (the default)
#   check      unit tests and bats; T=name runs only tests/name.*
#   asan       the same under address, undefined-behaviour and leak sanitizers, but for
#              what asks a second S3 server, other clients or Slurm
#   arm64      unit tests of lib/base, vector kernels too, for AArch64 in qemu
#   lint       format, layers, options against man pages, mandoc, shellcheck, cppcheck
#   fmt        clang-format in place
#   fuzz       each parser of foreign bytes for FUZZ_SECONDS (needs clang), and
#              three million random filters
#   bench      timings against peers in the same run, into bench/speed.csv
#   quality    how good results are on real data, into bench/quality.csv
#   install    into DESTDIR/PREFIX; uninstall takes it all back
#   dist clean

VERSION := $(shell cat VERSION)
BUILD ?= build
PREFIX ?= /usr/local
BINDIR ?= $(PREFIX)/bin
MANDIR ?= $(PREFIX)/share/man
LIBEXECDIR ?= $(PREFIX)/libexec/pz
DATADIR ?= $(PREFIX)/share
CFLAGS ?= -O2 -g
INCLUDES := $(patsubst %/.,-I%,$(wildcard lib/*/.))
MACHINE := $(shell $(CC) -dumpmachine)

# Contracted multiply-adds would make results depend on the compiler.
override CFLAGS += -std=c11 -D_GNU_SOURCE -DPZ_VERSION='"$(VERSION)"' $(INCLUDES) -pthread \
	-ffp-contract=off -fno-math-errno -Wall -Wextra -Wshadow -Wmissing-prototypes \
	-Wstrict-prototypes -Wpointer-arith -Wwrite-strings -MMD -MP
override LDFLAGS += -pthread -Wl,--as-needed
LDLIBS += -lcurl -lexpat -lcrypto -ljq -lzstd -lz -lxxhash -lm

COMMANDS := $(patsubst cmd/%.c,$(BUILD)/%,$(wildcard cmd/*.c))
# Where there is OpenMPI, pz-train-mpi is what pz-train becomes under mpirun.
MPI := $(patsubst %.c,$(BUILD)/%.o,$(wildcard lib/mpi/*.c))
MPI_CFLAGS := $(shell mpicc --showme:compile 2>/dev/null)
MPI_LDLIBS := $(shell mpicc --showme:link 2>/dev/null)
COMMANDS_MPI := $(if $(MPI_LDLIBS),$(BUILD)/pz-train-mpi)
LIBRARY := $(patsubst %.c,$(BUILD)/%.o,$(filter-out lib/mpi/%,$(wildcard lib/*/*.c)))
UNITS := $(patsubst tests/%.c,$(BUILD)/tests/%,$(wildcard tests/*.c))
FUZZERS := $(patsubst %.c,$(BUILD)/%,$(filter-out fuzz/replay.c,$(wildcard fuzz/*.c)))
FUZZ_MAIN = $(BUILD)/fuzz/replay.o
MANUALS := $(wildcard man/*.[1-9])
TESTS = $(if $(T),$(wildcard $(BUILD)/tests/$(T)) $(wildcard tests/$(T).bats),\
	$(UNITS) $(filter-out $(WITHOUT),$(wildcard tests/*.bats)))

all: $(COMMANDS) $(COMMANDS_MPI) $(patsubst examples/%/generate.c,$(BUILD)/%,$(wildcard examples/*/generate.c))
.PHONY: all fuzzers check asan arm64 lint fmt fuzz bench quality install uninstall dist clean
.SECONDARY:

$(BUILD)/%.o: %.c
	@mkdir -p $(@D)
	$(CC) $(CPPFLAGS) $(CFLAGS) -c -o $@ $<
$(BUILD)/libpz.a: $(LIBRARY)
	rm -f $@
	$(AR) rcs $@ $^
$(BUILD)/commands.h: tools/commands $(wildcard cmd/*.c)
	@mkdir -p $(@D)
	tools/commands -c >$@
$(BUILD)/cmd/pz.o: $(BUILD)/commands.h
$(BUILD)/cmd/pz.o: override CFLAGS += -I$(BUILD)
$(COMMANDS): $(BUILD)/%: $(BUILD)/cmd/%.o $(BUILD)/libpz.a
	$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $^ $(LDLIBS)
$(COMMANDS_MPI): $(BUILD)/%-mpi: $(BUILD)/cmd/%.o $(MPI) $(BUILD)/libpz.a
	$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $^ $(MPI_LDLIBS) $(LDLIBS)
$(MPI): override CFLAGS += $(MPI_CFLAGS)
$(BUILD)/tests/%: $(BUILD)/tests/%.o $(BUILD)/libpz.a
	$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $^ $(LDLIBS)
$(FUZZERS): %: %.o $(FUZZ_MAIN) $(BUILD)/libpz.a
	$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $^ $(LDLIBS)
$(BUILD)/bookshop: $(BUILD)/examples/bookshop/generate.o $(BUILD)/libpz.a
	$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $^ $(LDLIBS)

ifneq (,$(findstring x86_64,$(MACHINE)))
AVX2 := $(BUILD)/lib/base/vec_avx2.o $(BUILD)/lib/base/dot16_avx2.o \
	$(BUILD)/lib/base/dot16_avxvnni.o
$(AVX2): override CFLAGS += -mavx2 -mfma
$(BUILD)/lib/base/dot16_avxvnni.o: override CFLAGS += -mavxvnni
AVX512 := $(BUILD)/lib/base/vec_avx512.o $(BUILD)/lib/base/dot16_avx512.o \
	$(BUILD)/lib/base/dot16_vnni.o $(BUILD)/lib/base/dot16_amx.o
$(AVX512): override CFLAGS += -mavx512f -mavx512vl -mavx512bw -mavx512dq -mfma
$(BUILD)/lib/base/dot16_vnni.o: override CFLAGS += -mavx512vnni
$(BUILD)/lib/base/dot16_amx.o: override CFLAGS += -mamx-tile -mamx-int8
endif

fuzzers: $(FUZZERS)
check: all $(UNITS) $(FUZZERS)
	BUILD=$(abspath $(BUILD)) tests/run $(TESTS)
asan:
	$(MAKE) BUILD=build/asan check WITHOUT="%-swift.bats %-peers.bats %-slurm.bats" \
	CFLAGS="-O1 -g -fno-omit-frame-pointer \
	-fsanitize=address,undefined -fno-sanitize-recover=undefined \
	-Wno-maybe-uninitialized"
arm64:
	BUILD=$(BUILD) tools/arm64 $(T)
lint: all
	BUILD=$(BUILD) tools/lint
fmt:
	clang-format -i $(wildcard cmd/*.c lib/*/*.[ch] tests/*.[ch] fuzz/*.[ch] examples/*/*.c bench/*.c)
fuzz: $(BUILD)/tests/filter_rules
	tools/fuzz
	$(BUILD)/tests/filter_rules 30000 $$(date +%s)
bench: all
	bench/run.sh
	bench/shapes.sh
quality: all
	bench/segments.sh
	bench/cold.sh
	bench/related.sh
	bench/recommendations.sh
	bench/ablations.sh

install: all
	install -d $(DESTDIR)$(BINDIR)
	install $(COMMANDS) $(DESTDIR)$(BINDIR)
	$(if $(COMMANDS_MPI),install -D -t $(DESTDIR)$(LIBEXECDIR) $(COMMANDS_MPI))
	for m in $(MANUALS); do d=$(DESTDIR)$(MANDIR)/man$${m##*.}; \
		install -d $$d && install -m 644 $$m $$d || exit; done
	tools/completions install "$(BUILD)" "$(DESTDIR)$(DATADIR)"
uninstall:
	cd $(DESTDIR)$(BINDIR) && rm -f $(notdir $(COMMANDS))
	rm -f $(DESTDIR)$(LIBEXECDIR)/pz-train-mpi
	for m in $(MANUALS); do rm -f $(DESTDIR)$(MANDIR)/man$${m##*.}/$${m##*/}; done
	tools/completions uninstall "$(BUILD)" "$(DESTDIR)$(DATADIR)"
dist:
	git archive --prefix=pz-$(VERSION)/ HEAD | gzip -n >pz-$(VERSION).tar.gz
clean:
	rm -rf build

-include $(LIBRARY:.o=.d) $(MPI:.o=.d) $(wildcard $(BUILD)/cmd/*.d $(BUILD)/tests/*.d \
	$(BUILD)/fuzz/*.d $(BUILD)/examples/*/*.d)
