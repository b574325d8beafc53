/*
 * Protocol Buffers' wire format, driven by the tables of schema.h. Accepts and
 * refuses what libprotobuf does: unknown fields and groups are skipped, the
 * last scalar wins, messages that occur twice are merged, integers are cut to
 * their type, a `string` must be UTF-8. Reads nothing outside the given bytes,
 * allocates nothing, recurses three deep at most.
 */
#ifndef DROVER_SRC_CODEC_H_
#define DROVER_SRC_CODEC_H_

#include <stddef.h>
#include <stdint.h>

#include "src/message.h"

/* Decodes one envelope. 1 = done, 0 = the bytes are not one (`message` is then
 * undefined). Slices of `message` point into `data`. */
int drvr_decode(const uint8_t* data, size_t size,
                struct drvr_to_worker* message);

/* The number of bytes that drvr_encode will write. */
size_t drvr_encoded_size(const struct drvr_to_supervisor* message);

/* Writes exactly drvr_encoded_size() bytes to `out`; byte for byte what
 * libprotobuf writes. Returns the end of what was written. */
uint8_t* drvr_encode(const struct drvr_to_supervisor* message, uint8_t* out);

#endif /* DROVER_SRC_CODEC_H_ */
