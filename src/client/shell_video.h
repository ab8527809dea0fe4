/* The commands about what is watched: clips, and others' casts. */
#ifndef DEN_CLIENT_SHELL_VIDEO_H
#define DEN_CLIENT_SHELL_VIDEO_H

struct shell;

void shell_videos(struct shell *s, const char *rest);
void shell_play(struct shell *s, const char *rest);
void shell_pause(struct shell *s, const char *rest);
void shell_seek(struct shell *s, const char *rest);
void shell_stop(struct shell *s, const char *rest);

#endif
