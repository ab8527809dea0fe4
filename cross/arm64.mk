# Debian's arm64: a Raspberry Pi 3 or later, Zero 2 with a 64-bit system.
TRIPLET  := aarch64-linux-gnu
EMULATOR := qemu-aarch64
include cross/sysroot.mk
