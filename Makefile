# Den's build: `make help` lists targets and options. Layers and programs: see the source lists below.
VERSION = 0.1.0

TARGET   ?= host
prefix    = $(if $(filter host,$(TARGET)),,$(TARGET)-)
CROSS    ?=
ifneq ($(CROSS),)
include cross/$(CROSS).mk
endif
# What dpkg calls the machine that is built for; empty: this one.
DEB_ARCH ?= $(patsubst aarch64,arm64,$(patsubst arm,armhf,$(patsubst x86_64,amd64,$(firstword $(subst -, ,$(filter-out host,$(TARGET)))))))
ifeq ($(origin CC),default)
CC        = $(prefix)gcc
endif
PKG_CONFIG ?= $(prefix)pkg-config
PREFIX   ?= /usr/local
SYSCONFDIR ?= /etc
CFLAGS   ?= -O2 -g
SDL      ?= 1
LINE     ?= 1
QR       ?= 1
AVAHI    ?= 1
SECCOMP  ?= 1
STATIC   ?= 0
DEPS     ?= 1
SANITIZE ?= 0
COVERAGE ?= 0
# A stranger's newer compiler may warn where ours do not: only the tests' build takes that for an error.
WERROR   ?= $(if $(filter test,$(MAKECMDGOALS)),1,0)
JOBS     := $(or $(JOBS),$(shell nproc))
MAKEFLAGS += -j$(JOBS) --no-print-directory
export CC PKG_CONFIG TARGET CROSS SDL LINE QR AVAHI SECCOMP DEPS BEARSSL_CFLAGS

# Every variant builds in a directory of its own, so that objects of two never mix.
BUILD := build/$(TARGET)$(if $(filter gcc %-gcc,$(CC)),,-$(notdir $(firstword $(CC))))$(if $(filter 0,$(SDL)),-nosdl)$(if \
    $(filter 0,$(LINE)),-noline)$(if $(filter 0,$(QR)),-noqr)$(if $(filter 0,$(AVAHI)),-noavahi)$(if \
    $(filter 0,$(SECCOMP)),-noseccomp)$(if $(filter 1,$(STATIC)),-static)$(if \
    $(filter 1,$(SANITIZE)),-asan)$(if $(filter thread,$(SANITIZE)),-tsan)$(if \
    $(filter fuzz,$(SANITIZE)),-fuzz)$(if $(filter 1,$(COVERAGE)),-cov)

# Who is made of what. The linker then holds the layers up: dend has no player, no TurboJPEG and no SDL to reach for.
layers   = $(foreach d,$(1),$(wildcard src/$(d)/*.c))
EDITOR   := $(filter-out $(if $(filter 0,$(LINE)),%/editor_screen.c %/editor_area.c %/editor_rows.c),$(wildcard platform/editor*.c))
SCREEN   := $(addprefix platform/,kept.c owed.c panes.c window.c)
PLATFORM := $(filter-out platform/editor% platform/filter.c platform/lan.c $(SCREEN),$(wildcard platform/*.c))
DISPLAYS := $(filter-out $(if $(filter 0,$(SDL)),%/sdl.c %/sdl_texture.c),$(wildcard platform/display/*.c))
dend_SRC := src/dend.c $(PLATFORM) platform/filter.c $(call layers,base wire crypto video net proto server)
den_SRC  := src/den.c $(PLATFORM) platform/lan.c $(EDITOR) $(SCREEN) $(DISPLAYS) $(call layers,base wire crypto video net proto player client)
den-clip_SRC := $(PLATFORM) $(call layers,base video tools)
MAINS    := src/dend.c src/den.c src/tools/den-clip.c
KIT_SRC  := $(filter-out $(MAINS),$(sort $(dend_SRC) $(den_SRC) $(den-clip_SRC))) $(wildcard tests/kit/*.c)
TEST_SRC := $(wildcard tests/unit/test_*.c)
FUZZ_SRC := $(wildcard tests/fuzz/fuzz_*.c)
BENCH_SRC := $(wildcard tests/bench/*.c)
CROWD_SRC := $(wildcard tests/bench/crowd/*.c)
FUZZ_KIT := $(filter-out $(FUZZ_SRC) tests/fuzz/replay.c,$(wildcard tests/fuzz/*.c))
MAN      := $(wildcard src/*.[18] src/tools/*.[18])
EVERY_C  := $(wildcard platform/*.[ch] platform/display/*.[ch] src/*.[ch] src/*/*.[ch] tests/*/*.[ch] tests/bench/crowd/*.[ch])
PROGRAMS := $(addprefix $(BUILD)/,$(notdir $(basename $(wildcard $(MAINS)))))
UNITS    := $(patsubst tests/unit/%.c,$(BUILD)/tests/%,$(TEST_SRC))
FUZZERS  := $(patsubst tests/fuzz/%.c,$(BUILD)/tests/%,$(FUZZ_SRC))
BENCHES  := $(patsubst tests/bench/%.c,$(BUILD)/tests/%,$(BENCH_SRC))
objects  = $(patsubst %.c,$(BUILD)/%.o,$(1))

# pkg-config is asked in recipes only, for set-up may just have installed it. -isystem: the libraries' warnings are not ours.
pc       = $(shell $(PKG_CONFIG) $(if $(filter 1,$(STATIC)),--static) $(1))
modules  = libturbojpeg $(if $(filter 1,$(SDL)),sdl2) $(if $(filter 1,$(LINE)),libedit) $(qrencode) $(if $(filter 1,$(AVAHI)),avahi-client)
qrencode = $(if $(filter 1,$(QR)),libqrencode)
seccomp  = $(if $(filter 1,$(SECCOMP)),libseccomp)
PC_CFLAGS = $(eval PC_CFLAGS := $(patsubst -I%,-isystem %,$(call pc,--cflags $(modules) $(seccomp))))$(PC_CFLAGS)
BEARSSL_LIBS ?= -lbearssl

comma    := ,
sanitize = $(if $(filter 1,$(SANITIZE)),-fsanitize=address$(comma)undefined)$(if $(filter thread,$(SANITIZE)),-fsanitize=thread)$(if \
    $(filter fuzz,$(SANITIZE)),-fsanitize=address$(comma)undefined$(comma)fuzzer-no-link)
fortify  = $(if $(filter -O0,$(CFLAGS)),,-U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=2)
cover    = $(if $(filter 1,$(COVERAGE)),--coverage -fprofile-update=atomic)
harden   = $(if $(sanitize),$(sanitize) -fno-sanitize-recover=all -fno-omit-frame-pointer,-fstack-protector-strong $(fortify))
# Programs with every library in them are for small machines: what is not hot in them is made small, all of it together.
static   ?= -static-pie
small    = $(if $(filter 1,$(STATIC)),-ffunction-sections -fdata-sections $(together) $(cold))
together = $(if $(findstring gcc,$(CC)),-flto=auto) -fno-unwind-tables -fno-asynchronous-unwind-tables
# What of libturbojpeg comes along though den calls nothing that leads to it (tests/size looks).
unused   = jtransform_adjust_parameters jtransform_execute_transform jtransform_request_workspace jcopy_markers_setup jcopy_markers_execute \
    jpeg_read_coefficients jpeg_write_coefficients jpeg_copy_critical_parameters jinit_read_bmp jinit_read_ppm jinit_write_bmp jinit_write_ppm \
    jinit_1pass_quantizer jinit_2pass_quantizer
lean     = $(if $(filter -static-pie,$(static)),-Wl$(comma)-T$(comma)platform/linux/lean.ld -Wl$(comma)--no-eh-frame-hdr) $(if $(filter den,$(@F)),$(unused:%=-Wl$(comma)--defsym=%=abort))
cold     = $(if $(filter video,$(notdir $(patsubst %/,%,$(@D)))),,-Os)
ALL_CFLAGS = -std=c11 -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wvla $(CFLAGS) $(small) -fPIE -pthread $(sysroot) $(cover) $(harden) -D_GNU_SOURCE \
    -D_FILE_OFFSET_BITS=64 -D_TIME_BITS=64 -DDEN_VERSION=\"$(VERSION)\" -DDEN_SYSCONFDIR=\"$(SYSCONFDIR)\" \
    -DDEN_SDL=$(SDL) -DDEN_LINE=$(LINE) -DDEN_QR=$(QR) -DDEN_AVAHI=$(AVAHI) \
    -DDEN_SECCOMP=$(SECCOMP) -DDEN_SANITIZED=$(if $(sanitize)$(cover),1,0) $(CPPFLAGS) -Isrc -I. $(BEARSSL_CFLAGS) $(PC_CFLAGS)
ALL_LDFLAGS = $(CFLAGS) -pthread $(sysroot) $(cover) $(sanitize) $(if $(small),$(together) $(static) -Wl$(comma)--gc-sections $(lean),-pie) -Wl,-z,relro,-z,now,--as-needed $(LDFLAGS)

Q        = $(if $(filter 1,$(V)),,@)
tell     = $(if $(filter 1,$(V)),@:,@echo "  $(1)	$(@:$(BUILD)/%=%)")
.DEFAULT_GOAL := all
.DELETE_ON_ERROR:
.PHONY: all help deps setup static size demo test test-board beside coverage units trial fuzz fuzzers bench bench-check assets install uninstall deb format lint lint-code lint-format lint-man clean

all: $(PROGRAMS)  ## build dend, den and den-clip (the default)

help:  ## show this
	@sed -n 's/^\([a-z-]*\):.*## /  make \1\t/p' Makefile | expand -t 18
	@echo 'Options: V=1 (show commands)  SDL=0 (no window)  LINE=0 (no line editing)  QR=0 (no QR codes)  AVAHI=0 (no rooms of the LAN)'
	@echo '  SECCOMP=0 (no system call filter)  SANITIZE=1|thread  COVERAGE=1  WERROR=1'
	@echo '  CC=clang  CROSS=arm64|armhf|armel  CFLAGS= LDFLAGS=  PREFIX=$(PREFIX)  SYSCONFDIR=$(SYSCONFDIR)'
	@echo '  UNITDIR=$(UNITDIR)  DESTDIR=  PARTS="$(PARTS)"  JOBS=$(JOBS)'
	@echo '  DEPS=0 (never install packages)  ONLY="buf room" (only these tests)'

deps: setup  ## install the packages that building and testing need
setup:
	@vendor/setup $(if $(CROSS),cross,build $(if $(filter test units fuzz fuzzers deps bench%,$(MAKECMDGOALS)),test) $(if $(filter fuzz,$(MAKECMDGOALS)),fuzz) $(if $(filter bench%,$(MAKECMDGOALS)),check) $(if $(filter bench,$(MAKECMDGOALS)),bench) $(if $(filter lint% coverage,$(MAKECMDGOALS)),ci))

static: setup  ## the programs without SDL and QR codes, with every library in them, in $(BUILD)-static
	$(Q)$(MAKE) STATIC=1 SDL=0 QR=0 AVAHI=0 BUILD=build/$(TARGET)-static all

size: all static  ## how large the programs are and what is linked in; fails when that is too much
	$(Q)tests/size $(prefix) $(BUILD) build/$(TARGET)-static

demo: all assets  ## the main job: a sealed conversation, then a clip in a window
	$(Q)tests/demo $(BUILD) "$(FILM)"

# ONLY: other tests than those it names need not even be built.
picked   = $(if $(ONLY),$(filter $(foreach name,$(ONLY),$(BUILD)/tests/$(name) $(BUILD)/tests/test_$(name)),$(1)),$(1))
units: all $(call picked,$(UNITS) $(FUZZERS))
test: units $(if $(CROSS),beside)  ## unit tests, scenarios and checks
	$(Q)tests/run $(BUILD) $(if $(CROSS),--under '$(under)') $(ONLY)
beside: setup
	$(Q)env -u CC -u PKG_CONFIG -u TARGET $(MAKE) CROSS= STATIC=0 all

test-board: setup all  ## real screens, in QEMU: a framebuffer of 16 and of 32 bits, and KMS
	$(Q)vendor/setup board && cross/sysroot.sh arm64 && cross/sysroot.sh armhf
	$(Q)env -u CC -u PKG_CONFIG -u TARGET $(MAKE) CROSS=arm64 static
	$(Q)env -u CC -u PKG_CONFIG -u TARGET $(MAKE) CROSS=armhf static
	$(Q)TEST_TIMEOUT=300 tests/run build/arm64-static --board $(ONLY)

coverage: setup  ## run the tests and tell which share of the lines they reach (ONLY as for test)
	$(Q)find $(BUILD)-cov -name '*.gcda' -delete 2>/dev/null || true
	-$(Q)$(MAKE) COVERAGE=1 CFLAGS='-O1 -g' test
	$(Q)gcovr --root . --object-directory $(BUILD)-cov --filter src/ --filter platform/ --sort-uncovered

fuzz: $(FUZZERS)  ## explore with clang's libFuzzer, SECONDS=60 for each target (ONLY="framer")
	$(Q)$(MAKE) CC=clang SANITIZE=fuzz fuzzers
	$(Q)tests/fuzz/run $(BUILD) build/$(TARGET)-clang-fuzz $(or $(SECONDS),60) $(ONLY)
fuzzers: $(FUZZERS)

trial: all  ## kill the server 50 times, cut links, kill dens, and count messages (SEED=1 MESSAGES=2000)
	$(Q)tests/trial $(BUILD) $(or $(SEED),1) $(or $(MESSAGES),2000)

bench: all $(BENCHES) $(BUILD)/tests/crowd  ## measure, part by part (ONLY="memory", RECORD=1 writes tests/bench/RESULTS.md, MINUTES=10 of live_viewers)
	$(Q)tests/bench/run $(BUILD) $(ONLY)
bench-check: all $(BENCHES)  ## measure what is steady, briefly, and fail where it is worse than recorded by more than a third
	$(Q)tests/bench/run --check $(BUILD) $(ONLY)

assets: assets/mjpeg/testcard/clip.conf  ## draw the clip `testcard` into assets/mjpeg
assets/mjpeg/testcard/clip.conf: | $(BUILD)/den-clip
	$(Q)$(BUILD)/den-clip testcard testcard --library assets/mjpeg

# PARTS: den is what a visitor needs, dend what a server does.
PARTS   ?= den dend
UNITDIR ?= $(PREFIX)/lib/systemd/system
place    = BUILD=$(BUILD) PREFIX=$(PREFIX) SYSCONFDIR=$(SYSCONFDIR) UNITDIR=$(UNITDIR) DESTDIR=$(DESTDIR) platform/linux/install
install: all  ## install programs, man pages, unit and so on below DESTDIR and PREFIX (PARTS="den dend")
	$(Q)$(place) install $(PARTS)

uninstall:  ## remove them
	$(Q)$(place) uninstall $(PARTS)

deb: all  ## make the Debian packages den and dend of what was built, in BUILD (PREFIX does not count)
	$(Q)env -u CC -u PKG_CONFIG CROSS= TARGET=host vendor/setup package
	$(Q)BUILD=$(BUILD) VERSION=$(VERSION) DEB_ARCH=$(DEB_ARCH) STRIP=$(prefix)strip READELF=$(prefix)readelf platform/linux/deb $(BUILD)

format:  ## lay the sources out by .clang-format
	clang-format -i $(EVERY_C)

lint: lint-code lint-format lint-man  ## static checks: code, layout, man pages
lint-code: setup
	$(Q)cppcheck -q -j $(JOBS) --std=c11 --enable=warning,performance,portability --error-exitcode=1 \
	    -D_GNU_SOURCE -DDEN_SDL=1 -DDEN_LINE=1 -DDEN_QR=1 -DDEN_AVAHI=1 -DDEN_SECCOMP=1 -DDEN_SANITIZED=0 -DDEN_VERSION='""' -DDEN_SYSCONFDIR='""' -Isrc -I. $(filter %.c,$(EVERY_C))
lint-format: setup
	$(Q)clang-format --dry-run -Werror $(EVERY_C)
lint-man: setup
	$(Q)$(if $(MAN),mandoc -T lint -W warning $(MAN))

clean:  ## remove everything that was built (not the clips)
	rm -rf build

$(BUILD)/dend: LIBS = $(BEARSSL_LIBS) $(if $(seccomp)$(qrencode),$(call pc,--libs $(seccomp) $(qrencode)))
$(BUILD)/den: LIBS = $(BEARSSL_LIBS) $(call pc,--libs $(modules))
$(BUILD)/den-clip: LIBS = $(call pc,--libs libturbojpeg)
$(UNITS) $(FUZZERS): LIBS = $(BEARSSL_LIBS) $(call pc,--libs $(modules) $(seccomp) cmocka)
$(BENCHES) $(BUILD)/tests/crowd: LIBS = $(BEARSSL_LIBS) $(call pc,--libs $(modules) $(seccomp) libswscale libavutil)

.SECONDEXPANSION:
$(PROGRAMS): $$(call objects,$$($$(@F)_SRC)) $(BUILD)/sources
$(BENCHES): $(BUILD)/tests/%: $(BUILD)/tests/bench/%.o $(BUILD)/tests/kit.a
$(BUILD)/tests/crowd: $(call objects,$(CROWD_SRC)) $(BUILD)/tests/kit.a
$(UNITS): $(BUILD)/tests/%: $(BUILD)/tests/unit/%.o $(BUILD)/tests/kit.a
# Where each allocation fails in turn (tests/kit/famine.h).
famine   = malloc calloc realloc strdup strndup opendir asprintf __asprintf_chk fsync fdatasync
$(filter $(BUILD)/tests/test_famine_%,$(UNITS)): LDFLAGS += $(famine:%=-Wl,--wrap=%)
# With libFuzzer its own main explores; else replay.c runs over what is known.
replay = $(if $(filter fuzz,$(SANITIZE)),,$(BUILD)/tests/fuzz/replay.o)
$(FUZZERS): LDFLAGS += $(if $(filter fuzz,$(SANITIZE)),-fsanitize=fuzzer)
$(FUZZERS): $(BUILD)/tests/%: $(BUILD)/tests/fuzz/%.o $$(call objects,$(FUZZ_KIT)) $$(replay) $(BUILD)/tests/kit.a
$(PROGRAMS) $(UNITS) $(FUZZERS) $(BENCHES) $(BUILD)/tests/crowd:
	$(call tell,LINK)
	$(Q)$(CC) -o $@ $(filter %.o %.a,$^) $(ALL_LDFLAGS) $(LIBS)

$(BUILD)/tests/kit.a: $(call objects,$(KIT_SRC)) $(BUILD)/sources
	$(call tell,AR)
	$(Q)mkdir -p $(@D) && rm -f $@ && $(prefix)ar rcs $@ $(filter %.o,$^)

$(BUILD)/%.o: %.c $(BUILD)/flags
	$(call tell,CC)
	$(Q)mkdir -p $(@D) && $(CC) $(ALL_CFLAGS) $(if $(filter 1,$(WERROR)),-Werror) -MMD -MP -c -o $@ $<

# These two change when their text does: other flags compile again, a source come or gone links again.
keep = @mkdir -p $(@D); echo "$(1)" | cmp -s - $@ || echo "$(1)" > $@
$(BUILD)/flags: setup
	$(call keep,$(CC) $(ALL_CFLAGS) $(ALL_LDFLAGS))
$(BUILD)/sources: setup
	$(call keep,$(KIT_SRC))

-include $(patsubst %.o,%.d,$(call objects,$(MAINS) $(KIT_SRC) $(TEST_SRC) $(BENCH_SRC) $(CROWD_SRC) $(FUZZ_SRC) $(FUZZ_KIT) tests/fuzz/replay.c))
