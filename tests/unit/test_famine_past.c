/* Memory that runs out while somebody who was away is given the rest of the log: what comes is whole and
 * in order, it ends or the link does, and who asks again gets all of it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/log.h"
#include "server/past.h"
#include "tests/kit/famine.h"
#include "tests/kit/stage.h"

#define MESSAGES 30 /* in segments of their own and in one, and more than a piece */
#define OUT (1 << 20)

static struct stage stage;
static struct actor alice;
static struct buf resume;

static void say(uint64_t id)
{
    struct buf envelope, out;

    buf_init(&envelope, LIMIT_ENVELOPE);
    buf_init(&out, MESSAGE_HEADER + LIMIT_MESSAGE);
    stage_envelope(&envelope, id);
    wire_put_send(&out, id, (struct span){envelope.data, envelope.len});
    actor_send(&alice, &out);
    desk_finish(&stage.desk);
    buf_free(&envelope);
    buf_free(&out);
}

static void come_in(void)
{
    actor_enter(&alice, &stage, 1, "alice", 0);
    stage_later(&stage, NOTICES_GAP_NS);
    actor_skip(&alice);
    assert_non_null(buf_reserve(&alice.out, OUT));
}

static void put_resume(void)
{
    struct wire_resume m = {stage.room.log.log_id, 0};

    buf_clear(&resume);
    wire_put_resume(&resume, &m);
}

static void open_stage(void)
{
    log_start("test", (enum log_level) - 1);
    buf_init(&resume, LIMIT_HELLO);
    stage_open(&stage);
    actor_enter(&alice, &stage, 1, "alice", 0);
    for (uint64_t id = 1; id <= MESSAGES; id++) {
        stage.room.log.rotate = id % 10 == 0;
        say(id);
    }
    actor_end(&alice);
    come_in();
    put_resume();
}

/* Asks, and takes what comes, until nothing does. */
static void ask(void)
{
    uint8_t record[16384];
    size_t before = SIZE_MAX;

    actor_send(&alice, &resume);
    for (; before != alice.out.len && alice.session.state == SESSION_ROOM;
         desk_finish(&stage.desk)) {
        before = alice.out.len;
        assert_int_equal(session_fill(&alice.session, record, sizeof record), 0);
        desk_finish(&stage.desk);
    }
}

/* True if it came to its end with all that there is. */
static bool got_all(void)
{
    uint64_t next = 1;
    struct wire_past m;
    struct wire_past_end end;

    for (; actor_peek(&alice) == MESSAGE_PAST; next++) {
        assert_int_equal(wire_get_past(actor_next(&alice, MESSAGE_PAST), &m), ERR_OK);
        assert_int_equal(m.sealed.number, next);
    }
    if (actor_peek(&alice) != MESSAGE_PAST_END)
        return false;
    assert_int_equal(wire_get_past_end(actor_next(&alice, MESSAGE_PAST_END), &end), ERR_OK);
    assert_true(end.from == 0 && end.last == MESSAGES && end.lost == 0);
    return next == MESSAGES + 1;
}

static void alice_asks(void)
{
    bool struck, all;

    open_stage();
    famine_begin();
    ask();
    struck = famine_end();
    all = got_all();
    assert_true(struck || all);
    if (!all) {
        assert_true(alice.session.state == SESSION_OVER && alice.finished);
        assert_true(actor_peek(&alice) == MESSAGE_ERROR || actor_peek(&alice) == 0);
        actor_end(&alice);
        come_in();
    }
    assert_int_equal(alice.session.state, SESSION_ROOM);
    put_resume();
    ask();
    assert_true(got_all());
    desk_finish(&stage.desk);
    actor_end(&alice);
    stage_close(&stage);
    buf_free(&resume);
}

static void the_log_is_read(void **state)
{
    (void)state;
    famine_walk(alice_asks);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_log_is_read),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
