/* Memory of a graphics card that a monitor can show: a dumb buffer, mapped. */
#ifndef DEN_PLATFORM_DISPLAY_KMS_BUFFER_H
#define DEN_PLATFORM_DISPLAY_KMS_BUFFER_H

#include <stdbool.h>
#include <stdint.h>

#include "platform/display.h"

struct kms_buffer {
    uint32_t handle, fb; /* 0: not there */
    size_t size;
    struct surface surface; /* pixels NULL: not mapped */
};

/* Black, in the first format that the card shows; the one that it prefers first. False and errno; what
 * is half there is closed. */
bool kms_buffer_open(struct kms_buffer *b, int fd, unsigned width, unsigned height);
/* Idempotent. */
void kms_buffer_close(struct kms_buffer *b, int fd);

#endif
