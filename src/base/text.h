/* Text: what may be shown, what is a name, numbers and hex in and out. */
#ifndef DEN_BASE_TEXT_H
#define DEN_BASE_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/limits.h"

/* Valid UTF-8 (RFC 3629: shortest form, no surrogates, up to U+10FFFF). */
bool text_valid(const void *p, size_t len);

/* How many of the bytes are the longest valid text of at most max bytes: a cut never goes through a
 * character. */
size_t text_fit(const void *p, size_t len, size_t max);

/* Appends a copy that is safe on a terminal: invalid bytes, C0 and C1 controls, DEL and the
 * characters that turn or hide text (U+061C, U+200E/F, U+2028 to U+202E, U+2066 to U+2069, U+FEFF)
 * become U+FFFD; line feed and tab stay if lines is true, and are shown as a space otherwise. */
void text_clean(struct buf *out, const void *p, size_t len, bool lines);

/* The next part of a list with commas between, of *len bytes, and *list behind it; NULL at its end, or
 * of no list (NULL). An empty list has one part, which is empty. */
const char *text_next_part(const char **list, size_t *len);

/* 1 to 32 of A-Za-z0-9_.- */
bool text_name_valid(const void *p, size_t len);
/* Names are compared without case: <0, 0, >0. */
int text_name_compare(const char *a, const char *b);
bool text_name_same(const char *a, const char *b);
/* The lower-cased name. */
void text_name_fold(char out[static LIMIT_NAME + 1], const char *name);

/* Decimal, digits only, at most max. */
bool text_to_u64(const char *s, uint64_t max, uint64_t *out);
/* The same, with K, M or G behind the digits or not: 1024, its square, its cube. */
bool text_to_size(const char *s, uint64_t max, uint64_t *out);

/* 2*len lower-case digits and a NUL. */
void text_hex(char *out, const void *p, size_t len);
/* Exactly 2*len digits of either case. */
bool text_from_hex(void *out, size_t len, const char *hex);
/* Standard alphabet with padding (RFC 4648), no line breaks. */
void text_base64(struct buf *out, const void *p, size_t len);

/* A JSON string with its quotes; bytes that are not UTF-8 become U+FFFD, and what text_clean would
 * replace is written as \uXXXX: JSON, too, is looked at on terminals. */
void text_json(struct buf *out, const void *p, size_t len);

#endif
