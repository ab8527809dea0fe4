#include "client/report_parcel.h"

#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "client/json.h"
#include "client/report_event.h"

#define SECOND INT64_C(1000000000)
#define BAR 12
#define AMOUNT 16

/* Three digits and a unit of thousands. */
static void amount(char out[static AMOUNT], uint64_t n)
{
    static const char *const units[] = {"B", "kB", "MB", "GB", "TB", "PB", "EB"};
    double value = (double)n;
    size_t unit = 0;

    while (value >= 999.5 && unit + 1 < sizeof units / sizeof units[0]) {
        value /= 1000;
        unit++;
    }
    snprintf(out, AMOUNT, unit > 0 && value < 9.95 ? "%.1f %s" : "%.0f %s", value, units[unit]);
}

static void members(struct buf *b, const struct parcel *p)
{
    json_number(b, "file", p->number);
    json_text(b, "direction", p->out ? "out" : "in");
    json_text(b, "peer", p->peer);
    json_text(b, "name", p->name);
    json_number(b, "size", p->size);
}

/* For people, where they did not ask for one thing alone. */
static void say(const struct report *r, struct buf *b, const char *mark, const char *text)
{
    if (report_unasked(r)) {
        buf_free(b);
        return;
    }
    buf_add_text(b, mark);
    text_clean(b, text, strlen(text), false);
    buf_add8(b, '\n');
    report_send(r, b);
}

void report_parcel_offered(const struct report *r, const struct parcel *p)
{
    struct buf b = report_begin(r, "file_offered");
    char size[AMOUNT], text[512];

    if (r->json) {
        members(&b, p);
        report_send(r, &b);
        return;
    }
    amount(size, p->size);
    snprintf(text, sizeof text, "%s, %s, is offered to %s (#%u; /cancel #%u takes it back).",
             p->name, size, p->peer, p->number, p->number);
    say(r, &b, "* ", text);
}

void report_parcel_offer(const struct report *r, const struct parcel *p, bool asked)
{
    struct buf b = report_begin(r, "file_offer");
    char size[AMOUNT], text[512];

    if (r->json) {
        members(&b, p);
        json_bool(&b, "asked", asked);
        report_send(r, &b);
        return;
    }
    amount(size, p->size);
    if (asked)
        snprintf(text, sizeof text, "%s offers %s, %s: /accept #%u or /decline #%u", p->peer,
                 p->name, size, p->number, p->number);
    else
        snprintf(text, sizeof text, "%s sends %s, %s (#%u).", p->peer, p->name, size, p->number);
    say(r, &b, "* ", text);
}

void report_parcel_progress(const struct report *r, const struct parcel *p)
{
    struct buf b = report_begin(r, "file_progress");
    int64_t left = meter_left(&p->meter, p->size - p->done);

    if (!r->json) {
        buf_free(&b);
        return;
    }
    members(&b, p);
    json_number(&b, "done", p->done);
    json_number(&b, "rate", meter_rate(&p->meter));
    if (left >= 0)
        json_number(&b, "left", (uint64_t)left);
    report_send(r, &b);
}

void report_parcel_cut(const struct report *r, const struct parcel *p, const char *why)
{
    struct buf b = report_begin(r, "file_cut");
    char text[768];

    snprintf(text, sizeof text, "The link to %s is lost%s%s: %s goes on when it is back (#%u).",
             p->peer, *why != 0 ? ", " : "", why, p->name, p->number);
    if (r->json) {
        members(&b, p);
        json_number(&b, "done", p->done);
        json_text(&b, "text", text);
        report_send(r, &b);
        return;
    }
    say(r, &b, "* ", text);
}

void report_parcel_changed(const struct report *r, const struct parcel *p)
{
    struct buf b = report_begin(r, "file_changed");
    char text[512];

    if (r->json) {
        members(&b, p);
        report_send(r, &b);
        return;
    }
    snprintf(text, sizeof text, "%s has changed: it begins anew (#%u).", p->name, p->number);
    say(r, &b, "* ", text);
}

void report_parcel_unreachable(const struct report *r, const struct parcel *p, enum call_end how,
                               const char *at, const char *why)
{
    char text[768];

    if (how == CALL_END_WRONG_KEY)
        snprintf(text, sizeof text,
                 "%s is not sent: SOMEBODY ELSE IS AT %s's ADDRESS, with another key.", p->name,
                 p->peer);
    else if (how == CALL_END_REFUSED)
        snprintf(text, sizeof text,
                 "%s is not sent: %s does not take it. Each must have seen the other's key in this "
                 "room.",
                 p->name, p->peer);
    else if (how == CALL_END_NO_FILES)
        snprintf(text, sizeof text, "%s is not sent: %s's den can't take files; a newer one can.",
                 p->name, p->peer);
    else if (how == CALL_END_BUSY)
        snprintf(text, sizeof text, "%s is not sent: %s has too many files under way; try later.",
                 p->name, p->peer);
    else
        snprintf(
            text, sizeof text,
            "%s is not sent: %s can't be reached at %s: %s. If a firewall there is in the way, "
            "open a port in it and start den with --direct-port.",
            p->name, p->peer, at, *why != 0 ? why : "closed");
    report_error(r, "not-reachable", text, 0);
}

/* Behind the name of the file. */
static const struct {
    const char *out, *in; /* NULL: the same */
} reasons[PARCEL_ENDS] = {
    [PARCEL_NONE] = {"", NULL},
    [PARCEL_DONE] = {"", NULL},
    [PARCEL_CANCELLED] = {"is not sent", "is not taken"},
    [PARCEL_DECLINED] = {"was declined", "was taken back"},
    [PARCEL_TOO_LARGE] = {"is larger than what is taken there",
                          "is larger than --max-file: not taken"},
    [PARCEL_NO_SPACE] = {"does not fit there: no space", "does not fit here: no space"},
    [PARCEL_CHANGED] = {"changes all the time: not sent", "has changed: not taken"},
    [PARCEL_DAMAGED] = {"came damaged", "came damaged: not kept"},
    [PARCEL_FAILED] = {"can't be read", "can't be written"},
    [PARCEL_FAILED_THERE] = {"can't be written there", "can't be read there"},
    [PARCEL_BUSY] = {"is too much at once: try later", NULL},
    [PARCEL_UNREACHABLE] = {"could not be sent", NULL},
};

static void failure_text(const struct parcel *p, char out[static 1024])
{
    const char *reason =
        p->out || reasons[p->end].in == NULL ? reasons[p->end].out : reasons[p->end].in;
    enum err e = p->out ? p->read.result : p->write.result;
    int error = p->out ? p->read.error : p->write.error;
    const char *why = "";

    if (p->end == PARCEL_FAILED)
        why = e == ERR_IO ? strerror(error) : e == ERR_FORMAT ? "no regular file" : err_text(e);
    snprintf(out, 1024, "%s %s %s %s%s%s (#%u).", p->name, p->out ? "for" : "of", p->peer, reason,
             *why != 0 ? ": " : "", why, p->number);
}

static void failed(const struct report *r, const struct parcel *p)
{
    struct buf b = report_begin(r, "file_failed");
    bool well = p->end == PARCEL_CANCELLED || p->end == PARCEL_DECLINED;
    char text[1024];

    failure_text(p, text);
    if (r->json) {
        members(&b, p);
        json_text(&b, "reason", parcel_end_word(p->end));
        json_text(&b, "text", text);
        report_send(r, &b);
    } else if (well && !report_unasked(r)) {
        say(r, &b, "* ", text);
    } else {
        buf_free(&b);
        if (p->end != PARCEL_UNREACHABLE)
            report_error(r, parcel_end_word(p->end), text, 0);
    }
}

static void done_text(const struct parcel *p, double seconds, char out[static 1024])
{
    char size[AMOUNT], rate[AMOUNT];
    const char *slash = p->out ? "" : "/";

    amount(size, p->size);
    amount(rate, seconds > 0 ? (uint64_t)((double)(p->size - p->from) / seconds) : 0);
    snprintf(out, 1024, "%s %s: %s%s%s, %s in %.1f s, %s/s (#%u).", p->peer,
             p->out ? "has it" : "sent it", p->out ? p->name : p->write.directory, slash,
             p->out ? "" : p->write.placed, size, seconds, rate, p->number);
}

static void done(const struct report *r, const struct parcel *p)
{
    struct buf b = report_begin(r, "file_done");
    double seconds = p->begun == 0 ? 0 : (double)(p->ended - p->begun) / (double)SECOND;
    char text[1024];

    if (r->json) {
        members(&b, p);
        json_number(&b, "resumed", p->from);
        json_ms(&b, "ms", p->begun == 0 ? 0 : p->ended - p->begun);
        if (!p->out) {
            struct buf path = report_buf();

            buf_printf(&path, "%s/%s", p->write.directory, p->write.placed);
            json_bytes(&b, "path", path.data, path.len);
            buf_free(&path);
        }
        report_send(r, &b);
    } else if (report_unasked(r) && !p->out) {
        buf_printf(&b, "%s/%s\n", p->write.directory, p->write.placed);
        report_send(r, &b);
    } else {
        done_text(p, seconds, text);
        say(r, &b, "* ", text);
    }
}

void report_parcel_end(const struct report *r, const struct parcel *p)
{
    if (p->end == PARCEL_DONE)
        done(r, p);
    else
        failed(r, p);
}

static const char *state_word(const struct parcel *p)
{
    static const char *const words[] = {
        [PARCEL_WAITS] = "waits",    [PARCEL_OFFERED] = "offered", [PARCEL_TURN] = "accepted",
        [PARCEL_OPENING] = "begins", [PARCEL_TAKEN] = "begins",    [PARCEL_MOVING] = "moves",
        [PARCEL_ENDING] = "ends",    [PARCEL_OVER] = "over",
    };

    return words[p->state];
}

void report_parcel(const struct report *r, const struct parcel *p)
{
    struct buf b = report_begin(r, "file");
    char size[AMOUNT], line[REPORT_PARCEL_LINE], text[512];

    if (r->json) {
        members(&b, p);
        json_text(&b, "state", state_word(p));
        json_number(&b, "done", p->done);
        report_send(r, &b);
        return;
    }
    amount(size, p->size);
    report_parcel_line(p, 1, line);
    snprintf(text, sizeof text, "#%u %s %s: %s, %s, %s", p->number, p->out ? "to" : "from", p->peer,
             p->name, size, p->state == PARCEL_MOVING ? line : state_word(p));
    say(r, &b, "* ", text);
}

/* As much of a name as a line has room for. */
static void short_name(const struct parcel *p, char out[static 32])
{
    size_t n = text_fit(p->name, strlen(p->name), 24);

    snprintf(out, 32, "%.*s%s", (int)n, p->name, p->name[n] != 0 ? "..." : "");
}

void report_parcel_line(const struct parcel *p, size_t count, char out[static REPORT_PARCEL_LINE])
{
    int64_t left = meter_left(&p->meter, p->size - p->done);
    unsigned percent = p->size == 0 ? 100 : (unsigned)((double)p->done * 100 / (double)p->size);
    char name[32], rate[AMOUNT], time[32] = "", others[32] = "";
    char bar[BAR + 1];

    short_name(p, name);
    amount(rate, meter_rate(&p->meter));
    for (unsigned i = 0; i < BAR; i++)
        bar[i] = i < percent * BAR / 100 ? '#' : '-';
    bar[BAR] = 0;
    if (left >= 0)
        snprintf(time, sizeof time, " %lld:%02lld left", (long long)(left / 60),
                 (long long)(left % 60));
    if (count > 1)
        snprintf(others, sizeof others, " +%zu", count - 1);
    snprintf(out, REPORT_PARCEL_LINE, "%s %s %u%% %s/s%s%s", name, bar, percent, rate, time,
             others);
}
