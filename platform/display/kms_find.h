/* Which monitor a card has to show on, in which mode, and by which part of the card. */
#ifndef DEN_PLATFORM_DISPLAY_KMS_FIND_H
#define DEN_PLATFORM_DISPLAY_KMS_FIND_H

#include <stdbool.h>
#include <stdint.h>

#include "platform/display.h"
#include "platform/display/kms_abi.h"

struct kms_path {
    uint32_t connector, crtc;
    struct kms_mode mode;
};

/* ioctl that goes on after a signal: 0, or -1 and errno. */
int kms_call(int fd, unsigned long request, void *arg);
/* The first connector with a monitor, in the mode that this prefers. False with a phrase in why. */
bool kms_find(int fd, struct kms_path *out, char why[static DISPLAY_WHY]);
/* Whether the monitor is still there; asks the kernel alone, not the monitor. */
bool kms_connected(int fd, uint32_t connector);

#endif
