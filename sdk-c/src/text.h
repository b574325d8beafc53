/* UTF-8 and the protocol's names. */
#ifndef DROVER_SRC_TEXT_H_
#define DROVER_SRC_TEXT_H_

#include <stddef.h>
#include <stdint.h>

/* The longest text that is sent. */
#define DRVR_TEXT_MAX 256
/* The longest pool, listener, gauge or topic name. */
#define DRVR_NAME_MAX 63

/* 1 = the bytes are UTF-8: no overlong form, no surrogate, none above
 * U+10FFFF. */
int drvr_is_utf8(const uint8_t* data, size_t size);

/* The length that is left when a text is cut to `max` bytes at the border of a
 * code point. Works on bytes that are not UTF-8 as well. */
size_t drvr_cut(const uint8_t* data, size_t size, size_t max);

/* 1 = a lower-case letter, then at most 62 of lower-case letters, digits and
 * the characters in `others`. */
int drvr_is_name(const char* data, size_t size, const char* others);

#endif /* DROVER_SRC_TEXT_H_ */
