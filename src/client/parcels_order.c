#include "client/parcels_order.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/text.h"
#include "client/client.h"
#include "client/parcel_name.h"
#include "client/parcel_store.h"
#include "client/report_parcel.h"
#include "client/take.h"
#include "client/trust.h"

static void complain(struct client *c, const char *word, const char *name, const char *why)
{
    char text[512];

    snprintf(text, sizeof text, "%.256s%s%s", name, *name != 0 ? ": " : "", why);
    report_error(&c->report, word, text, 0);
}

/* Who can be sent something. NULL with a complaint. */
static const struct member *find_receiver(struct client *c, const char *name,
                                          enum parcels_sent *how)
{
    const struct member *m = members_find(&c->members, name);
    const struct trust_objection *objection = m == NULL ? NULL : trust_objects(c, m);
    struct address at;
    const char *why;
    char text[256];

    *how = m == NULL ? PARCELS_ABSENT : objection != NULL ? PARCELS_KEY : PARCELS_NOT;
    if (m == NULL) {
        snprintf(text, sizeof text,
                 "no such member: %.64s. Files go from den to den: both must be in the room.",
                 name);
        complain(c, "no-member", "", text);
    } else if (!c->config->one_shot && public_key_same(&m->key, &c->identity.public)) {
        complain(c, "usage", name, "that is yourself");
    } else if (objection != NULL) {
        snprintf(text, sizeof text, "nothing is sent: the key %s (/trust %s)", objection->what,
                 m->name);
        complain(c, objection->code, m->name, text);
    } else if (!direct_address(c, m, &at, &why)) {
        snprintf(text, sizeof text, "%s%s", why,
                 m->direct_port == 0 ? ": its den must be started without --direct-port off" : "");
        complain(c, "not-reachable", m->name, text);
    } else {
        return m;
    }
    return NULL;
}

/* The path from the root, for a later run may be elsewhere. */
static bool whole_path(const char *path, char out[static PATHS_MAX])
{
    char here[PATHS_MAX];

    if (path[0] == '/')
        return snprintf(out, PATHS_MAX, "%s", path) < PATHS_MAX;
    return getcwd(here, sizeof here) != NULL && paths_join(out, here, path);
}

/* The same file to the same key, that is under way. */
static struct parcel *find_same(const struct client *c, const struct member *m, const char *path)
{
    for (struct parcel *p = c->parcels.list; p != NULL; p = p->next) {
        if (p->out && p->state != PARCEL_OVER && strcmp(p->read.path, path) == 0 &&
            memcmp(p->key, m->key.fingerprint, sizeof p->key) == 0)
            return p;
    }
    return NULL;
}

static struct parcel *make(struct client *c, const struct member *m, const char *path)
{
    struct parcel *p = parcels_add(c, true);

    if (p == NULL)
        return NULL;
    if (!parcel_read_init(&p->read, path)) {
        p->told = true;
        parcel_finish(p, PARCEL_FAILED);
        return NULL;
    }
    parcel_name_clean(p->name, (struct span){(const uint8_t *)path, strlen(path)});
    random_bytes(&c->random, p->token, sizeof p->token);
    memcpy(p->key, m->key.fingerprint, sizeof p->key);
    snprintf(p->peer, sizeof p->peer, "%s", m->name);
    return p;
}

enum parcels_sent parcels_send(struct client *c, const char *name, const char *path)
{
    enum parcels_sent how;
    const struct member *m = find_receiver(c, name, &how);
    char whole[PATHS_MAX];
    struct parcel *p;

    if (m == NULL)
        return how;
    if (path[0] == 0 || !whole_path(path, whole)) {
        complain(c, "usage", path, "not a file");
        return PARCELS_NOT;
    }
    p = find_same(c, m, whole);
    if (p != NULL && p->known && p->state != PARCEL_WAITS) {
        complain(c, "usage", p->name, "is on its way already (/files)");
        return PARCELS_NOT;
    }
    if (p == NULL)
        p = make(c, m, whole);
    if (p == NULL) {
        complain(c, "limit", path, "out of memory, or too many files");
        return PARCELS_NOT;
    }
    p->again = 0;
    p->wait = PARCELS_WAIT_NS;
    p->asked = true;
    parcels_go_on(p);
    return PARCELS_SENT;
}

static bool is_offered(const struct parcel *p, const char *name)
{
    return !p->out && p->state == PARCEL_OFFERED && (*name == 0 || text_name_same(p->peer, name));
}

size_t parcels_offers(const struct client *c, const char *name)
{
    size_t n = 0;

    for (const struct parcel *p = c->parcels.list; p != NULL; p = p->next)
        n += is_offered(p, name);
    return n;
}

static void answer(struct parcel *p, bool yes)
{
    if (!yes) {
        parcels_drop(p, PARCEL_CANCELLED);
        return;
    }
    take_agree(p);
    parcels_go_on(p);
}

void parcels_answer(struct client *c, const char *name, bool yes)
{
    for (struct parcel *p = c->parcels.list; p != NULL; p = p->next) {
        if (is_offered(p, name))
            answer(p, yes);
    }
}

void parcels_answer_one(struct client *c, uint32_t number, bool yes)
{
    struct parcel *p = parcels_find(c, number);

    if (p != NULL && is_offered(p, ""))
        answer(p, yes);
    else
        complain(c, "no-file", "", "no such file is offered (/files)");
}

void parcels_cancel(struct client *c, uint32_t number)
{
    struct parcel *p = parcels_find(c, number);

    if (p != NULL)
        parcels_drop(p, PARCEL_CANCELLED);
    else
        complain(c, "no-file", "", "there is no such file (/files)");
}

void parcels_list(const struct client *c)
{
    size_t n = 0;

    for (const struct parcel *p = c->parcels.list; p != NULL; p = p->next) {
        if (p->state == PARCEL_OVER)
            continue;
        report_parcel(&c->report, p);
        n++;
    }
    if (n == 0)
        report_note(&c->report, "No file is on its way.");
}
