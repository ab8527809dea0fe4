/* What a viewer does on the stage: clips in its library, and fill as a link would ask for it. */
#ifndef DEN_TESTS_KIT_VIEWER_H
#define DEN_TESTS_KIT_VIEWER_H

#include "tests/kit/stage.h"
#include "wire/video.h"

/* Appends frame i of that height: whole for the scanner, no picture, of a size and with bytes that
 * depend on both. */
void viewer_frame(struct buf *out, unsigned height, size_t i);
/* A clip with renditions 240p, 720p, ... (count of them) of that many frames each. broken: numbers
 * of frames that are damaged in all of them, ended by SIZE_MAX; NULL for none. */
void viewer_put_clip(struct stage *s, const char *name, size_t count, const size_t *frames,
                     const size_t *broken);

void viewer_play(struct actor *a, uint32_t stream, const char *clip, const char *schedule,
                 uint32_t start, uint32_t credit);
void viewer_credit(struct actor *a, uint32_t stream, uint32_t bytes, uint32_t wanted);
void viewer_seek(struct actor *a, uint32_t stream, uint32_t as, uint32_t frame);
void viewer_rendition(struct actor *a, uint32_t stream, uint16_t height);
void viewer_stop(struct actor *a, uint32_t stream);

/* One record of room bytes is filled and stands behind what was sent before; what is queued
 * meanwhile comes behind it. Reads from the disk are waited for. Returns its bytes. */
size_t viewer_fill(struct actor *a, size_t room);

#endif
