/* A text as a QR code of half blocks, for a telephone to read off the terminal. */
#ifndef DEN_PROTO_QR_H
#define DEN_PROTO_QR_H

#include <stdbool.h>

#include "base/buf.h"

/* Appends lines, each with margin before it. What is light is drawn, for terminals are dark; sixty
 * digits take 33 columns and 17 lines. False, with nothing appended, when it was built without
 * (QR=0) or there is no memory. */
bool qr_draw(struct buf *out, const char *text, const char *margin);

#endif
