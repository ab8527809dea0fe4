#include "player/overlay.h"

#include <inttypes.h>
#include <stdio.h>

#include "video/font.h"

#define OVERLAY_SAMPLE_NS INT64_C(500000000)
#define OVERLAY_LINES 3
#define OVERLAY_TEXT 96

void overlay_update(struct overlay *o, const struct player_counts *counts, int64_t now)
{
    int64_t took = now - o->sampled_at;

    o->counts = *counts;
    if (o->sampled_at != 0 && took < OVERLAY_SAMPLE_NS)
        return;
    if (o->sampled_at != 0)
        o->rate = (int64_t)((double)(counts->bytes - o->sampled_bytes) * 8e9 / (double)took);
    o->sampled_at = now;
    o->sampled_bytes = counts->bytes;
}

static void overlay_line(const struct surface *to, unsigned row, unsigned size, const char *text)
{
    int x = (int)(size * FONT_WIDTH);
    int y = (int)(size * FONT_HEIGHT * (row * 5 + 2) / 4);

    /* The dark copy below and beside it keeps the text readable on any picture. */
    for (int dy = -1; dy <= 1; dy++) {
        for (int dx = -1; dx <= 1; dx++)
            font_draw(to, NULL, x + dx * (int)size, y + dy * (int)size, size, 0x000000, text);
    }
    font_draw(to, NULL, x, y, size, 0xffffff, text);
}

void overlay_draw(const struct overlay *o, const struct surface *to)
{
    unsigned size = to->height < 540 ? 1 : to->height / 360;
    char text[OVERLAY_LINES][OVERLAY_TEXT];

    snprintf(text[0], OVERLAY_TEXT, "frame %" PRIu32 " of %" PRIu32 "   %" PRIu32 "p", o->frame,
             o->frames, o->height);
    snprintf(text[1], OVERLAY_TEXT,
             "shown %" PRIu64 "  late %" PRIu64 "  dropped %" PRIu64 "  skipped %" PRIu64,
             o->counts.shown, o->counts.late, o->counts.dropped, o->counts.skipped);
    snprintf(text[2], OVERLAY_TEXT, "%.1f Mbit/s", (double)o->rate / 1e6);
    for (unsigned i = 0; i < OVERLAY_LINES; i++)
        overlay_line(to, i, size, text[i]);
}
