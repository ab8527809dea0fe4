# Debian's armhf is ARMv7: a Raspberry Pi 2 or later with a 32-bit system. For Pi 1 and Zero: armel.mk.
TRIPLET  := arm-linux-gnueabihf
EMULATOR := qemu-arm
# Its C library can't link a program that is whole and yet loads anywhere.
static   := -static
include cross/sysroot.mk
