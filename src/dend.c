/* dend: the server. Signals, and the loop. */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/log.h"
#include "platform/harden.h"
#include "platform/manager.h"
#include "platform/signals.h"
#include "platform/standard.h"
#include "server/caller.h"
#include "server/flags.h"
#include "server/server.h"

enum exit_code { EXIT_GOOD = 0, EXIT_FAILED = 1, EXIT_USAGE = 2 };

static void on_signal(struct loop_watch *w, bool readable, bool writable)
{
    bool *stop = w->owner;

    (void)readable;
    (void)writable;
    while (signals_next(w->fd) != 0)
        *stop = true;
}

/* What a service manager waits for, and anybody who started us reads. */
static void say_ready(const struct server *s, int manager)
{
    char at[ADDRESS_TEXT], text[ADDRESS_TEXT + 64];
    int failed;

    server_address(s, at);
    printf("dend: listening on %s, fingerprint %s\n", at, server_fingerprint(s));
    fflush(stdout);
    snprintf(text, sizeof text, "READY=1\nSTATUS=listening on %s", at);
    failed = manager_say(manager, text);
    if (failed != 0 && failed != -ENOENT)
        log_error("can't tell the service manager: %s", strerror(-failed));
}

static int serve(struct server *s, int manager)
{
    static const int numbers[] = {SIGTERM, SIGINT, SIGHUP};
    bool stop = false;
    struct loop_watch watch = {.fd = -1, .ready = on_signal, .owner = &stop};
    int fd = signals_open(numbers, sizeof numbers / sizeof numbers[0]);

    if (fd < 0 || !loop_add(server_loop(s), &watch, fd)) {
        log_error("can't wait for signals");
        return EXIT_FAILED;
    }
    loop_want(server_loop(s), &watch, true, false);
    say_ready(s, manager);
    while (!server_stopped(s)) {
        if (!server_turn(s))
            return EXIT_FAILED;
        if (stop)
            server_stop(s, "the server stops");
    }
    manager_say(manager, "STOPPING=1");
    close(fd);
    return EXIT_GOOD;
}

static int ctl(int argc, char **argv)
{
    struct flags f;
    int first = argc, code = EXIT_USAGE;

    log_start("dend", LOG_NOTE);
    if (flags_ctl(&f, argc, argv, &first))
        code = f.nothing ? EXIT_GOOD
                         : caller_run(f.config.state, argv + first, (size_t)(argc - first));
    flags_free(&f);
    return code;
}

static int run_room(const struct flags *f)
{
    struct server *s;
    char why[512];
    int code = EXIT_FAILED, manager = manager_open();

    harden_process();
    umask(077);
    log_start("dend", f->verbose ? LOG_DEBUG : LOG_NOTE);
    log_never_wait();
    if (access(f->config.library, R_OK | X_OK) != 0)
        log_note("no clips so far: library %s: %s", f->config.library, strerror(errno));
    s = server_open(&f->config, why);
    if (s != NULL)
        code = serve(s, manager);
    else
        log_error("%s", why);
    server_close(s);
    if (manager >= 0)
        close(manager);
    return code;
}

static int run(int argc, char **argv)
{
    struct flags f;
    int code = EXIT_USAGE;

    if (flags_parse(&f, argc, argv))
        code = f.nothing ? EXIT_GOOD : run_room(&f);
    flags_free(&f);
    return code;
}

int main(int argc, char **argv)
{
    standard_unbuffered();
    if (!standard_hold())
        return EXIT_FAILED;
    if (argc > 1 && strcmp(argv[1], "ctl") == 0)
        return ctl(argc - 1, argv + 1);
    return run(argc, argv);
}
