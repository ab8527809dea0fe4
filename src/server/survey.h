/* What the operator is shown of the room, as lines of text. Not cleaned. */
#ifndef DEN_SERVER_SURVEY_H
#define DEN_SERVER_SURVEY_H

#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "server/room.h"

void survey_who(struct buf *out, const struct room *r);
void survey_bans(struct buf *out, const struct bans *b);
/* CLIPS messages, as clips_list gives them. */
void survey_clips(struct buf *out, const uint8_t *messages, size_t len);
/* `key: value`, one a line. started: the time of the room's clock then; usage: usage_open's. */
void survey_stats(struct buf *out, const struct room *r, size_t strangers, int64_t started,
                  int usage);

#endif
