/* Displays: where pictures are shown, behind one table of drivers.
 *
 * A display is opened, used and closed by one thread (the player's presenter); only wake() may come
 * from others. A driver lends a surface, the player fills all of it, present() shows it. */
#ifndef DEN_PLATFORM_DISPLAY_H
#define DEN_PLATFORM_DISPLAY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define DISPLAY_WHY 512    /* bytes of the sentences that tell why a display does not work */
#define DISPLAY_NAME 128   /* bytes of a display's name, with a device */
#define DISPLAY_NAMES 128  /* bytes of all names */
#define DISPLAY_SIDE 16384 /* pixels of a screen, either way, at most */

/* Named from the highest bit of the pixel to its lowest, as DRM names them. */
enum surface_format {
    SURFACE_XRGB8888, /* uint32_t 0x00RRGGBB in the machine's byte order */
    SURFACE_XBGR8888, /* uint32_t 0x00BBGGRR */
    SURFACE_RGB888,   /* three bytes: B, G, R */
    SURFACE_BGR888,   /* three bytes: R, G, B */
    SURFACE_RGB565,   /* uint16_t, red in the five high bits */
    SURFACE_BGR565,   /* uint16_t, blue in the five high bits */
};

struct console_face;

/* Pixels in somebody else's memory. */
struct surface {
    void *pixels;
    size_t pitch; /* bytes from one line to the next */
    unsigned width, height;
    enum surface_format format;
    bool copied; /* present() copies it to the screen */
    bool device; /* memory of a device, which no processor reads soon: caches are of no use to it */
};

/* A picture as its decoder leaves it: JFIF's full range, BT.601, one sample of chroma in the middle of
 * four of luma. */
struct display_planes {
    const uint8_t *data[3]; /* Y, U, V; borrowed */
    size_t pitch[3];
    unsigned width, height; /* of the luma; chroma has half, rounded up */
};

struct display_rect {
    unsigned x, y, width, height;
};

enum display_key {
    DISPLAY_KEY_PAUSE,
    DISPLAY_KEY_BACK,
    DISPLAY_KEY_FORWARD,
    DISPLAY_KEY_FULLSCREEN,
    DISPLAY_KEY_INFO,
    DISPLAY_KEY_STOP, /* also when the window is closed */
};

enum display_event_kind {
    DISPLAY_NOTHING, /* the time came, or wake() was called */
    DISPLAY_KEY,
    DISPLAY_REDRAW, /* what was presented is lost, or the next lend() gives another size */
};

struct display_event {
    enum display_event_kind kind;
    enum display_key key;
};

struct panes;

struct display_options {
    const char *title;      /* UTF-8, cleaned by the caller; copied */
    unsigned width, height; /* wished for; a smaller screen gives less */
    bool seize;             /* "auto" may take a whole screen also from elsewhere */
    const char *device;     /* of a name like "fbdev:/dev/fb1", else ""; set by display_open */
    struct panes *panes;    /* our terminal (platform/panes.h), for tty; NULL: none. Borrowed */
};

struct display_driver {
    const char *name;
    /* It takes a whole screen, whose name may follow its own and a colon: "auto" opens it only at a
     * virtual console or with options.seize, so that nobody's screen is taken from afar. */
    bool seizes;
    /* A display's state, or NULL and a phrase in why. */
    void *(*open)(const struct display_options *options, char why[static DISPLAY_WHY]);
    void (*close)(void *state);
    /* The surface for the next picture at the current size, with any content. It stays valid, and
     * keeps what is drawn, until present() or until wait() gives DISPLAY_REDRAW. False: the display
     * is lost. */
    bool (*lend)(void *state, struct surface *out);
    /* Takes a picture instead of pixels on the surface that was lent: present() then shows it, stretched
     * to rect, and black around it. False: it can't, and the surface counts. NULL: it never can. */
    bool (*picture)(void *state, const struct display_planes *planes,
                    const struct display_rect *rect);
    /* Shows what was last lent, and returns when it was handed over. False: the display is lost. */
    bool (*present)(void *state);
    /* Instead of a surface that present() would copy: what the screen shows itself, to be drawn in one go
     * when a picture is due. NULL, or false: it can't be had, or not now. */
    bool (*shown)(void *state, struct surface *out);
    /* Until the absolute CLOCK_MONOTONIC time (INT64_MAX: without end), to well under 1 ms, or until
     * something happens, which may be nothing that *out can tell. */
    void (*wait)(void *state, int64_t until_ns, struct display_event *out);
    /* From any thread: ends a wait() that runs, or else the next one. */
    void (*wake)(void *state);
    /* To full screen and back; NULL where there is no other size. */
    void (*fullscreen)(void *state);
    /* The font of the console that the pictures hide, the driver's own until close(); NULL, or gives
     * NULL: there is none. */
    const struct console_face *(*font)(void *state);
};

struct display {
    const struct display_driver *driver; /* NULL while closed */
    void *state;
};

/* A driver's name that is in this build, also with a device, or "auto". */
bool display_known(const char *name);
/* The names for a usage line, "auto, sdl, headless"; returns out. */
const char *display_names(char out[static DISPLAY_NAMES]);
/* Opens the named display, or for "auto" the first that works in the table's order. why says, also
 * on success, why those tried before did not work ("" if there were none). Unknown: false. */
bool display_open(struct display *d, const char *name, const struct display_options *options,
                  char why[static DISPLAY_WHY]);
/* Idempotent. */
void display_close(struct display *d);
/* Once, before any thread starts, for it writes the environment: what displays' libraries would do at
 * length and for nothing. What the user has set stays. */
void display_prepare(void);

#endif
