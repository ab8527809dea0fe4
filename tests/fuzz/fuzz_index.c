/* The index file: what is believed is what would be written. The first byte of the input says whether
 * the checksum at the end is made right first; else nothing behind it would be reached. */
#include <string.h>

#include "base/bytes.h"
#include "tests/fuzz/fuzz.h"
#include "video/index.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    struct index x = {0}, y = {0};
    struct buf file, again;

    if (len < 1 || len > 1u << 20)
        return 0;
    buf_init(&file, 2u << 20);
    buf_init(&again, 2u << 20);
    buf_add(&file, data + 1, len - 1);
    if ((data[0] & 1) && file.len >= 4)
        bytes_put32le(file.data + file.len - 4, bytes_crc32c(0, file.data, file.len - 4));
    if (index_decode(file.data, file.len, &x) == ERR_OK) {
        index_encode(&x, &again);
        FUZZ_HOLDS(!again.failed && again.len == file.len);
        FUZZ_HOLDS(memcmp(again.data, file.data, file.len) == 0);
        FUZZ_HOLDS(index_decode(again.data, again.len, &y) == ERR_OK && y.count == x.count);
    }
    index_free(&x);
    index_free(&y);
    buf_free(&file);
    buf_free(&again);
    return 0;
}

void fuzz_seeds(fuzz_put *put, void *context)
{
    struct index_entry entries[] = {{0, 100}, {100, 0}, {160, 4000}};
    struct index x = {entries, 3, 426, 240, 1, 4160, 1700000000000000000};
    struct buf out;

    buf_init(&out, 4096);
    for (uint8_t right = 0; right < 2; right++) {
        buf_clear(&out);
        buf_add8(&out, right);
        index_encode(&x, &out);
        put(context, out.data, out.len);
    }
    buf_free(&out);
}
