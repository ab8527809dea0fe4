#include "proto/qr.h"

#if DEN_QR

#include <qrencode.h>

#define QUIET 4 /* light modules around the code (ISO/IEC 18004 9.1) */

/* Modules outside the code are light, but for a last line that would be half a row too many. */
static bool light(const QRcode *code, int x, int y)
{
    bool inside = x >= 0 && x < code->width && y >= 0 && y < code->width;

    if (!inside)
        return y < code->width + QUIET;
    return (code->data[y * code->width + x] & 1) == 0;
}

bool qr_draw(struct buf *out, const char *text, const char *margin)
{
    static const char *const blocks[] = {" ", "\u2580", "\u2584", "\u2588"};
    QRcode *code = QRcode_encodeString(text, 0, QR_ECLEVEL_M, QR_MODE_8, 1);

    if (code == NULL)
        return false;
    for (int y = -QUIET; y < code->width + QUIET; y += 2) {
        buf_add_text(out, margin);
        for (int x = -QUIET; x < code->width + QUIET; x++)
            buf_add_text(out,
                         blocks[(light(code, x, y) ? 1 : 0) + (light(code, x, y + 1) ? 2 : 0)]);
        buf_add8(out, '\n');
    }
    QRcode_free(code);
    return true;
}

#else

bool qr_draw(struct buf *out, const char *text, const char *margin)
{
    (void)out;
    (void)text;
    (void)margin;
    return false;
}

#endif
