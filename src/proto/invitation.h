/* The code of an invitation as people see, say and type it: thirty digits in six groups,
 * PROTOCOL.md 5.6. */
#ifndef DEN_PROTO_INVITATION_H
#define DEN_PROTO_INVITATION_H

#include <stdbool.h>
#include <stdint.h>

#include "base/limits.h"

#define INVITATION_TEXT 36 /* with its NUL */
#define INVITATION_HASH 32

void invitation_text(char out[static INVITATION_TEXT], const uint8_t code[static SIZE_INVITATION]);
/* Either case, O for 0, I and L for 1, blanks and dashes anywhere. False, and out all zeros, if it is
 * something else or its check digits do not fit: a slip of the pen. */
bool invitation_parse(uint8_t out[static SIZE_INVITATION], const char *text);
/* What the server keeps in its place. */
void invitation_hash(uint8_t out[static INVITATION_HASH],
                     const uint8_t code[static SIZE_INVITATION]);

#endif
