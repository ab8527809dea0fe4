/* The messages of the cinema: which clips there are, and one clip's frames as a stream. */
#ifndef DEN_WIRE_VIDEO_H
#define DEN_WIRE_VIDEO_H

#include "base/err.h"
#include "base/limits.h"
#include "wire/message.h"

struct wire_clip {
    struct span name;  /* LIMIT_CLIP */
    struct span title; /* LIMIT_TITLE */
    uint32_t fps_num, fps_den;
    uint32_t frames;
    size_t count; /* renditions */
    uint16_t heights[LIMIT_RENDITIONS];
};

struct wire_play {
    uint32_t stream; /* chosen by the client, not one in use */
    struct span clip;
    struct span schedule; /* "thirds", "alternate", "auto" or a height in decimal; up to 16 bytes */
    uint32_t start;       /* first frame wanted */
    uint32_t credit;      /* bytes that may be sent at once */
};

struct wire_stream {
    uint32_t stream;
    struct wire_clip clip;
    uint16_t widths[LIMIT_RENDITIONS];
    uint16_t real_heights[LIMIT_RENDITIONS]; /* of the pictures */
    struct span schedule;
};

#define FRAME_FIRST 1u
#define FRAME_LAST 2u
#define FRAME_CHUNK_HEAD 10 /* fields of every chunk: stream, track, flags, number */
#define FRAME_FIRST_HEAD 18 /* further ones of a first chunk: height, source, length, pts */

struct wire_frame {
    uint32_t stream;
    uint8_t track; /* 0: pictures */
    uint8_t flags;
    uint32_t number;
    /* only with FRAME_FIRST */
    uint16_t height;
    uint32_t source;
    uint32_t length; /* of the whole frame in bytes */
    int64_t pts_ns;
    struct span data;
};

struct wire_credit {
    uint32_t stream;
    uint32_t bytes;  /* added to what is open */
    uint32_t wanted; /* frames below this one need not be sent any more */
};

struct wire_seek {
    uint32_t stream;
    uint32_t as;    /* the stream's number from here on */
    uint32_t frame; /* the next one wanted; what is open of credit stays open */
};

/* Of a stream with the schedule auto. */
struct wire_rendition {
    uint32_t stream;
    uint16_t height; /* from the next frame on the highest rendition that is no higher */
};

enum wire_end {
    END_DONE = 1,
    END_STOPPED = 2,
    END_BROKEN = 3,
    /* of a cast; the stream's number is free then */
    END_CAST_OVER = 4, /* its caster ended it */
    END_CAST_LOST = 5, /* its caster is gone */
    END_OUSTED = 6     /* its caster does not want us to watch */
};

struct wire_stream_end {
    uint32_t stream;
    uint8_t reason; /* enum wire_end, or one from the future */
    struct span text;
};

void wire_put_list(struct buf *out);
size_t wire_clips_begin(struct buf *out);
void wire_clips_add(struct buf *out, const struct wire_clip *m);
void wire_clips_end(struct buf *out, size_t begin, bool more);
bool wire_clips_fits(const struct buf *out, size_t begin);
struct cursor wire_clips_open(struct span payload, bool *more);
bool wire_clips_next(struct cursor *c, struct wire_clip *m, enum err *e);

void wire_put_play(struct buf *out, const struct wire_play *m);
enum err wire_get_play(struct span payload, struct wire_play *m);
void wire_put_stream(struct buf *out, const struct wire_stream *m);
enum err wire_get_stream(struct span payload, struct wire_stream *m);
/* Writes header and fields of a chunk whose data (len bytes) follows right behind; out has room
 * for MESSAGE_HEADER + FRAME_CHUNK_HEAD + FRAME_FIRST_HEAD. Returns the bytes written. */
size_t wire_frame_head(uint8_t *out, const struct wire_frame *m, size_t len);
enum err wire_get_frame(struct span payload, struct wire_frame *m);
void wire_put_credit(struct buf *out, const struct wire_credit *m);
enum err wire_get_credit(struct span payload, struct wire_credit *m);
void wire_put_skipped(struct buf *out, uint32_t stream, uint32_t first, uint32_t count);
enum err wire_get_skipped(struct span payload, uint32_t *stream, uint32_t *first, uint32_t *count);
void wire_put_seek(struct buf *out, const struct wire_seek *m);
enum err wire_get_seek(struct span payload, struct wire_seek *m);
void wire_put_rendition(struct buf *out, const struct wire_rendition *m);
enum err wire_get_rendition(struct span payload, struct wire_rendition *m);
void wire_put_stop(struct buf *out, uint32_t stream);
enum err wire_get_stop(struct span payload, uint32_t *stream);
void wire_put_stream_end(struct buf *out, uint32_t stream, enum wire_end reason, const char *text);
enum err wire_get_stream_end(struct span payload, struct wire_stream_end *m);

#endif
