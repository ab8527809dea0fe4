/* clip.conf: what is understood is written so that it is understood as the same. */
#include <string.h>

#include "base/text.h"
#include "tests/fuzz/fuzz.h"
#include "video/conf.h"

static void warn(void *context, const char *sentence)
{
    FUZZ_HOLDS(sentence[0] != 0 && text_valid(sentence, strlen(sentence)));
    ++*(size_t *)context;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    struct conf one, two;
    char why[LIMIT_REASON] = "";
    size_t warned = 0;
    struct buf out;

    if (len > 1u << 16)
        return 0;
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
    static const char *const texts[] = {
        "fps = 25\ntitle = A film\n", "# comment\r\nfps = 30000/1001\r\n\r\n",
        "title = Gr\u00fc\u00dfe\nfps=23.976\ncolour = no\n", "fps = 0\n", "fps = 1/0\n"};

    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++)
        put(context, texts[i], strlen(texts[i]));
}
