#include "client/shell_video.h"

#include "base/text.h"
#include "client/client.h"
#include "client/shell.h"
#include "wire/video.h"

void shell_videos(struct shell *s, const char *rest)
{
    struct client *c = s->client;
    struct buf out;

    if (!shell_nothing_more(s, rest) || !client_has_server(c) || c->videos_asked)
        return;
    c->videos_asked = true;
    buf_init(&out, LIMIT_HELLO);
    wire_put_list(&out);
    client_send(c, &out);
}

void shell_play(struct shell *s, const char *rest)
{
    char clip[LIMIT_CLIP + 1], schedule[16] = "thirds";
    const char *after;

    if (!shell_split_word(rest, clip, sizeof clip, &after) ||
        (*after != 0 && !shell_split_word(after, schedule, sizeof schedule, &after)) ||
        *after != 0) {
        shell_complain(s, "usage", "usage: /play NAME [thirds|alternate|auto|HEIGHT]");
        return;
    }
    if (client_has_server(s->client))
        cinema_play(s->client, clip, schedule);
}

void shell_pause(struct shell *s, const char *rest)
{
    if (shell_nothing_more(s, rest) && !cinema_pause(s->client))
        shell_complain(s, "no-clip", "no clip is playing");
}

void shell_seek(struct shell *s, const char *rest)
{
    char word[16];
    const char *number = shell_only_word(rest, word, sizeof word);
    uint64_t seconds;

    if (number == NULL || !text_to_u64(number, UINT32_MAX, &seconds))
        shell_complain(s, "usage", "usage: /seek SECONDS");
    else if (!cinema_seek(s->client, (uint32_t)seconds))
        shell_complain(s, "no-clip", "no clip is playing");
}

void shell_stop(struct shell *s, const char *rest)
{
    if (shell_nothing_more(s, rest) && !cinema_stop(s->client, "stopped"))
        shell_complain(s, "no-clip", "no clip is playing");
}
