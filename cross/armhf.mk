# Debian's armhf is ARMv7: a Raspberry Pi 2 or later with a 32-bit system. For Pi 1 and Zero: armel.mk.
TRIPLET  := arm-linux-gnueabihf
EMULATOR := qemu-arm
include cross/sysroot.mk
