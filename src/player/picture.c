#include "player/picture.h"

#include <stdlib.h>

struct picture *picture_take(struct picture_set *set)
{
    for (size_t i = 0; i < PICTURE_COUNT; i++) {
        if (set->all[i].users == 0) {
            set->all[i].users = 1;
            return &set->all[i];
        }
    }
    return NULL;
}

void picture_share(struct picture *p)
{
    p->users++;
}

void picture_release(struct picture *p)
{
    if (p != NULL)
        p->users--;
}

/* Where a plane begins; plane 3 is behind the last. */
static size_t picture_offset(const struct paint_planes *p, size_t plane)
{
    size_t columns = p->across == 0 ? 0 : (p->width + p->across - 1) / p->across;
    size_t lines = p->across == 0 ? 0 : (p->height + p->down - 1) / p->down;
    size_t luma =
        p->across == 0 ? (size_t)p->width * p->height : columns * p->across * (lines * p->down);

    return plane == 0 ? 0 : luma + (plane - 1) * columns * lines;
}

uint8_t *picture_plane(const struct picture *p, size_t plane)
{
    return p->memory + picture_offset(&p->planes, plane);
}

enum err picture_size(struct picture *p, unsigned width, unsigned height, unsigned across,
                      unsigned down)
{
    struct paint_planes planes = {.width = width, .height = height, .across = across, .down = down};
    size_t columns = across == 0 ? 0 : (width + across - 1) / across;
    size_t need = picture_offset(&planes, 3);

    if (need > p->capacity) {
        free(p->memory);
        p->memory = malloc(need);
        p->capacity = p->memory == NULL ? 0 : need;
    }
    if (p->memory == NULL)
        return ERR_MEMORY;
    p->planes = planes;
    for (size_t i = 0; i < 3; i++) {
        p->planes.pitch[i] = i > 0 ? columns : across == 0 ? width : columns * across;
        p->planes.data[i] = picture_plane(p, i);
    }
    return ERR_OK;
}

void picture_free_all(struct picture_set *set)
{
    for (size_t i = 0; i < PICTURE_COUNT; i++)
        free(set->all[i].memory);
    *set = (struct picture_set){0};
}
