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

enum err picture_size(struct picture *p, unsigned width, unsigned height)
{
    size_t pitch = (size_t)width * 4;
    size_t need = pitch * height;

    if (need > p->capacity) {
        free(p->surface.pixels);
        p->surface.pixels = malloc(need);
        p->capacity = p->surface.pixels == NULL ? 0 : need;
    }
    p->surface.pitch = pitch;
    p->surface.width = width;
    p->surface.height = height;
    p->surface.format = SURFACE_XRGB8888;
    return p->capacity == 0 ? ERR_MEMORY : ERR_OK;
}

void picture_free_all(struct picture_set *set)
{
    for (size_t i = 0; i < PICTURE_COUNT; i++)
        free(set->all[i].surface.pixels);
    *set = (struct picture_set){0};
}
