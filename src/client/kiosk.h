/* Clips one behind the other, for ever, without anybody at a keyboard: den --kiosk.
 *
 * One player and one display show all of them; the frames of each are numbered on behind those of the
 * one before (player_append). The next clip is asked for as soon as the last frame of the one before
 * has come, while its last second is still to be shown.
 *
 * asked   due   what happens
 * true    -     PLAY was sent for the clip before `next`, neither STREAM nor REFUSED has come
 * false   time  no clip could be played, or too many have frames to show: asks then
 * false   -     frames come */
#ifndef DEN_CLIENT_KIOSK_H
#define DEN_CLIENT_KIOSK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "player/player.h"

#define KIOSK_CLIPS 64
#define KIOSK_PARTS 4 /* clips that have frames to show */

struct client;

struct kiosk {
    size_t next; /* of the config's clips */
    bool asked;
    size_t failed; /* in a row */
    unsigned tries;
    int64_t due; /* 0: none */
    uint64_t told;
    struct kiosk_part {
        uint32_t first, frames; /* as the player counts */
        size_t clip;
    } parts[KIOSK_PARTS];
    unsigned count;
    struct player_counts before; /* up to the first part */
};

bool kiosk_on(const struct client *c);
/* The room is entered for the first time. */
void kiosk_begin(struct client *c);
int64_t kiosk_due(const struct client *c);
void kiosk_tick(struct client *c, int64_t now);
/* STREAM for what was asked: the clip's first frame will have that number. */
void kiosk_stream(struct client *c, uint32_t first, uint32_t frames);
/* All frames of the clip have come. */
void kiosk_sent(struct client *c);
/* The clip is not there, or can't be played on. */
void kiosk_failed(struct client *c, const char *why);
/* A frame's outcome: its number is made the clip's own, *frames: how many that has. Returns true if it
 * was the last one; then kiosk_shown must follow. */
bool kiosk_frame(struct client *c, struct player_event *e, uint32_t *frames);
/* It could not be decoded. */
void kiosk_damaged(struct client *c);
void kiosk_shown(struct client *c);

#endif
