#include "video/scan.h"

#include <string.h>

#include "base/bytes.h"
#include "base/limits.h"

enum scan_state {
    SCAN_GARBAGE,
    SCAN_GARBAGE_FF,
    SCAN_SOI,
    SCAN_MARK,
    SCAN_MARK_FF,
    SCAN_LENGTH,
    SCAN_LENGTH_2,
    SCAN_SEGMENT,
    SCAN_DATA,
    SCAN_DATA_FF,
};

enum scan_marker {
    MARKER_TEM = 0x01,
    MARKER_SOF0 = 0xc0,
    MARKER_SOF2 = 0xc2,
    MARKER_DHT = 0xc4,
    MARKER_RST0 = 0xd0,
    MARKER_RST7 = 0xd7,
    MARKER_SOI = 0xd8,
    MARKER_EOI = 0xd9,
    MARKER_SOS = 0xda,
    MARKER_DRI = 0xdd,
    MARKER_APP0 = 0xe0,
    MARKER_COM = 0xfe,
};

void scan_init(struct scan *s)
{
    *s = (struct scan){.state = SCAN_GARBAGE};
}

bool scan_cut(const struct scan *s)
{
    return s->state != SCAN_GARBAGE;
}

static bool scan_restart(uint8_t b)
{
    return b >= MARKER_RST0 && b <= MARKER_RST7;
}

static enum scan_event scan_end(struct scan *s, enum scan_event event)
{
    s->frame.length = (uint32_t)(s->at - s->frame.offset);
    s->state = SCAN_GARBAGE;
    s->excused = event == SCAN_BROKEN;
    return event;
}

static enum scan_event scan_broken(struct scan *s)
{
    return scan_end(s, SCAN_BROKEN);
}

static void scan_stray(struct scan *s)
{
    if (!s->excused)
        s->garbage++;
    s->excused = true;
    s->state = SCAN_GARBAGE;
}

/* Two bytes that look like SOI begin a frame only if a marker follows: in garbage they may be
 * chance, and a frame too many would shift the numbers of all behind it. */
static void scan_outside(struct scan *s, uint8_t b)
{
    if (s->state == SCAN_SOI && b == 0xff) {
        s->state = SCAN_MARK_FF;
        s->scanned = false;
        s->frame.width = s->frame.height = 0;
    } else if (b == 0xff) {
        s->state = SCAN_GARBAGE_FF;
    } else if (s->state == SCAN_GARBAGE_FF && b == MARKER_SOI) {
        s->state = SCAN_SOI;
        s->frame.offset = s->at - 2;
    } else {
        scan_stray(s);
    }
}

static bool scan_has_segment(uint8_t b)
{
    return (b >= MARKER_SOF0 && b <= MARKER_SOF2) || b == MARKER_DHT ||
           (b >= MARKER_SOS && b <= MARKER_DRI) || (b >= MARKER_APP0 && b <= MARKER_COM);
}

static enum scan_event scan_marker(struct scan *s, uint8_t b)
{
    bool in_data = s->state == SCAN_DATA_FF;

    if (b == 0xff)
        return SCAN_MORE;
    if (in_data && (b == 0 || scan_restart(b))) {
        s->state = SCAN_DATA;
    } else if (b == MARKER_TEM && !in_data) {
        s->state = SCAN_MARK;
    } else if (b == MARKER_EOI) {
        return scan_end(s, s->scanned ? SCAN_FRAME : SCAN_BROKEN);
    } else if (scan_has_segment(b)) {
        s->marker = b;
        s->state = SCAN_LENGTH;
    } else {
        return scan_broken(s);
    }
    return SCAN_MORE;
}

static bool scan_size(struct scan *s)
{
    const uint8_t *h = s->head;

    if (s->frame.width != 0 || s->length < sizeof s->head || h[0] != 8 ||
        (h[5] != 1 && h[5] != 3) || s->length != sizeof s->head + (uint32_t)h[5] * 3)
        return false;
    s->frame.height = bytes_get16(h + 1);
    s->frame.width = bytes_get16(h + 3);
    return s->frame.height > 0 && s->frame.height <= LIMIT_HEIGHT && s->frame.width > 0 &&
           s->frame.width <= LIMIT_WIDTH && s->frame.width * s->frame.height <= LIMIT_PIXELS;
}

/* A whole segment is read. */
static enum scan_event scan_segment(struct scan *s)
{
    s->state = SCAN_MARK;
    if (s->marker <= MARKER_SOF2)
        return scan_size(s) ? SCAN_MORE : scan_broken(s);
    if (s->marker == MARKER_SOS) {
        if (s->frame.width == 0)
            return scan_broken(s);
        s->scanned = true;
        s->state = SCAN_DATA;
    }
    return SCAN_MORE;
}

static enum scan_event scan_length(struct scan *s, uint8_t b)
{
    if (s->state == SCAN_LENGTH) {
        s->length = (uint32_t)b << 8;
        s->state = SCAN_LENGTH_2;
        return SCAN_MORE;
    }
    s->length |= b;
    if (s->length < 2)
        return scan_broken(s);
    s->length -= 2;
    s->got = 0;
    s->state = SCAN_SEGMENT;
    return s->length == 0 ? scan_segment(s) : SCAN_MORE;
}

static enum scan_event scan_byte(struct scan *s, uint8_t b)
{
    s->at++;
    switch (s->state) {
    case SCAN_MARK:
        if (b != 0xff)
            return scan_broken(s);
        s->state = SCAN_MARK_FF;
        return SCAN_MORE;
    case SCAN_MARK_FF:
    case SCAN_DATA_FF:
        return scan_marker(s, b);
    case SCAN_LENGTH:
    case SCAN_LENGTH_2:
        return scan_length(s, b);
    default:
        scan_outside(s, b);
        return SCAN_MORE;
    }
}

/* Takes what it can of a segment in one go. */
static enum scan_event scan_skip(struct scan *s, const uint8_t *p, size_t len)
{
    uint32_t left = s->length - s->got;
    uint32_t n = len < left ? (uint32_t)len : left;

    for (uint32_t i = 0; i < n && s->got + i < sizeof s->head; i++)
        s->head[s->got + i] = p[i];
    s->at += n;
    s->got += n;
    return s->got == s->length ? scan_segment(s) : SCAN_MORE;
}

/* Takes entropy-coded data up to and with the first FF that is neither stuffed nor a restart. */
static void scan_data(struct scan *s, const uint8_t *p, size_t len)
{
    const uint8_t *at = p, *end = p + len;

    while (s->state == SCAN_DATA && at < end) {
        const uint8_t *ff = memchr(at, 0xff, (size_t)(end - at));

        if (ff == NULL) {
            at = end;
        } else if (end - ff > 1 && (ff[1] == 0 || scan_restart(ff[1]))) {
            at = ff + 2;
        } else {
            at = ff + 1;
            s->state = SCAN_DATA_FF;
        }
    }
    s->at += at - p;
}

/* One step, of at least a byte unless it ends a frame; len > 0. */
static enum scan_event scan_step(struct scan *s, const uint8_t *p, size_t len)
{
    if (s->state > SCAN_SOI) {
        uint32_t most = LIMIT_FRAME - (uint32_t)(s->at - s->frame.offset);

        if (most == 0)
            return scan_broken(s);
        if (len > most)
            len = most;
    }
    if (s->state == SCAN_SEGMENT)
        return scan_skip(s, p, len);
    if (s->state == SCAN_DATA) {
        scan_data(s, p, len);
        return SCAN_MORE;
    }
    if ((s->state == SCAN_MARK_FF || s->state == SCAN_DATA_FF) && *p == MARKER_SOI) {
        /* The next frame begins before this one ended: its FF is read already. */
        s->at--;
        scan_broken(s);
        s->at++;
        s->state = SCAN_GARBAGE_FF;
        return SCAN_BROKEN;
    }
    return scan_byte(s, *p);
}

enum scan_event scan_feed(struct scan *s, const uint8_t *p, size_t len, size_t *used,
                          struct scan_frame *frame)
{
    enum scan_event event = SCAN_MORE;
    int64_t start = s->at;

    *used = 0;
    while (event == SCAN_MORE && *used < len) {
        event = scan_step(s, p + *used, len - *used);
        *used = (size_t)(s->at - start);
    }
    if (event != SCAN_MORE)
        *frame = s->frame;
    return event;
}
