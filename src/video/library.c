#include "video/library.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "video/folder.h"

bool library_name_valid(const char *name)
{
    static const char allowed[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_.-";
    size_t len = strlen(name);

    return len >= 1 && len <= LIMIT_CLIP && *name != '.' && strspn(name, allowed) == len;
}

void library_names_free(struct library_names *n)
{
    free(n->names);
    *n = (struct library_names){0};
}

static enum err library_push(struct library_names *n, const char *name)
{
    if (n->count == LIMIT_CLIPS)
        return ERR_LIMIT;
    if ((n->count & (n->count - 1)) == 0) {
        /* Full at every power of two. */
        size_t room = n->count == 0 ? 1 : n->count * 2;
        char(*grown)[LIMIT_CLIP + 1] = realloc(n->names, room * sizeof *grown);

        if (grown == NULL)
            return ERR_MEMORY;
        n->names = grown;
    }
    strcpy(n->names[n->count++], name);
    return ERR_OK;
}

static bool library_folder(int dir, const struct dirent *entry)
{
    struct stat st;

    if (!library_name_valid(entry->d_name))
        return false;
    if (entry->d_type != DT_UNKNOWN)
        return entry->d_type == DT_DIR;
    return fstatat(dir, entry->d_name, &st, AT_SYMLINK_NOFOLLOW) == 0 && S_ISDIR(st.st_mode);
}

static enum err library_walk(DIR *d, struct library_names *n)
{
    const struct dirent *entry;
    enum err e = ERR_OK;

    while (e == ERR_OK) {
        errno = 0;
        entry = readdir(d);
        if (entry == NULL)
            return errno == 0 ? ERR_OK : ERR_IO;
        if (library_folder(dirfd(d), entry))
            e = library_push(n, entry->d_name);
    }
    return e;
}

static int library_order(const void *a, const void *b)
{
    return strcmp(a, b);
}

enum err library_list(const struct library *lib, struct library_names *out)
{
    struct library_names n = {0};
    DIR *d = NULL;
    int dir;
    enum err e = folder_open(lib->dir, &dir);

    *out = n;
    if (e != ERR_OK)
        return e;
    d = fdopendir(dir);
    if (d == NULL) {
        close(dir);
        return ERR_MEMORY;
    }
    e = library_walk(d, &n);
    closedir(d);
    if (e != ERR_OK) {
        library_names_free(&n);
        return e;
    }
    if (n.count > 1)
        qsort(n.names, n.count, sizeof *n.names, library_order);
    *out = n;
    return ERR_OK;
}
