/* clip.conf: what is understood is written so that it is understood as the same. And dend.conf, den.conf:
 * each value that is taken lies in the text, and a wrong line makes a sentence. */
#include <string.h>

#include "base/optfile.h"
#include "base/text.h"
#include "tests/fuzz/fuzz.h"
#include "video/conf.h"

static void warn(void *context, const char *sentence)
{
    FUZZ_HOLDS(sentence[0] != 0 && text_valid(sentence, strlen(sentence)));
    ++*(size_t *)context;
}

static const struct option options[] = {
    {"fps", required_argument, NULL, 'f'},      {"title", required_argument, NULL, 't'},
    {"log-days", required_argument, NULL, 300}, {"stay", optional_argument, NULL, 's'},
    {"config", required_argument, NULL, 'c'},   {0},
};

struct text {
    const char *begin;
    size_t len, taken;
};

static const char *take(void *owner, int option, const char *value)
{
    struct text *t = owner;
    bool on;

    FUZZ_HOLDS(option == 'f' || option == 't' || option == 300 || option == 's');
    FUZZ_HOLDS(value >= t->begin && value + strlen(value) <= t->begin + t->len);
    t->taken++;
    if (option == 's')
        return optfile_switch(&on, value);
    return strlen(value) < 100 ? NULL : "not short:";
}

static void read_options(const uint8_t *data, size_t len)
{
    struct text text = {NULL, len, 0};
    const struct optfile_list list = {options, "c", take, &text};
    char why[OPTFILE_WHY] = "", *copy = malloc(len + 1);

    FUZZ_HOLDS(copy != NULL);
    if (len > 0)
        memcpy(copy, data, len);
    copy[len] = 0;
    text.begin = copy;
    if (!optfile_parse(copy, len, "x.conf", &list, why)) {
        FUZZ_HOLDS(strncmp(why, "x.conf line ", 12) == 0 && text_valid(why, strlen(why)));
        FUZZ_HOLDS(strchr(why, '\n') == NULL && strchr(why, '\'') != NULL);
    }
    free(copy);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    struct conf one, two;
    char why[LIMIT_REASON] = "";
    size_t warned = 0;
    struct buf out;

    if (len > 1u << 16)
        return 0;
    read_options(data, len);
    if (conf_parse(data, len, warn, &warned, &one, why) != ERR_OK) {
        FUZZ_HOLDS(why[0] != 0 && text_valid(why, strlen(why)));
        return 0;
    }
    FUZZ_HOLDS(one.fps.num > 0 && one.fps.den > 0 && text_valid(one.title, strlen(one.title)));
    buf_init(&out, 4096);
    conf_write(&one, &out);
    warned = 0;
    FUZZ_HOLDS(conf_parse(out.data, out.len, warn, &warned, &two, why) == ERR_OK && warned == 0);
    FUZZ_HOLDS(one.fps.num == two.fps.num && one.fps.den == two.fps.den);
    FUZZ_HOLDS(strcmp(one.title, two.title) == 0);
    buf_free(&out);
    return 0;
}

void fuzz_seeds(fuzz_put *put, void *context)
{
    static const char *const texts[] = {"fps = 25\ntitle = A film\n",
                                        "# comment\r\nfps = 30000/1001\r\n\r\n",
                                        "title = Gr\u00fc\u00dfe\nfps=23.976\ncolour = no\n",
                                        "fps = 0\n",
                                        "fps = 1/0\n",
                                        "log-days = 3\nstay = yes\nlogdays = 1\n",
                                        "stay=no\r\nfps = 3 # no comment\nconfig = x\n"};

    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++)
        put(context, texts[i], strlen(texts[i]));
}
