#include "base/log.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/text.h"
#include "platform/standard.h"

static const char *log_program = "den";
static enum log_level log_most = LOG_NOTE;
static struct standard_out log_out = {.fd = -1}; /* -1: stdio is used */

void log_start(const char *program, enum log_level most)
{
    log_program = program;
    log_most = most;
}

void log_never_wait(void)
{
    standard_open(&log_out, STDERR_FILENO);
}

static void put(const char *line)
{
    if (log_out.fd < 0)
        fputs(line, stderr);
    else
        standard_print(&log_out, line, strlen(line));
}

/* Whatever is logged may quote a stranger, so every line is cleaned here and nowhere else. */
static void log_line(enum log_level level, const char *format, va_list args)
{
    char line[1024];
    struct buf clean;

    if (level > log_most)
        return;
    vsnprintf(line, sizeof line, format, args);
    buf_init(&clean, 4096);
    buf_printf(&clean, "%s: ", log_program);
    text_clean(&clean, line, strlen(line), false);
    buf_add8(&clean, '\n');
    put(buf_text(&clean));
    buf_free(&clean);
}

void log_error(const char *format, ...)
{
    va_list args;

    va_start(args, format);
    log_line(LOG_ERROR, format, args);
    va_end(args);
}

void log_note(const char *format, ...)
{
    va_list args;

    va_start(args, format);
    log_line(LOG_NOTE, format, args);
    va_end(args);
}

void log_debug(const char *format, ...)
{
    va_list args;

    va_start(args, format);
    log_line(LOG_DEBUG, format, args);
    va_end(args);
}
