/* The cinema's side towards the player: opens it for a stream, grants the server credit by what it
 * holds, and does what its events say. All work on c->cinema. */
#ifndef DEN_CLIENT_PROJECTOR_H
#define DEN_CLIENT_PROJECTOR_H

#include <stdint.h>

#include "base/err.h"
#include "wire/video.h"

struct client;

enum err projector_open(struct client *c, const struct wire_stream *m);
/* The clip follows the one that plays, on the same display, without a gap. */
enum err projector_append(struct client *c, const struct wire_stream *m);
/* Tells the server how much it may send now. Nothing happens while no player is open. */
void projector_grant(struct client *c);
/* The server goes on from that frame under a new number, so what still comes of the old one is told
 * apart. A frame behind the end is the last. Only while a player is open. Without a stream only the
 * player hears of it (intermission.h). */
void projector_seek(struct client *c, uint32_t frame);
/* Idempotent. */
void projector_close(struct client *c);

#endif
