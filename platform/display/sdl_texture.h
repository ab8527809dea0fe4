/* A window drawn by a GPU through SDL's renderer: pictures go to it as planes, and what is painted
 * goes as pixels. All by the window's thread. */
#ifndef DEN_PLATFORM_DISPLAY_SDL_TEXTURE_H
#define DEN_PLATFORM_DISPLAY_SDL_TEXTURE_H

#include <stdbool.h>

#include "platform/display.h"

struct SDL_Window;
struct SDL_Renderer;
struct SDL_Surface;
struct SDL_Texture;

/* Starts as zeros, which is closed. */
struct sdl_texture {
    struct SDL_Renderer *renderer;
    struct SDL_Surface *canvas; /* what is lent, of the window's size */
    struct SDL_Texture *pixels; /* the canvas, over there */
    struct SDL_Texture *planes; /* the last picture given as such */
    unsigned width, height;     /* of it */
    struct display_rect rect;   /* where it stands */
    bool by_planes;             /* the next presentation is of planes, not of the canvas */
};

/* Whether to try at all: SDL_RENDER_DRIVER names a renderer, or there may be a GPU. */
bool sdl_texture_wished(void);
/* False, and the window is of no further use: nothing but this processor would draw. */
bool sdl_texture_open(struct sdl_texture *t, struct SDL_Window *window);
/* As the driver's functions of these names. */
bool sdl_texture_lend(struct sdl_texture *t, struct surface *out);
bool sdl_texture_picture(struct sdl_texture *t, const struct display_planes *planes,
                         const struct display_rect *rect);
bool sdl_texture_present(struct sdl_texture *t);
/* Before the window is destroyed. Idempotent. */
void sdl_texture_close(struct sdl_texture *t);

#endif
