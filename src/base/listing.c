#include "base/listing.h"

#include <errno.h>
#include <string.h>

#include "platform/file.h"

/* "den bans 1": up to the version. */
static size_t kind_length(const char *title)
{
    return (size_t)(strrchr(title, ' ') - title) + 1;
}

static enum err parse(char *text, size_t len, const char *title, enum listing_end end,
                      enum err (*take)(void *owner, char *line), void *owner)
{
    enum err e = ERR_OK;
    char *line;

    if (strlen(text) != len)
        return ERR_BROKEN;
    line = strsep(&text, "\n");
    if (strncmp(line, title, kind_length(title)) != 0)
        return ERR_BROKEN;
    if (strcmp(line, title) != 0)
        return ERR_VERSION;
    while (e == ERR_OK && (line = strsep(&text, "\n")) != NULL) {
        if (text == NULL && *line == 0)
            return ERR_OK;
        e = take(owner, line);
    }
    return e == ERR_OK && end == LISTING_WHOLE ? ERR_BROKEN : e;
}

enum err listing_read(const char *path, size_t limit, const char *title, enum listing_end end,
                      enum err (*take)(void *owner, char *line), void *owner)
{
    struct file_bytes file = {0};
    int failed = file_read(&file, path, limit, FILE_NOFOLLOW);
    enum err e = ERR_IO;

    if (failed == -ENOENT)
        return ERR_OK;
    if (failed == 0)
        e = parse((char *)file.data, file.len, title, end, take, owner);
    file_free(&file);
    errno = -failed;
    return e;
}

void listing_begin(struct buf *out, size_t limit, const char *title)
{
    buf_init(out, limit);
    buf_printf(out, "%s\n", title);
}

enum err listing_write(const char *path, struct buf *out)
{
    int failed = out->failed ? -ENOMEM : file_write(path, out->data, out->len, 0600);

    buf_free(out);
    errno = -failed;
    return failed == 0 ? ERR_OK : ERR_IO;
}
