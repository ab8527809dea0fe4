#include "tests/bench/crowd/watched.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The number behind `word` in a file of /proc, or the first one without it. */
static int64_t number_in(const char *path, const char *word)
{
    char line[256];
    FILE *f = fopen(path, "r");
    int64_t n = 0;

    if (f == NULL)
        return 0;
    while (fgets(line, sizeof line, f) != NULL) {
        if (strncmp(line, word, strlen(word)) == 0) {
            n = strtoll(line + strlen(word), NULL, 10);
            break;
        }
    }
    fclose(f);
    return n;
}

struct watched watched_now(int pid)
{
    struct watched w = {0};
    char path[512];
    struct dirent *d;
    DIR *tasks;

    snprintf(path, sizeof path, "/proc/%d/task", pid);
    tasks = opendir(path);
    if (tasks == NULL)
        return w;
    while ((d = readdir(tasks)) != NULL) {
        if (d->d_name[0] == '.')
            continue;
        snprintf(path, sizeof path, "/proc/%d/task/%s/schedstat", pid, d->d_name);
        w.cpu_ns += number_in(path, "");
        snprintf(path, sizeof path, "/proc/%d/task/%s/status", pid, d->d_name);
        w.wakes += number_in(path, "voluntary_ctxt_switches:");
    }
    closedir(tasks);
    return w;
}
