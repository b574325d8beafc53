#include <string.h>

#include "src/codec.h"
#include "src/schema.h"

enum wire { VARINT = 0, FIXED64 = 1, SIZED = 2 };

static size_t size_of(const struct drvr_schema* schema, const void* in);
static uint8_t* write(const struct drvr_schema* schema, const void* in,
                      uint8_t* out);

/* ---- Sizes -------------------------------------------------------------- */

static size_t varint_size(uint64_t value) {
  size_t size = 1;
  while (value >= 128) {
    value >>= 7;
    size++;
  }
  return size;
}

static size_t tag_size(const struct drvr_field* field) {
  return field->number < 16 ? 1 : 2;
}

static size_t sized_size(const struct drvr_field* field, size_t content) {
  return tag_size(field) + varint_size(content) + content;
}

/* The content of the packed numbers alone. */
static size_t numbers_size(const struct drvr_numbers* numbers) {
  size_t size = 0;
  uint32_t i;
  for (i = 0; i < numbers->count; i++) size += varint_size(numbers->items[i]);
  return size;
}

static uint32_t list_count(const struct drvr_field* field, const void* list) {
  const uint8_t* end =
      (const uint8_t*)list + (size_t)field->capacity * field->message->size;
  return *(const uint32_t*)(const void*)end;
}

static size_t list_size(const struct drvr_field* field, const void* list) {
  const uint8_t* item = list;
  uint32_t count = list_count(field, list);
  size_t size = 0;
  for (; count > 0; count--, item += field->message->size) {
    size += sized_size(field, size_of(field->message, item));
  }
  return size;
}

/* A double is left out where all its bits are 0, so that -0.0 is written. */
static uint64_t double_bits(const void* place) {
  uint64_t bits;
  memcpy(&bits, place, sizeof(bits));
  return bits;
}

static uint64_t number_at(const struct drvr_field* field, const void* place) {
  return field->kind == DRVR_U64 ? *(const uint64_t*)place
                                 : *(const uint32_t*)place;
}

static size_t field_size(const struct drvr_field* field, const uint8_t* in) {
  const void* place = in + field->offset;
  const struct drvr_to_supervisor* envelope = (const void*)in;
  uint64_t number;
  size_t size;
  switch (field->kind) {
    case DRVR_U32:
    case DRVR_U64:
    case DRVR_BOOL:
      number = number_at(field, place);
      return number == 0 ? 0 : tag_size(field) + varint_size(number);
    case DRVR_DOUBLE:
      return double_bits(place) == 0 ? 0 : tag_size(field) + 8;
    case DRVR_NUMBERS:
      size = numbers_size(place);
      return size == 0 ? 0 : sized_size(field, size);
    case DRVR_LIST:
      return list_size(field, place);
    case DRVR_BODY:
      if (envelope->body != field->number) return 0;
      return sized_size(field, size_of(field->message, place));
    default: /* bytes; a worker writes no string and no plain message */
      size = ((const struct drvr_bytes*)place)->size;
      return size == 0 ? 0 : sized_size(field, size);
  }
}

static size_t size_of(const struct drvr_schema* schema, const void* in) {
  size_t size = 0;
  int i;
  for (i = 0; i < schema->count; i++)
    size += field_size(&schema->fields[i], in);
  return size;
}

/* ---- Bytes -------------------------------------------------------------- */

static uint8_t* write_varint(uint64_t value, uint8_t* out) {
  while (value >= 128) {
    *out++ = (uint8_t)(value | 128);
    value >>= 7;
  }
  *out++ = (uint8_t)value;
  return out;
}

static uint8_t* write_tag(const struct drvr_field* field, enum wire wire,
                          uint8_t* out) {
  return write_varint(((uint32_t)field->number << 3) | (uint32_t)wire, out);
}

static uint8_t* write_bytes(const struct drvr_field* field,
                            const struct drvr_bytes* bytes, uint8_t* out) {
  if (bytes->size == 0) return out;
  out = write_tag(field, SIZED, out);
  out = write_varint(bytes->size, out);
  memcpy(out, bytes->data, bytes->size);
  return out + bytes->size;
}

static uint8_t* write_double(const struct drvr_field* field, uint64_t bits,
                             uint8_t* out) {
  int i;
  if (bits == 0) return out;
  out = write_tag(field, FIXED64, out);
  for (i = 0; i < 8; i++) *out++ = (uint8_t)(bits >> (8 * i));
  return out;
}

static uint8_t* write_numbers(const struct drvr_field* field,
                              const struct drvr_numbers* numbers,
                              uint8_t* out) {
  uint32_t i;
  if (numbers->count == 0) return out;
  out = write_tag(field, SIZED, out);
  out = write_varint(numbers_size(numbers), out);
  for (i = 0; i < numbers->count; i++) {
    out = write_varint(numbers->items[i], out);
  }
  return out;
}

static uint8_t* write_message(const struct drvr_field* field, const void* in,
                              uint8_t* out) {
  out = write_tag(field, SIZED, out);
  out = write_varint(size_of(field->message, in), out);
  return write(field->message, in, out);
}

static uint8_t* write_list(const struct drvr_field* field, const void* list,
                           uint8_t* out) {
  const uint8_t* item = list;
  uint32_t count = list_count(field, list);
  for (; count > 0; count--, item += field->message->size) {
    out = write_message(field, item, out);
  }
  return out;
}

static uint8_t* write_number(const struct drvr_field* field, uint64_t number,
                             uint8_t* out) {
  if (number == 0) return out;
  return write_varint(number, write_tag(field, VARINT, out));
}

static uint8_t* write_field(const struct drvr_field* field, const uint8_t* in,
                            uint8_t* out) {
  const void* place = in + field->offset;
  const struct drvr_to_supervisor* envelope = (const void*)in;
  switch (field->kind) {
    case DRVR_U32:
    case DRVR_U64:
    case DRVR_BOOL:
      return write_number(field, number_at(field, place), out);
    case DRVR_DOUBLE:
      return write_double(field, double_bits(place), out);
    case DRVR_NUMBERS:
      return write_numbers(field, place, out);
    case DRVR_LIST:
      return write_list(field, place, out);
    case DRVR_BODY:
      if (envelope->body != field->number) return out;
      return write_message(field, place, out);
    default:
      return write_bytes(field, place, out);
  }
}

static uint8_t* write(const struct drvr_schema* schema, const void* in,
                      uint8_t* out) {
  int i;
  for (i = 0; i < schema->count; i++) {
    out = write_field(&schema->fields[i], in, out);
  }
  return out;
}

size_t drvr_encoded_size(const struct drvr_to_supervisor* message) {
  return size_of(&drvr_to_supervisor_schema, message);
}

uint8_t* drvr_encode(const struct drvr_to_supervisor* message, uint8_t* out) {
  return write(&drvr_to_supervisor_schema, message, out);
}
