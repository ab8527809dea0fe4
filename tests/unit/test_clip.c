/* Libraries and clips: what is found, what is refused and why. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <sys/stat.h>
#include <unistd.h>

#include "tests/kit/film.h"
#include "video/clip.h"

struct place {
    char top[FILM_PATH], lib[FILM_PATH], cache[FILM_PATH];
    struct library library;
    char why[LIMIT_REASON];
};

static int set_up(void **state)
{
    struct place *p = calloc(1, sizeof *p);

    film_folder(p->top);
    film_subfolder(p->lib, p->top, "lib");
    film_subfolder(p->cache, p->top, "cache");
    p->library.dir = p->lib;
    *state = p;
    return 0;
}

static int tear_down(void **state)
{
    struct place *p = *state;

    film_remove(p->top);
    free(p);
    return 0;
}

static void put_rendition(const char *folder, const char *name, size_t frames)
{
    struct buf film;

    buf_init(&film, 1 << 20);
    film_frames(&film, 64, 48, frames);
    film_file(folder, name, film.data, film.len);
    buf_free(&film);
}

/* A clip of three renditions, the middle one with the fewest frames. */
static void put_clip(const struct place *p, const char *name, char folder[static FILM_PATH])
{
    film_subfolder(folder, p->lib, name);
    film_file(folder, "clip.conf", "fps = 24000/1001\ntitle = A film\n", 32);
    put_rendition(folder, "1440p.mjpeg", 12);
    put_rendition(folder, "240p.mjpeg", 11);
    put_rendition(folder, "720p.mjpeg", 10);
}

static bool exists(const char *folder, const char *name)
{
    char path[2 * FILM_PATH];
    struct stat st;

    snprintf(path, sizeof path, "%s/%s", folder, name);
    return stat(path, &st) == 0 && S_ISREG(st.st_mode);
}

static void a_clip_is_loaded(void **state)
{
    struct place *p = *state;
    char folder[FILM_PATH];
    struct clip *c;
    int64_t offset;
    size_t length;

    put_clip(p, "film", folder);
    put_rendition(folder, "0720p.mjpeg", 1); /* none of these is a rendition */
    put_rendition(folder, "720p.mjpeg.bak", 1);
    put_rendition(folder, "5000p.mjpeg", 1);
    assert_int_equal(clip_load(&p->library, "film", &c, p->why), ERR_OK);
    assert_string_equal(c->name, "film");
    assert_string_equal(c->title, "A film");
    assert_int_equal(c->fps.num, 24000);
    assert_int_equal(c->frames, 10);
    assert_int_equal(c->count, 3);
    assert_int_equal(c->heights[0], 240);
    assert_int_equal(c->heights[1], 720);
    assert_int_equal(c->heights[2], 1440);
    for (size_t r = 0; r < 3; r++) {
        uint8_t soi[2];

        assert_int_equal(c->renditions[r].height, c->heights[r]);
        assert_int_equal(c->renditions[r].index.width, 64);
        assert_int_equal(clip_frame(c, r, 9, &offset, &length), ERR_OK);
        assert_true(length > 0);
        assert_int_equal(pread(c->renditions[r].fd, soi, 2, (off_t)offset), 2);
        assert_memory_equal(soi, "\xff\xd8", 2);
    }
    assert_int_equal(clip_frame(c, 0, 10, &offset, &length), ERR_UNKNOWN);
    assert_int_equal(clip_frame(c, 3, 0, &offset, &length), ERR_UNKNOWN);
    clip_free(c);
    clip_free(NULL);
}

static void indexes_are_kept_and_renewed(void **state)
{
    struct place *p = *state;
    char folder[FILM_PATH];
    struct clip *c;

    put_clip(p, "film", folder);
    assert_int_equal(clip_load(&p->library, "film", &c, p->why), ERR_OK);
    clip_free(c);
    assert_true(exists(folder, "240p.mjpeg.idx"));
    assert_true(exists(folder, "1440p.mjpeg.idx"));
    put_rendition(folder, "720p.mjpeg", 5);
    assert_int_equal(clip_load(&p->library, "film", &c, p->why), ERR_OK);
    assert_int_equal(c->frames, 5);
    clip_free(c);
    film_file(folder, "720p.mjpeg.idx", "rubbish", 7);
    assert_int_equal(clip_load(&p->library, "film", &c, p->why), ERR_OK);
    assert_int_equal(c->frames, 5);
    clip_free(c);
}

/* A directory of the index's name can't be replaced, not even by root. */
static void an_index_that_cannot_stay_goes_to_the_cache(void **state)
{
    struct place *p = *state;
    char folder[FILM_PATH], in_the_way[FILM_PATH];
    struct clip *c;

    put_clip(p, "film", folder);
    film_subfolder(in_the_way, folder, "240p.mjpeg.idx");
    assert_int_equal(clip_load(&p->library, "film", &c, p->why), ERR_OK);
    clip_free(c);
    p->library.cache = p->cache;
    assert_int_equal(clip_load(&p->library, "film", &c, p->why), ERR_OK);
    clip_free(c);
    assert_true(exists(p->cache, "film.240p.mjpeg.idx"));
    assert_false(exists(p->cache, "film.720p.mjpeg.idx"));
    assert_int_equal(clip_load(&p->library, "film", &c, p->why), ERR_OK);
    clip_free(c);
}

static void broken_frames_are_told(void **state)
{
    struct place *p = *state;
    char folder[FILM_PATH];
    struct buf film;
    struct clip *c;
    int64_t offset;
    size_t length;

    film_subfolder(folder, p->lib, "film");
    film_file(folder, "clip.conf", "fps=24", 6);
    buf_init(&film, 65536);
    film_frame(&film, 64, 48, FILM_NO_SCAN);
    film_frame(&film, 64, 48, 0);
    film_file(folder, "720p.mjpeg", film.data, film.len);
    buf_free(&film);
    assert_int_equal(clip_load(&p->library, "film", &c, p->why), ERR_OK);
    assert_string_equal(c->title, "film");
    assert_int_equal(c->frames, 2);
    assert_int_equal(clip_frame(c, 0, 0, &offset, &length), ERR_BROKEN);
    assert_int_equal(clip_frame(c, 0, 1, &offset, &length), ERR_OK);
    clip_free(c);
}

static void refused(struct place *p, const char *name, enum err want, const char *why)
{
    struct clip *c;

    assert_int_equal(clip_load(&p->library, name, &c, p->why), want);
    assert_null(c);
    assert_string_equal(p->why, why);
    assert_null(strstr(p->why, p->top));
}

static void each_fault_has_its_reason(void **state)
{
    struct place *p = *state;
    char folder[FILM_PATH], path[2 * FILM_PATH];

    refused(p, "film", ERR_UNKNOWN, "there is no clip film");
    film_file(p->lib, "file", "", 0);
    refused(p, "file", ERR_UNKNOWN, "there is no clip file");
    film_subfolder(folder, p->lib, "film");
    refused(p, "film", ERR_FORMAT, "clip film has no clip.conf, which gives its fps");
    film_file(folder, "clip.conf", "fps = x", 7);
    refused(p, "film", ERR_FORMAT,
            "clip.conf line 1: fps is a rate as 24, 24000/1001 or 23.976, not 'x'");
    film_file(folder, "clip.conf", "fps = 24", 8);
    refused(p, "film", ERR_EMPTY, "clip film has no rendition (a file such as 720p.mjpeg)");
    film_file(folder, "720p.mjpeg", "not a film", 10);
    refused(p, "film", ERR_EMPTY, "720p.mjpeg of clip film has no whole frame");
    snprintf(path, sizeof path, "%s/240p.mjpeg", folder);
    assert_int_equal(symlink("720p.mjpeg", path), 0);
    refused(p, "film", ERR_IO, "240p.mjpeg of clip film: not a file");
    for (int h = 1; h <= LIMIT_RENDITIONS; h++) {
        snprintf(path, sizeof path, "%dp.mjpeg", h);
        put_rendition(folder, path, 1);
    }
    refused(p, "film", ERR_LIMIT, "clip film has more than 6 renditions");
    p->library.dir = "/nowhere/at/all";
    refused(p, "film", ERR_UNKNOWN, "the library of clips is not there");
}

static void path_tricks_find_nothing(void **state)
{
    static const char *const names[] = {
        "..",           ".",     "",       "../lib/film", "./film", "film/", "/etc",
        "film/../film", "fi lm", "film\n", "f\xc3\xafl",  ".film",  "link"};
    struct place *p = *state;
    char folder[FILM_PATH], path[2 * FILM_PATH], longest[LIMIT_CLIP + 2];
    struct clip *c;

    put_clip(p, "film", folder);
    snprintf(path, sizeof path, "%s/link", p->lib);
    assert_int_equal(symlink("film", path), 0);
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        assert_int_equal(clip_load(&p->library, names[i], &c, p->why), ERR_UNKNOWN);
    memset(longest, 'a', sizeof longest);
    longest[LIMIT_CLIP + 1] = 0;
    assert_false(library_name_valid(longest));
    longest[LIMIT_CLIP] = 0;
    assert_true(library_name_valid(longest));
}

static void the_library_lists_its_clips(void **state)
{
    struct place *p = *state;
    char folder[FILM_PATH], path[2 * FILM_PATH];
    struct library_names n;

    assert_int_equal(library_list(&p->library, &n), ERR_OK);
    assert_int_equal(n.count, 0);
    library_names_free(&n);
    film_subfolder(folder, p->lib, "b");
    film_subfolder(folder, p->lib, "a-1");
    film_subfolder(folder, p->lib, "C");
    film_subfolder(folder, p->lib, ".half-made");
    film_subfolder(folder, p->lib, "not a name");
    film_file(p->lib, "file", "", 0);
    snprintf(path, sizeof path, "%s/link", p->lib);
    assert_int_equal(symlink("b", path), 0);
    assert_int_equal(library_list(&p->library, &n), ERR_OK);
    assert_int_equal(n.count, 3);
    assert_string_equal(n.names[0], "C");
    assert_string_equal(n.names[1], "a-1");
    assert_string_equal(n.names[2], "b");
    library_names_free(&n);
    library_names_free(&n);
    p->library.dir = "/nowhere/at/all";
    assert_int_equal(library_list(&p->library, &n), ERR_UNKNOWN);
    assert_int_equal(n.count, 0);
}

/* By another way: whole periods of num frames take den seconds exactly. */
static void pts_are_exact(void **state)
{
    static const struct fraction rates[] = {{24, 1},   {24000, 1001},   {30000, 1001},
                                            {25, 1},   {1000000, 999},  {1, 100},
                                            {1000, 1}, {999983, 999979}};

    (void)state;
    for (size_t r = 0; r < sizeof rates / sizeof *rates; r++) {
        struct clip c = {.fps = rates[r], .frames = LIMIT_FRAMES};
        uint64_t num = rates[r].num, den = rates[r].den;
        int64_t before = -1;

        for (size_t i = 0; i <= LIMIT_FRAMES; i = i < 3000 ? i + 1 : i * 3 / 2) {
            uint64_t periods = i / num, rest = i % num;
            uint64_t want = periods * den * 1000000000 + rest * den * 1000 / num * 1000000;
            int64_t pts = clip_pts_ns(&c, i);

            /* The second term is rounded to ms, to stay in 64 bits. */
            assert_true((uint64_t)pts >= want && (uint64_t)pts < want + 1000000);
            assert_true(pts > before);
            assert_int_equal(clip_frame_at(&c, pts), i < LIMIT_FRAMES ? i : LIMIT_FRAMES);
            assert_int_equal(clip_frame_at(&c, pts + 1), i < LIMIT_FRAMES ? i + 1 : LIMIT_FRAMES);
            before = pts;
        }
        if (rates[r].num == 24000)
            assert_int_equal(clip_pts_ns(&c, 24000), 1001000000000);
    }
}

#define CASE(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(a_clip_is_loaded),
        CASE(indexes_are_kept_and_renewed),
        CASE(an_index_that_cannot_stay_goes_to_the_cache),
        CASE(broken_frames_are_told),
        CASE(each_fault_has_its_reason),
        CASE(path_tricks_find_nothing),
        CASE(the_library_lists_its_clips),
        cmocka_unit_test(pts_are_exact),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
