# Debian's armel is ARMv5, floating point by software: every Raspberry Pi, the first one and Zero included.
TRIPLET  := arm-linux-gnueabi
EMULATOR := qemu-arm -cpu arm1176
include cross/sysroot.mk
