/* A camera as the source of a cast (source.h has the others): its JPEG frames as they are, other pictures
 * made JPEG on the worker, where one is left out while the one before is under way. */
#ifndef DEN_CLIENT_LENS_H
#define DEN_CLIENT_LENS_H

#include <stdbool.h>
#include <stdint.h>

#include "client/source.h"
#include "platform/camera.h"
#include "platform/worker.h"

struct lens_job;

struct lens {
    const struct source_events *events;
    struct loop *loop;
    struct worker *worker;
    struct loop_watch watch;
    struct camera camera; /* fd -1: closed */
    struct lens_job *job; /* under way; NULL: none */
    int64_t started;      /* when the first frame was taken; 0: none so far */
};

/* wish: what the user wants; the camera's answer stands in l->camera.mode. False with a sentence in why. */
bool lens_open(struct lens *l, struct loop *loop, struct worker *worker, const char *path,
               const struct camera_mode *wish, const struct source_events *events,
               char why[static CAMERA_WHY]);
/* Idempotent, also of one that is {.camera = {.fd = -1}, .watch = {.fd = -1}}. */
void lens_close(struct lens *l);

#endif
