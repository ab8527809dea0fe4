/* Asking for a secret on the process's own terminal, whatever standard input is. */
#ifndef DEN_PLATFORM_TERMINAL_H
#define DEN_PLATFORM_TERMINAL_H

#include <stddef.h>

/* Shows the prompt on /dev/tty and reads a line there, without echo, as bytes without the line feed.
 * Returns 0 and sets *len; -ENXIO or another reason if there is no terminal, -ENODATA at the end of
 * input, -E2BIG if the line is longer than size. The terminal's modes come back on every way out: also
 * before a signal that ends or stops the process, which is raised again. Not for a program that has
 * more than one thread yet, or reads its signals in a loop. */
int terminal_ask_secret(const char *prompt, char *out, size_t size, size_t *len);

#endif
