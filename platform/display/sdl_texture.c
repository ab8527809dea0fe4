#include "platform/display/sdl_texture.h"

#include <SDL.h>
#include <stddef.h>
#include <string.h>

#include "platform/display/renderer.h"

#define TEXTURE_GL_RENDERER 0x1f01 /* GL_RENDERER */

static const char *texture_driver(void)
{
    const char *name = SDL_GetHint(SDL_HINT_RENDER_DRIVER);

    return name == NULL ? "" : name;
}

bool sdl_texture_wished(void)
{
    const char *name = texture_driver();

    if (*name != '\0')
        return strcmp(name, "software") != 0;
    return renderer_there("/dev/dri");
}

/* What OpenGL says of itself; den links none. NULL: another kind of renderer. */
static const char *texture_device(const char *driver)
{
    const unsigned char *(*ask)(unsigned name);
    void *found = strncmp(driver, "opengl", 6) == 0 ? SDL_GL_GetProcAddress("glGetString") : NULL;

    if (found == NULL)
        return NULL;
    /* ISO C has no cast from an object's pointer to a function's. */
    memcpy(&ask, &found, sizeof ask);
    return (const char *)ask(TEXTURE_GL_RENDERER);
}

static bool texture_draws(SDL_Renderer *renderer)
{
    SDL_RendererInfo info;
    struct renderer r;

    if (SDL_GetRendererInfo(renderer, &info) != 0)
        return false;
    r = (struct renderer){.accelerated = (info.flags & SDL_RENDERER_ACCELERATED) != 0,
                          .driver = info.name,
                          .device = texture_device(info.name)};
    return renderer_draws(&r, texture_driver());
}

bool sdl_texture_open(struct sdl_texture *t, SDL_Window *window)
{
    t->renderer = SDL_CreateRenderer(window, -1, SDL_RENDERER_ACCELERATED);
    if (t->renderer != NULL && texture_draws(t->renderer)) {
        /* A JPEG's colours have the full range. */
        SDL_SetYUVConversionMode(SDL_YUV_CONVERSION_JPEG);
        return true;
    }
    sdl_texture_close(t);
    return false;
}

static void texture_drop(SDL_Texture **texture)
{
    if (*texture != NULL)
        SDL_DestroyTexture(*texture);
    *texture = NULL;
}

void sdl_texture_close(struct sdl_texture *t)
{
    texture_drop(&t->planes);
    texture_drop(&t->pixels);
    SDL_FreeSurface(t->canvas);
    if (t->renderer != NULL)
        SDL_DestroyRenderer(t->renderer);
    *t = (struct sdl_texture){0};
}

/* Both of a new size; false leaves neither. */
static bool texture_fit(struct sdl_texture *t, int width, int height)
{
    if (t->canvas != NULL && t->canvas->w == width && t->canvas->h == height)
        return true;
    texture_drop(&t->pixels);
    SDL_FreeSurface(t->canvas);
    t->canvas = SDL_CreateRGBSurfaceWithFormat(0, width, height, 32, SDL_PIXELFORMAT_RGB888);
    if (t->canvas != NULL)
        t->pixels = SDL_CreateTexture(t->renderer, SDL_PIXELFORMAT_RGB888,
                                      SDL_TEXTUREACCESS_STREAMING, width, height);
    if (t->pixels != NULL)
        return true;
    SDL_FreeSurface(t->canvas);
    t->canvas = NULL;
    return false;
}

bool sdl_texture_lend(struct sdl_texture *t, struct surface *out)
{
    int width, height;

    if (SDL_GetRendererOutputSize(t->renderer, &width, &height) != 0 || width <= 0 || height <= 0)
        return false;
    if (!texture_fit(t, width, height))
        return false;
    *out = (struct surface){.pixels = t->canvas->pixels,
                            .pitch = (size_t)t->canvas->pitch,
                            .width = (unsigned)width,
                            .height = (unsigned)height,
                            .format = SURFACE_XRGB8888};
    t->by_planes = false;
    return true;
}

static bool texture_room(struct sdl_texture *t, unsigned width, unsigned height)
{
    if (t->planes != NULL && t->width == width && t->height == height)
        return true;
    texture_drop(&t->planes);
    t->planes = SDL_CreateTexture(t->renderer, SDL_PIXELFORMAT_IYUV, SDL_TEXTUREACCESS_STREAMING,
                                  (int)width, (int)height);
    t->width = width;
    t->height = height;
    return t->planes != NULL && SDL_SetTextureScaleMode(t->planes, SDL_ScaleModeLinear) == 0;
}

bool sdl_texture_picture(struct sdl_texture *t, const struct display_planes *planes,
                         const struct display_rect *rect)
{
    if (!texture_room(t, planes->width, planes->height) ||
        SDL_UpdateYUVTexture(t->planes, NULL, planes->data[0], (int)planes->pitch[0],
                             planes->data[1], (int)planes->pitch[1], planes->data[2],
                             (int)planes->pitch[2]) != 0)
        return false;
    t->rect = *rect;
    t->by_planes = true;
    return true;
}

bool sdl_texture_present(struct sdl_texture *t)
{
    const SDL_Rect rect = {(int)t->rect.x, (int)t->rect.y, (int)t->rect.width, (int)t->rect.height};
    bool drawn;

    SDL_SetRenderDrawColor(t->renderer, 0, 0, 0, 255);
    SDL_RenderClear(t->renderer);
    if (t->by_planes)
        drawn = SDL_RenderCopy(t->renderer, t->planes, NULL, &rect) == 0;
    else
        drawn = t->canvas != NULL &&
                SDL_UpdateTexture(t->pixels, NULL, t->canvas->pixels, t->canvas->pitch) == 0 &&
                SDL_RenderCopy(t->renderer, t->pixels, NULL, NULL) == 0;
    SDL_RenderPresent(t->renderer);
    return drawn;
}
