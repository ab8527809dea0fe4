/* What a program says of itself, to standard error, one cleaned line a call. */
#ifndef DEN_BASE_LOG_H
#define DEN_BASE_LOG_H

enum log_level { LOG_ERROR, LOG_NOTE, LOG_DEBUG };

/* The program's name before each line ("dend"), and the highest level shown; not copied. */
void log_start(const char *program, enum log_level most);

/* From now on whoever stops the terminal, or reads slowly, does not stop the program: lines that are
 * not taken soon are lost. */
void log_never_wait(void);

void log_error(const char *format, ...) __attribute__((format(printf, 1, 2)));
void log_note(const char *format, ...) __attribute__((format(printf, 1, 2)));
void log_debug(const char *format, ...) __attribute__((format(printf, 1, 2)));

#endif
