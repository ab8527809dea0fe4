/* What the kernel's DRM interface lays down for mode setting, as far as it is used here: libdrm's header
 * is a package of its own (and not Linux's in Debian), and these structures never change.
 * tests/unit/test_screens.c compares them with libdrm's where that is installed. */
#ifndef DEN_PLATFORM_DISPLAY_KMS_ABI_H
#define DEN_PLATFORM_DISPLAY_KMS_ABI_H

#include <stdint.h>
#include <sys/ioctl.h>

#define KMS_CAP_DUMB 1
#define KMS_CAP_DUMB_DEPTH 3
#define KMS_CONNECTED 1
#define KMS_PREFERRED (1 << 3) /* in a mode's type */
#define KMS_FLIP_EVENT 1       /* a flag of kms_flip */
#define KMS_FLIP_COMPLETE 2    /* a kind of kms_event */

struct kms_cap {
    uint64_t cap, value;
};

struct kms_resources {
    uint64_t fbs, crtcs, connectors, encoders; /* addresses of arrays of uint32_t */
    uint32_t count_fbs, count_crtcs, count_connectors, count_encoders;
    uint32_t min_width, max_width, min_height, max_height;
};

struct kms_mode {
    uint32_t clock;
    uint16_t width, hsync_start, hsync_end, htotal, hskew;
    uint16_t height, vsync_start, vsync_end, vtotal, vscan;
    uint32_t vrefresh, flags, type;
    char name[32];
};

struct kms_crtc {
    uint64_t connectors; /* address of an array of uint32_t */
    uint32_t count_connectors;
    uint32_t crtc, fb, x, y, gamma_size, mode_valid;
    struct kms_mode mode;
};

struct kms_encoder {
    uint32_t encoder, type, crtc, possible_crtcs, possible_clones;
};

struct kms_connector {
    uint64_t encoders, modes, props, prop_values; /* addresses of arrays */
    uint32_t count_modes, count_props, count_encoders;
    uint32_t encoder, connector, type, type_id, connection, mm_width, mm_height, subpixel, pad;
};

struct kms_fb {
    uint32_t fb, width, height, fourcc, flags;
    uint32_t handles[4], pitches[4], offsets[4];
    uint64_t modifier[4];
};

struct kms_flip {
    uint32_t crtc, fb, flags, reserved;
    uint64_t user_data;
};

struct kms_dirty {
    uint32_t fb, flags, color, count_clips;
    uint64_t clips;
};

struct kms_dumb {
    uint32_t height, width, bpp, flags, handle, pitch;
    uint64_t size;
};

struct kms_map {
    uint32_t handle, pad;
    uint64_t offset;
};

struct kms_event {
    uint32_t kind, length;
    uint64_t user_data;
    uint32_t tv_sec, tv_usec, sequence, crtc;
};

#define KMS_GET_CAP _IOWR('d', 0x0c, struct kms_cap)
#define KMS_SET_MASTER _IO('d', 0x1e)
#define KMS_DROP_MASTER _IO('d', 0x1f)
#define KMS_GET_RESOURCES _IOWR('d', 0xa0, struct kms_resources)
#define KMS_GET_CRTC _IOWR('d', 0xa1, struct kms_crtc)
#define KMS_SET_CRTC _IOWR('d', 0xa2, struct kms_crtc)
#define KMS_GET_ENCODER _IOWR('d', 0xa6, struct kms_encoder)
#define KMS_GET_CONNECTOR _IOWR('d', 0xa7, struct kms_connector)
#define KMS_REMOVE_FB _IOWR('d', 0xaf, uint32_t)
#define KMS_PAGE_FLIP _IOWR('d', 0xb0, struct kms_flip)
#define KMS_DIRTY_FB _IOWR('d', 0xb1, struct kms_dirty)
#define KMS_CREATE_DUMB _IOWR('d', 0xb2, struct kms_dumb)
#define KMS_MAP_DUMB _IOWR('d', 0xb3, struct kms_map)
#define KMS_DESTROY_DUMB _IOWR('d', 0xb4, uint32_t)
#define KMS_ADD_FB _IOWR('d', 0xb8, struct kms_fb)

#endif
