/* What whole screens need besides a screen: modes of framebuffers, the kernel's structures, names. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "platform/display.h"
#include "platform/display/drivers.h"
#include "platform/display/fbmode.h"
#include "platform/display/kms_abi.h"

#if defined(__has_include)
#if __has_include(<libdrm/drm.h>)
#define HAVE_LIBDRM 1
#include <libdrm/drm.h>
#endif
#endif

static struct fb_var_screeninfo mode_of(unsigned bits, unsigned red, unsigned green, unsigned blue)
{
    unsigned length = bits == 16 ? 5 : 8;

    return (struct fb_var_screeninfo){
        .xres = 320,
        .yres = 200,
        .xres_virtual = 320,
        .yres_virtual = 200,
        .bits_per_pixel = bits,
        .red = {.offset = red, .length = length},
        .green = {.offset = green, .length = length + (bits == 16 ? 1 : 0)},
        .blue = {.offset = blue, .length = length},
    };
}

static struct fb_fix_screeninfo fixed_of(const struct fb_var_screeninfo *mode, unsigned more)
{
    unsigned line = mode->xres * mode->bits_per_pixel / 8 + more;

    return (struct fb_fix_screeninfo){.type = FB_TYPE_PACKED_PIXELS,
                                      .visual = FB_VISUAL_TRUECOLOR,
                                      .line_length = line,
                                      .smem_len = line * mode->yres_virtual};
}

static void modes_become_surfaces(void **state)
{
    static const struct {
        unsigned bits, red, green, blue;
        enum surface_format format;
    } known[] = {
        {32, 16, 8, 0, SURFACE_XRGB8888}, {32, 0, 8, 16, SURFACE_XBGR8888},
        {24, 16, 8, 0, SURFACE_RGB888},   {24, 0, 8, 16, SURFACE_BGR888},
        {16, 11, 5, 0, SURFACE_RGB565},   {16, 0, 5, 11, SURFACE_BGR565},
    };
    char why[DISPLAY_WHY];

    (void)state;
    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++) {
        for (unsigned more = 0; more < 7; more++) {
            struct fb_var_screeninfo mode =
                mode_of(known[i].bits, known[i].red, known[i].green, known[i].blue);
            struct fb_fix_screeninfo fixed = fixed_of(&mode, more);
            struct surface out;

            assert_true(fbmode_surface(&mode, &fixed, &out, why));
            assert_int_equal(out.format, known[i].format);
            assert_int_equal(out.pitch, fixed.line_length);
            assert_int_equal(out.width, 320);
            assert_int_equal(out.height, 200);
        }
    }
}

static void refused(struct fb_var_screeninfo mode, struct fb_fix_screeninfo fixed, const char *said)
{
    char why[DISPLAY_WHY] = "";
    struct surface out;

    assert_false(fbmode_surface(&mode, &fixed, &out, why));
    assert_non_null(strstr(why, said));
}

static void other_modes_are_refused(void **state)
{
    struct fb_var_screeninfo good = mode_of(32, 16, 8, 0), mode;
    struct fb_fix_screeninfo fits = fixed_of(&good, 0), fixed;

    (void)state;
    refused(mode_of(8, 0, 0, 0), fits, "8 bits a pixel");
    refused(mode_of(32, 24, 16, 8), fits, "red 8 at bit 24");
    mode = mode_of(16, 10, 5, 0);
    mode.green.length = 5; /* 15 bits */
    refused(mode, fits, "green 5 at 5");
    mode = good;
    mode.red.msb_right = 1;
    refused(mode, fits, "can't be drawn");
    mode = good;
    mode.grayscale = 1;
    refused(mode, fits, "of no direct colours");
    fixed = fits;
    fixed.visual = FB_VISUAL_PSEUDOCOLOR;
    refused(good, fixed, "of no direct colours");
    fixed = fits;
    fixed.type = FB_TYPE_PLANES;
    refused(good, fixed, "of no direct colours");
}

static void lies_about_memory_are_refused(void **state)
{
    struct fb_var_screeninfo good = mode_of(32, 16, 8, 0), mode = good;
    struct fb_fix_screeninfo fits = fixed_of(&good, 0), fixed = fits;

    (void)state;
    fixed.smem_len--;
    refused(good, fixed, "do not fit");
    fixed = fits;
    fixed.line_length--;
    refused(good, fixed, "do not fit");
    mode.xoffset = 1;
    refused(mode, fits, "do not fit");
    mode = good;
    mode.yoffset = 1;
    refused(mode, fits, "do not fit");
    mode = good;
    mode.yres = 0;
    refused(mode, fits, "do not fit");
    mode = good;
    mode.xres = UINT32_MAX;
    refused(mode, fits, "do not fit");
    mode = good;
    mode.yres = UINT32_MAX;
    refused(mode, fits, "do not fit");
}

static void two_pages_need_room_and_a_step(void **state)
{
    struct fb_var_screeninfo mode = mode_of(16, 11, 5, 0);
    struct fb_fix_screeninfo fixed;

    (void)state;
    mode.yres_virtual = 400;
    fixed = fixed_of(&mode, 6);
    assert_false(fbmode_doubles(&mode, &fixed));
    fixed.ypanstep = 1;
    assert_true(fbmode_doubles(&mode, &fixed));
    assert_int_equal(fbmode_place(&mode, &fixed, 200), 200 * 646);
    fixed.ypanstep = 7;
    assert_false(fbmode_doubles(&mode, &fixed));
    fixed.ypanstep = 8;
    assert_true(fbmode_doubles(&mode, &fixed));
    fixed.smem_len--;
    assert_false(fbmode_doubles(&mode, &fixed));
    fixed.smem_len++;
    mode.yres_virtual = 399;
    assert_false(fbmode_doubles(&mode, &fixed));
}

#if HAVE_LIBDRM
#define SAME(request, ours) assert_int_equal(request, ours)
#endif

static void the_kernels_structures_are_libdrms(void **state)
{
    (void)state;
#if HAVE_LIBDRM
    /* A request's number holds the structure's size. */
    SAME(DRM_IOCTL_GET_CAP, KMS_GET_CAP);
    SAME(DRM_IOCTL_SET_MASTER, KMS_SET_MASTER);
    SAME(DRM_IOCTL_DROP_MASTER, KMS_DROP_MASTER);
    SAME(DRM_IOCTL_MODE_GETRESOURCES, KMS_GET_RESOURCES);
    SAME(DRM_IOCTL_MODE_GETCRTC, KMS_GET_CRTC);
    SAME(DRM_IOCTL_MODE_SETCRTC, KMS_SET_CRTC);
    SAME(DRM_IOCTL_MODE_GETENCODER, KMS_GET_ENCODER);
    SAME(DRM_IOCTL_MODE_GETCONNECTOR, KMS_GET_CONNECTOR);
    SAME(DRM_IOCTL_MODE_RMFB, KMS_REMOVE_FB);
    SAME(DRM_IOCTL_MODE_PAGE_FLIP, KMS_PAGE_FLIP);
    SAME(DRM_IOCTL_MODE_DIRTYFB, KMS_DIRTY_FB);
    SAME(DRM_IOCTL_MODE_CREATE_DUMB, KMS_CREATE_DUMB);
    SAME(DRM_IOCTL_MODE_MAP_DUMB, KMS_MAP_DUMB);
    SAME(DRM_IOCTL_MODE_DESTROY_DUMB, KMS_DESTROY_DUMB);
    SAME(DRM_IOCTL_MODE_ADDFB2, KMS_ADD_FB);
    SAME(sizeof(struct drm_event_vblank), sizeof(struct kms_event));
#define FIELD(theirs, a, ours, b) SAME(offsetof(struct theirs, a), offsetof(struct ours, b))
    FIELD(drm_mode_modeinfo, vdisplay, kms_mode, height);
    FIELD(drm_mode_modeinfo, type, kms_mode, type);
    FIELD(drm_mode_crtc, fb_id, kms_crtc, fb);
    FIELD(drm_mode_crtc, mode, kms_crtc, mode);
    FIELD(drm_mode_card_res, count_connectors, kms_resources, count_connectors);
    FIELD(drm_mode_get_connector, modes_ptr, kms_connector, modes);
    FIELD(drm_mode_get_connector, encoder_id, kms_connector, encoder);
    FIELD(drm_mode_get_connector, connection, kms_connector, connection);
    FIELD(drm_mode_get_encoder, possible_crtcs, kms_encoder, possible_crtcs);
    FIELD(drm_mode_fb_cmd2, pitches, kms_fb, pitches);
    FIELD(drm_mode_create_dumb, pitch, kms_dumb, pitch);
    FIELD(drm_mode_map_dumb, offset, kms_map, offset);
    FIELD(drm_mode_crtc_page_flip, flags, kms_flip, flags);
    SAME(DRM_CAP_DUMB_BUFFER, KMS_CAP_DUMB);
    SAME(DRM_CAP_DUMB_PREFERRED_DEPTH, KMS_CAP_DUMB_DEPTH);
    SAME(DRM_MODE_TYPE_PREFERRED, KMS_PREFERRED);
    SAME(DRM_MODE_PAGE_FLIP_EVENT, KMS_FLIP_EVENT);
    SAME(DRM_EVENT_FLIP_COMPLETE, KMS_FLIP_COMPLETE);
#else
    skip();
#endif
}

static void names_come_from_the_table(void **state)
{
    char names[DISPLAY_NAMES], longest[DISPLAY_NAME + 1];

    (void)state;
    assert_non_null(strstr(display_names(names), ", kms, fbdev, "));
    assert_int_equal(strncmp(names, "auto, ", 6), 0);
    assert_true(display_known("kms"));
    assert_true(display_known("fbdev:/dev/fb1"));
    assert_false(display_known("fbdev:"));
    assert_false(display_known("fbdevil"));
    assert_false(display_known("headless:1"));
    assert_false(display_known("auto:1"));
    memset(longest, 'x', sizeof longest);
    memcpy(longest, "kms:", 4);
    longest[DISPLAY_NAME - 1] = '\0';
    assert_true(display_known(longest));
    longest[DISPLAY_NAME - 1] = 'x';
    longest[DISPLAY_NAME] = '\0';
    assert_false(display_known(longest));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(modes_become_surfaces),
        cmocka_unit_test(other_modes_are_refused),
        cmocka_unit_test(lies_about_memory_are_refused),
        cmocka_unit_test(two_pages_need_room_and_a_step),
        cmocka_unit_test(the_kernels_structures_are_libdrms),
        cmocka_unit_test(names_come_from_the_table),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
