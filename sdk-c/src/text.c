#include "src/text.h"

#include <string.h>

static int is_tail(uint8_t byte) { return (byte & 0xc0) == 0x80; }

/* The length of the sequence at `data`, 0 if it is none. The second byte's
 * range rules out overlong forms, surrogates and what is above U+10FFFF. */
static size_t sequence(const uint8_t* data, size_t size) {
  uint8_t first = data[0];
  uint8_t low = 0x80;
  uint8_t high = 0xbf;
  size_t length, i;
  if (first < 0x80) return 1;
  if (first < 0xc2 || first > 0xf4) return 0;
  length = first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4;
  if (first == 0xe0) low = 0xa0;
  if (first == 0xed) high = 0x9f;
  if (first == 0xf0) low = 0x90;
  if (first == 0xf4) high = 0x8f;
  if (size < length || data[1] < low || data[1] > high) return 0;
  for (i = 2; i < length; i++) {
    if (!is_tail(data[i])) return 0;
  }
  return length;
}

int drvr_is_utf8(const uint8_t* data, size_t size) {
  while (size > 0) {
    size_t length = sequence(data, size);
    if (length == 0) return 0;
    data += length;
    size -= length;
  }
  return 1;
}

size_t drvr_cut(const uint8_t* data, size_t size, size_t max) {
  size_t end = max;
  if (size <= max) return size;
  while (end > 0 && max - end < 4 && is_tail(data[end])) end--;
  /* Four tails in a row are no code point: cut where it was asked for. */
  return end > 0 && is_tail(data[end]) ? max : end;
}

int drvr_is_name(const char* data, size_t size, const char* others) {
  size_t i;
  if (size == 0 || size > DRVR_NAME_MAX) return 0;
  if (data[0] < 'a' || data[0] > 'z') return 0;
  for (i = 1; i < size; i++) {
    char c = data[i];
    int plain = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
    if (!plain && (c == '\0' || strchr(others, c) == NULL)) return 0;
  }
  return 1;
}
