/* The clips that a session plays: what its client asks of them, and what goes to it of their frames. */
#ifndef DEN_SERVER_VIEWING_H
#define DEN_SERVER_VIEWING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/cursor.h"
#include "base/err.h"

struct session;

/* PLAY, CREDIT, SEEK, RENDITION, STOP. Another reason than ERR_OK: the client breaks the protocol, or
 * memory is out. */
enum err viewing_play(struct session *s, struct span payload);
enum err viewing_credit(struct session *s, struct span payload);
enum err viewing_seek(struct session *s, struct span payload);
enum err viewing_rendition(struct session *s, struct span payload);
enum err viewing_stop(struct session *s, struct span payload);

/* Has the session a stream of that number? */
bool viewing_uses(const struct session *s, uint32_t number);
/* As stream_fill, of the streams in turns and within the room's share of video. */
size_t viewing_fill(struct session *s, uint8_t *out, size_t room);
/* Idempotent. */
void viewing_end(struct session *s);

#endif
