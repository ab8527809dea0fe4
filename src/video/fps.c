#include "video/fps.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"

/* The rates that cameras and films have and that decimals can't write. */
static const struct fraction fps_ntsc[] = {
    {12000, 1001}, {15000, 1001}, {24000, 1001},  {30000, 1001},
    {48000, 1001}, {60000, 1001}, {120000, 1001},
};

static const uint32_t fps_whole[] = {5, 8, 10, 12, 15, 16, 18, 20, 24, 25, 30, 48, 50, 60, 120};

static uint64_t fps_gcd(uint64_t a, uint64_t b)
{
    while (b != 0) {
        uint64_t rest = a % b;

        a = b;
        b = rest;
    }
    return a;
}

bool fps_set(uint64_t num, uint64_t den, struct fraction *out)
{
    uint64_t common = fps_gcd(num, den);

    if (num == 0 || den == 0)
        return false;
    num /= common;
    den /= common;
    if (num > FPS_TERM || den > FPS_TERM || num / den > FPS_MOST || den / num > FPS_SLOWEST)
        return false;
    *out = (struct fraction){(uint32_t)num, (uint32_t)den};
    return true;
}

static bool fps_close(uint64_t num, uint64_t den, struct fraction to)
{
    /* Terms are below 2^32 and 2^20 here: no product overflows. */
    uint64_t a = num * to.den, b = to.num * den;
    uint64_t apart = a > b ? a - b : b - a;

    return apart <= b / 4000;
}

bool fps_near(uint64_t num, uint64_t den, struct fraction *out)
{
    while (num > UINT32_MAX || den > UINT32_MAX) {
        num >>= 1;
        den >>= 1;
    }
    if (num == 0 || den == 0)
        return false;
    for (size_t i = 0; i < sizeof fps_ntsc / sizeof *fps_ntsc; i++)
        if (fps_close(num, den, fps_ntsc[i]))
            return fps_set(fps_ntsc[i].num, fps_ntsc[i].den, out);
    for (size_t i = 0; i < sizeof fps_whole / sizeof *fps_whole; i++)
        if (fps_close(num, den, (struct fraction){fps_whole[i], 1}))
            return fps_set(fps_whole[i], 1, out);
    return fps_set(num, den, out) || fps_set((num * 1000 + den / 2) / den, 1000, out);
}

/* Digits up to the end of the text's first len bytes. */
static bool fps_number(const char *text, size_t len, uint64_t *out)
{
    char digits[16];

    if (len == 0 || len >= sizeof digits)
        return false;
    memcpy(digits, text, len);
    digits[len] = 0;
    return text_to_u64(digits, UINT32_MAX, out);
}

static bool fps_decimal(const char *text, size_t dot, struct fraction *out)
{
    size_t places = strlen(text + dot + 1);
    uint64_t whole, part, scale = 1;

    if (places > 6 || !fps_number(text, dot, &whole) || !fps_number(text + dot + 1, places, &part))
        return false;
    for (size_t i = 0; i < places; i++)
        scale *= 10;
    /* A rounded 24000/1001 means 24000/1001: else the film's sound and time run away from it. */
    for (size_t i = 0; places >= 2 && i < sizeof fps_ntsc / sizeof *fps_ntsc; i++)
        if ((fps_ntsc[i].num * scale * 2 + 1001) / 2002 == whole * scale + part)
            return fps_set(fps_ntsc[i].num, fps_ntsc[i].den, out);
    return fps_set(whole * scale + part, scale, out);
}

bool fps_parse(const char *text, struct fraction *out)
{
    size_t at = strcspn(text, "/.");
    uint64_t num, den = 1;

    if (text[at] == '.')
        return fps_decimal(text, at, out);
    if (!fps_number(text, at, &num))
        return false;
    if (text[at] == '/' && !fps_number(text + at + 1, strlen(text + at + 1), &den))
        return false;
    return fps_set(num, den, out);
}

void fps_format(struct fraction fps, char out[static FPS_TEXT])
{
    if (fps.den == 1)
        snprintf(out, FPS_TEXT, "%" PRIu32, fps.num);
    else
        snprintf(out, FPS_TEXT, "%" PRIu32 "/%" PRIu32, fps.num, fps.den);
}
