#include "video/line_pick.h"

#include "video/line_hand.h"

#if LINE_X86
#define LINE_PICKS line_hand_picks()
#else
#define LINE_PICKS false
#endif

size_t line_pick_count(size_t width)
{
    return line_room(width) / LINE_PICK;
}

/* Share 0 may go with a sample that is not there. */
static bool line_pick_one(struct line_pick *p, size_t i, int32_t at, uint32_t shares)
{
    int32_t place = at - p->first, second = (int32_t)(shares & 0xffff);
    int32_t next = second == 0 ? place : place + 1;

    if (place < 0 || next >= LINE_PICK_FROM)
        return false;
    p->samples[2 * i] = (uint8_t)place;
    p->samples[2 * i + 1] = (uint8_t)next;
    p->shares[2 * i] = (int8_t)(second - LINE_ONE);
    p->shares[2 * i + 1] = (int8_t)-second;
    return true;
}

bool line_pick_make(struct line_pick *picks, const struct line_columns *columns, size_t samples,
                    size_t width)
{
    int32_t last = (int32_t)samples - LINE_PICK_FROM;

    if (!LINE_PICKS || last < 0)
        return false;
    for (size_t k = 0; k < line_pick_count(width); k++) {
        const size_t at = k * LINE_PICK;
        struct line_pick *p = &picks[k];
        *p = (struct line_pick){0};
        if (at >= width)
            continue;
        p->first = columns->at[at] < last ? columns->at[at] : last;
        for (size_t i = 0; i < LINE_PICK && at + i < width; i++) {
            if (!line_pick_one(p, i, columns->at[at + i], columns->shares[at + i]))
                return false;
        }
    }
    return true;
}

void line_pick_scale(int16_t *row, const uint8_t *samples, const struct line_pick *picks,
                     size_t width, int16_t bias)
{
#if LINE_X86
    line_hand_pick(row, samples, picks, line_pick_count(width), bias);
#else
    /* line_pick_make has said no. */
    (void)row;
    (void)samples;
    (void)picks;
    (void)width;
    (void)bias;
#endif
}
