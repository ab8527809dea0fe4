/* The example's conversation with the server: for example.c alone. */
#ifndef DEN_TESTS_KIT_EXAMPLE_TALK_H
#define DEN_TESTS_KIT_EXAMPLE_TALK_H

#include "base/buf.h"

void example_talk_session_signed(struct buf *out);
void example_talk_wrapped(struct buf *out);
void example_talk_label(struct buf *out);
void example_talk_key(struct buf *out);
void example_talk_line_signed(struct buf *out);
void example_talk_line(struct buf *out);
void example_talk_say_signed(struct buf *out);

#endif
