# Debian's armel is ARMv5, floating point by software: every Raspberry Pi, the first one and Zero included.
TRIPLET  := arm-linux-gnueabi
EMULATOR := qemu-arm -cpu arm1176
# Its C library can't link a program that is whole and yet loads anywhere.
static   := -static
include cross/sysroot.mk
