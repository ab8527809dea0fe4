# What all of cross/ARCH.mk share: a compiler and a pkg-config that see nothing of this system, only the sysroot.
TARGET   := $(CROSS)
prefix   := $(TRIPLET)-
SYSROOT  := $(abspath $(or $(DEN_SYSROOTS),build/sysroot))/$(CROSS)
sysroot  := --sysroot=$(SYSROOT)
under    := $(EMULATOR) -L $(SYSROOT)
PKG_CONFIG = env PKG_CONFIG_SYSROOT_DIR=$(SYSROOT) \
    PKG_CONFIG_LIBDIR=$(SYSROOT)/usr/lib/$(TRIPLET)/pkgconfig:$(SYSROOT)/usr/share/pkgconfig pkg-config
